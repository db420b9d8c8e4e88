"""How many steps of a definition a run is billed for (Workflows pricing: billable steps).

An upper reading: every branch of a parallel step is taken, of a switch the longest entry, of
a loop whose list stands in the definition each item, of any other loop one iteration; nothing
fails, so no retry and no except. Every assignment of an assign step is billed on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

Json = Any
DEEPEST = 20
"""Workflows: call stack depth."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def billable_steps(source: str) -> int:
    """Of one run of a definition's `main`."""
    routines = yaml.load(source, LOADER)  # noqa: S506 - a safe loader, in C
    return Counter(routines).routine("main", DEEPEST)


class Counter:
    """The subworkflows of one definition, by name."""

    def __init__(self, routines: Mapping[str, Json]) -> None:
        self.routines = routines
        self.known: dict[tuple[str, int], int] = {}

    def routine(self, name: str, depth: int) -> int:
        if name not in self.routines or not depth:
            return 0
        if (name, depth) not in self.known:
            self.known[name, depth] = self.steps(self.routines[name].get("steps", ()), depth)
        return self.known[name, depth]

    def steps(self, steps: Sequence[Mapping[str, Json]], depth: int) -> int:
        return sum(self.step(body, depth) for step in steps for body in step.values())

    def step(self, body: Mapping[str, Json], depth: int) -> int:
        """One step and all inside it."""
        if "assign" in body:
            return len(body["assign"])
        if "call" in body:
            return 1 + self.routine(str(body["call"]), depth - 1)
        if "switch" in body:
            return 1 + max((self.step(entry, depth) for entry in body["switch"]), default=0)
        if "for" in body:
            return 1 + repeats(body["for"]) * (1 + self.steps(body["for"]["steps"], depth))
        return sum(1 + self.inside(part, depth) for part in parts_of(body)) or self.plain(
            body, depth
        )

    def inside(self, part: Mapping[str, Json], depth: int) -> int:
        return self.steps(part["steps"], depth) if "steps" in part else self.step(part, depth)

    def plain(self, body: Mapping[str, Json], depth: int) -> int:
        """Nested steps cost what is in them; return, raise and next are a step themselves."""
        return self.steps(body["steps"], depth) if "steps" in body else int("condition" not in body)


def parts_of(body: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Branches of a parallel step, or what a try tries: each costs a step to begin."""
    if "try" in body:
        yield body["try"]
        if "retry" in body:
            yield {"steps": ()}
    if "parallel" in body:
        parallel = body["parallel"]
        yield from (branch for named in parallel.get("branches", ()) for branch in named.values())
        if "for" in parallel:
            yield {"for": parallel["for"]}


def repeats(loop: Mapping[str, Json]) -> int:
    listed = loop.get("in")
    return len(listed) if isinstance(listed, list) else 1
