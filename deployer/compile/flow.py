"""A shape → steps: sequences, parallel branches, lanes that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from deployer.compile.facts import Facts
from deployer.compile.routines import Steps
from deployer.compile.steps import BlockSteps
from deployer.dag.naps import FIRST_NAP
from deployer.dag.shape import Lanes, Parallel, Sequence, Shape, Task, blocks_of
from deployer.model import BlockId

Json = Any
BRANCHES = 10
"""Workflows: branches of one parallel step."""
FEW = 3
"""Fewer plain calls than this are not worth a loop."""
SWITCH = 50
"""Workflows: conditions of one switch."""


@dataclass(slots=True)
class Flow:
    """Writes the steps of shapes; numbers the forks as it meets them."""

    facts: Facts
    blocks: BlockSteps
    dense: bool = False
    """Blocks that differ in nothing but their service share one step."""
    forks: int = 0
    waits: Mapping[BlockId, tuple[BlockId, ...]] = field(default_factory=dict)
    """Of the lanes being written."""

    def of(self, shape: Shape) -> Steps:
        match shape:
            case Task(id=name):
                return self._task(name)
            case Sequence(parts=parts):
                groups = self._runs(parts) if self.dense else ((part,) for part in parts)
                return [step for group in groups for step in self._in_turn(group)]
            case Parallel(branches=branches):
                number = self._number()
                if self.dense and (services := self._alike(branches)):
                    step = f"side_by_side_{number}"
                    return [{step: {"parallel": {"for": self._table(step, services)}}}]
                return [self._fork(f"side_by_side_{number}", [self.of(b) for b in branches], shape)]
            case Lanes(lanes=lanes, waits=waits):
                self.waits = waits
                number = self._number()
                fork = self._fork(f"lanes_{number}", [self._lane(lane) for lane in lanes], shape)
                self.waits = {}
                return [fork]

    def _number(self) -> int:
        self.forks += 1
        return self.forks

    def _task(self, name: BlockId) -> Steps:
        steps = self.blocks.of(name)
        return [*self._wait(name, next(iter(steps[0]))), *steps]

    def _lane(self, names: tuple[BlockId, ...]) -> Steps:
        return [step for name in names for step in self._task(name)]

    def _wait(self, name: BlockId, first: str) -> Steps:
        """Until the answers of upstream blocks in other lanes are there."""
        above = self.waits.get(name, ())
        if not above:
            return []
        self.blocks.used.add("nap")
        step = self.facts.steps[name]
        there = " and ".join(f"{self.facts.answer(up)} != null" for up in above)
        ready = {"condition": f"${{{there}}}", "next": first}
        nap = {"call": "nap", "args": {"pause": "${pause}"}, "result": "pause"}
        return [
            {f"{step}_wait": {"assign": [{"pause": FIRST_NAP}]}},
            {f"{step}_look": {"switch": [ready]}},
            {f"{step}_nap": nap | {"next": f"{step}_look"}},
        ]

    def _fork(self, name: str, branches: list[Steps], shape: Parallel | Lanes) -> dict[str, Json]:
        """Branches by name while Workflows allows so many, else a parallel loop over numbers."""
        shared = list(self._shared(shape))
        fork: dict[str, Json] = {"shared": shared} if shared else {}
        if len(branches) <= BRANCHES:
            fork["branches"] = [
                {f"{name}_{n}": {"steps": steps}} for n, steps in enumerate(branches, 1)
            ]
        else:
            fork["for"] = {
                "value": f"n_{name}",
                "range": f"${{[1, {len(branches)}]}}",
                "steps": _choice(name, branches, 1),
            }
        return {name: {"parallel": fork}}

    def _alike(self, branches: tuple[Shape, ...]) -> list[str]:
        """The services of branches that are one plain call each; empty when one is more."""
        if not all(isinstance(branch, Task) for branch in branches):
            return []
        steps = [step for branch in branches for step in self.of(branch)]
        calls = [body for step in steps for body in step.values()]
        plain = all(
            body.get("call") == "call_block" and set(body["args"]) == {"service", "context"}
            for body in calls
        )
        alike = plain and len(calls) == len(branches)
        return [body["args"]["service"] for body in calls] if alike else []

    def _runs(self, parts: tuple[Shape, ...]) -> Iterator[tuple[Shape, ...]]:
        """Neighbouring plain calls together, everything else alone."""
        for plain, found in groupby(parts, lambda part: bool(self._alike((part,)))):
            group = tuple(found)
            yield from (group,) if plain else ((part,) for part in group)

    def _in_turn(self, group: tuple[Shape, ...]) -> Steps:
        if len(group) < FEW:
            return [step for part in group for step in self.of(part)]
        name = f"in_turn_{self._number()}"
        return [{name: {"for": self._table(name, self._alike(group))}}]

    def _table(self, name: str, services: list[str]) -> dict[str, Json]:
        """A loop over services, which is much shorter than as many steps."""
        args = {"service": f"${{s_{name}}}", "context": "${context}"}
        call = {f"{name}_block": {"call": "call_block", "args": args}}
        return {"value": f"s_{name}", "in": services, "steps": [call]}

    def _shared(self, shape: Shape) -> Iterator[str]:
        """Variables outside that these branches write."""
        kept = set(self.facts.kept)
        for block in blocks_of(shape):
            conditions = (c.id for c in self.facts.conditionals.get(block, ()))
            yield from (self.facts.answer(name) for name in (*conditions, block) if name in kept)


def _choice(name: str, branches: list[Steps], first: int) -> Steps:
    """Branch number n of many, by switches of at most 50 entries."""
    pieces = [branches[at : at + SWITCH] for at in range(0, len(branches), SWITCH)]
    if len(pieces) == 1:
        return [_switch(f"{name}_which", f"n_{name}", branches, first)]
    entries = []
    for number, piece in enumerate(pieces):
        start = first + number * SWITCH
        inner = _switch(f"{name}_which_{number + 1}", f"n_{name}", piece, start)
        last = start + len(piece) - 1
        entries.append({"condition": f"${{n_{name} <= {last}}}", "steps": [inner]})
    return [{f"{name}_which": {"switch": entries}}]


def _switch(step: str, variable: str, branches: list[Steps], first: int) -> dict[str, Json]:
    entries = [
        {"condition": f"${{{variable} == {number}}}", "steps": steps}
        for number, steps in enumerate(branches, first)
    ]
    return {step: {"switch": entries}}
