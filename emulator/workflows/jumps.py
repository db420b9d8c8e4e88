"""Where `next` may lead (Workflows: Jumps, "Using next").

Steps jump inside their region: a routine, one loop body, or one parallel branch. Out of a group
of steps always, into one only where `Choices` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.workflows import syntax
from emulator.workflows.choices import Choices
from emulator.workflows.source import Problems
from emulator.workflows.syntax import Body, Loop, Program, Step

Path = tuple[tuple[int, str], ...]
"""The groups that a step lies in, outermost first: identity and kind."""


@dataclass(frozen=True, slots=True)
class Source:
    """A jump, and where it stands."""

    jump: syntax.Jump
    step: str
    path: Path


@dataclass(slots=True, eq=False)
class Region:
    """Steps that may jump to one another."""

    kind: str
    """routine, loop, iteration or branch"""
    steps: tuple[Step, ...]
    in_branch: bool
    targets: dict[str, Path]
    jumps: list[Source]
    returns: list[tuple[Step, Body]]
    inner: list[Region]


def check_jumps(program: Program, problems: Problems) -> None:
    for routine in program.routines:
        problems.routine = routine.name
        region = survey("routine", routine.steps, in_branch=False)
        names: set[str] = set()
        check_names(region, problems, names)
        check_region(region, problems, program.choices, names)
    problems.step = ""


def survey(kind: str, steps: tuple[Step, ...], *, in_branch: bool) -> Region:
    region = Region(kind, steps, in_branch, {}, [], [], [])
    visit_steps(region, steps, ())
    return region


def visit_steps(region: Region, steps: tuple[Step, ...], path: Path) -> None:
    for step in steps:
        region.targets.setdefault(step.name, path)
        visit(region, step, step.body, path)


def visit(region: Region, step: Step, body: Body, path: Path) -> None:
    if body.next is not None:
        region.jumps.append(Source(body.next, step.name, path))
    match body.action:
        case syntax.Return():
            region.returns.append((step, body))
        case syntax.Steps(steps=steps):
            visit_steps(region, steps, (*path, (id(body), "steps")))
        case syntax.Switch(conditions=conditions):
            for condition in conditions:
                visit_condition(region, step, condition, path)
        case syntax.Try(body=inner, handler=handler):
            visit(region, step, inner, (*path, (id(inner), "try")))
            if handler is not None:
                visit_steps(region, handler.steps, (*path, (id(handler), "except")))
        case Loop(steps=steps):
            region.inner.append(survey("loop", steps, in_branch=region.in_branch))
        case syntax.Parallel() as parallel:
            region.inner.extend(branches_of(parallel))


def branches_of(parallel: syntax.Parallel) -> Iterator[Region]:
    for branch in parallel.branches:
        yield survey("branch", branch.steps, in_branch=True)
    if parallel.loop is not None:
        yield survey("iteration", parallel.loop.steps, in_branch=True)


def visit_condition(region: Region, step: Step, entry: syntax.Condition, path: Path) -> None:
    if entry.body is not None:
        visit(region, step, entry.body, (*path, (id(entry.body), "switch")))
    elif entry.next is not None:
        region.jumps.append(Source(entry.next, step.name, path))


def check_names(region: Region, problems: Problems, seen: set[str]) -> None:
    """Names are unique in a (sub)workflow, all levels together."""
    for step in named_steps(region.steps):
        problems.step = step.name
        if step.name in seen:
            problems.add(step.at, f"duplicate step name '{step.name}'")
        seen.add(step.name)
    for inner in region.inner:
        check_names(inner, problems, seen)


def named_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Steps with a name, of one region."""
    for step in steps:
        yield step
        yield from named_inside(step.body)


def named_inside(body: Body) -> Iterator[Step]:
    match body.action:
        case syntax.Steps(steps=steps):
            yield from named_steps(steps)
        case syntax.Switch(conditions=conditions):
            for condition in conditions:
                if condition.body is not None:
                    yield from named_inside(condition.body)
        case syntax.Try(body=inner, handler=handler):
            yield from named_inside(inner)
            if handler is not None:
                yield from named_steps(handler.steps)


def check_region(region: Region, problems: Problems, choices: Choices, names: set[str]) -> None:
    for source in region.jumps:
        problems.step = source.step
        complaint = complaint_about(source, region, choices, names)
        if complaint:
            problems.missing(source.jump.at, complaint)
    if region.in_branch:
        for step, body in region.returns:
            problems.step = step.name
            problems.add(body.at, "'return' is not allowed inside a parallel branch")
    for inner in region.inner:
        check_region(inner, problems, choices, names)


def complaint_about(
    source: Source, region: Region, choices: Choices, names: set[str]
) -> str | None:
    target = source.jump.target
    if target in RESERVED:
        return None if allowed(target, region, choices) else RESERVED[target]
    if target in region.targets:
        inside = entered(source.path, region.targets[target])
        closed = [kind for kind in inside if not open_(kind, choices)]
        return f"cannot jump into the '{closed[0]}' block of step '{target}'" if closed else None
    if target in names:
        return f"cannot jump to step '{target}': it lies in another loop, branch or block"
    return f"next step '{target}' is not defined"


RESERVED = {
    "end": "'next: end' is not allowed inside a parallel branch",
    "break": "'next: break' is only allowed in a for loop",
    "continue": "'next: continue' is only allowed in a for loop",
}


def allowed(target: str, region: Region, choices: Choices) -> bool:
    if target == "end":
        return not region.in_branch or choices.end_in_branch
    return region.kind == "loop" or (target == "continue" and region.kind == "iteration")


def entered(source: Path, target: Path) -> list[str]:
    """Kinds of the groups that a jump goes into."""
    common = sum(1 for a, b in zip(source, target, strict=False) if a == b)
    return [kind for _, kind in target[common:]]


def open_(kind: str, choices: Choices) -> bool:
    if kind in {"steps", "switch"}:
        return choices.jump_into_steps
    return kind == "try" and choices.jump_into_try
