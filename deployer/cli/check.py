"""`blocklift check`: every problem of a project at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deployer.cli.arguments import AsJson, ProjectPath
from deployer.cli.console import is_terminal, plural, rich_console, say, say_json

if TYPE_CHECKING:
    from deployer.errors import Problem
    from deployer.model import Project


def check(project: ProjectPath = Path(), as_json: AsJson = False) -> None:
    """Load and compile everything, list every problem; exit 1 when there is one."""
    from deployer.inspection import inspect

    found = inspect(project)
    if as_json:
        say_json(to_json(found.project, found.problems, found.remarks))
    else:
        show(found.project, found.problems, found.remarks)
    raise typer.Exit(1 if found.problems else 0)


def show(
    project: Project | None, problems: tuple[Problem, ...], remarks: tuple[Problem, ...]
) -> None:
    for problem in problems:
        tell(problem, "red")
    for remark in remarks:
        tell(remark, "yellow", "note: ")
    if project and is_terminal():
        rich_console().print(table(project))
    say(summary(project, problems), "red" if problems else "green")


def tell(problem: Problem, style: str, before: str = "") -> None:
    """`file:line: what is wrong`, relative to here so that terminals make it a link."""
    say(f"{before}{where(problem)}: {problem.message}", style)
    if problem.hint:
        say(f"    hint: {problem.hint}", "dim")


def where(problem: Problem) -> str:
    path = problem.path
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return f"{path}:{problem.line}" if problem.line else str(path)


def table(project: Project) -> Any:
    from rich.table import Table

    shown = Table("pipeline", "type", "blocks", "triggers", box=None, header_style="bold")
    for pipeline in project.pipelines:
        blocks, triggers = str(len(pipeline.blocks)), str(len(pipeline.triggers))
        shown.add_row(pipeline.id, pipeline.type, blocks, triggers)
    return shown


def summary(project: Project | None, problems: tuple[Problem, ...]) -> str:
    if project is None:
        return plural(len(problems), "problem")
    blocks = sum(len(pipeline.blocks) for pipeline in project.pipelines)
    counted = f"{plural(len(project.pipelines), 'pipeline')}, {plural(blocks, 'block')}"
    return f"{project.name}: {counted}, {plural(len(problems), 'problem')}"


def to_json(
    project: Project | None, problems: tuple[Problem, ...], remarks: tuple[Problem, ...]
) -> dict[str, Any]:
    pipelines = project.pipelines if project else ()
    return {
        "project": project.name if project else None,
        "pipelines": [
            {
                "name": pipeline.id,
                "type": pipeline.type,
                "blocks": len(pipeline.blocks),
                "triggers": len(pipeline.triggers),
            }
            for pipeline in pipelines
        ],
        "problems": [entry(problem) for problem in problems],
        "remarks": [entry(remark) for remark in remarks],
    }


def entry(problem: Problem) -> dict[str, Any]:
    return {
        "path": str(problem.path),
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
    }
