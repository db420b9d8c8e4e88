"""Which pipelines of a project can be deployed, and what is in the way of the others.

A pipeline that cannot run here does not keep the others from running: a mistake counts only
for the pipelines that it concerns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployer.check import check
from deployer.errors import Problem, ProjectError
from deployer.load import survey
from deployer.model import Project

PIPELINES = "pipelines"


@dataclass(frozen=True, slots=True)
class Survey:
    """A project as far as it could be read, and what could not."""

    project: Project
    unread: tuple[Problem, ...] = ()

    def problems(self, chosen: Collection[str] = ()) -> tuple[Problem, ...]:
        """What must be mended before these pipelines, or all, can be deployed."""
        if not chosen:
            return in_order({*self.unread, *check(self.project)})
        own = {problem for problem in self.unread if self.concerns(problem, chosen)}
        return in_order({*own, *check(self.part(chosen))})

    def refuse(self, chosen: Collection[str] = ()) -> None:
        """No target is changed for what `check` finds problems in."""
        if found := self.problems(chosen):
            raise ProjectError(found, "" if chosen else self.way_out())

    def way_out(self) -> str:
        sound = self.split().sound
        if not sound:
            return ""
        them = "them" if len(sound) > 1 else "it"
        return f"sound: {', '.join(sound)}; --skip-refused deploys {them} without the rest"

    def part(self, chosen: Collection[str]) -> Project:
        pipelines = tuple(p for p in self.project.pipelines if p.id in chosen)
        return replace(self.project, pipelines=pipelines)

    def concerns(self, problem: Problem, chosen: Collection[str]) -> bool:
        """Whether it stands in one of these pipelines' folders, or in what all share."""
        folder = self.project.root / PIPELINES
        if not problem.path.is_relative_to(folder) or problem.path == folder:
            return True
        return problem.path.relative_to(folder).parts[0] in chosen

    def split(self) -> Split:
        """Those that can be deployed, and those that cannot."""
        found = {name: self.problems([name]) for name in self.names()}
        return Split(
            tuple(name for name, problems in found.items() if not problems),
            {name: problems for name, problems in found.items() if problems},
        )

    def names(self) -> tuple[str, ...]:
        """Of all pipelines, also of those that could not be read."""
        folder = self.project.root / PIPELINES
        inside = (p.path for p in self.unread if p.path.is_relative_to(folder))
        unread = {path.relative_to(folder).parts[0] for path in inside if path != folder}
        return tuple(sorted({*unread, *(str(p.id) for p in self.project.pipelines)}))


@dataclass(frozen=True, slots=True)
class Split:
    """The pipelines of a project, in two heaps."""

    sound: tuple[str, ...]
    refused: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


def surveyed(root: Path) -> Survey:
    """ProjectError when this is no project at all."""
    project, unread = survey(root)
    if project is None:
        raise ProjectError(unread)
    return Survey(project, unread)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (str(p.path), p.line, p.message)))
