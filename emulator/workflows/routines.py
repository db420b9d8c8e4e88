"""Entering a (sub)workflow: its frame with the arguments in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.workflows.code import RUN, Code, Frame, Invoke
from emulator.workflows.errors import error
from emulator.workflows.memory import checked_size, grow
from emulator.workflows.scopes import Scopes
from emulator.workflows.syntax import Program, Routine
from emulator.workflows.values import copy_of

MISSING = object()
"""In place of an argument that the caller left out; an explicit null is no such thing."""

Fill = Callable[[Any, list[Any]], Frame]
"""Run and arguments in order → the frame."""


def filling(code: Code, routine: Routine, scopes: Scopes) -> Fill:
    scope = scopes.of(routine)
    places = []
    for parameter in routine.parameters:
        variable = scope.find(parameter.name)
        assert variable is not None
        places.append((variable.slot, variable.size_slot, variable.mutated, parameter))

    def fill(run: Any, values: list[Any]) -> Frame:
        frame = code.frame(None, run)
        given = len(values)
        for number, (slot, size_slot, mutated, parameter) in enumerate(places):
            value = values[number] if number < given else MISSING
            if value is MISSING:
                value = absent(routine, parameter)
            frame[slot] = copy_of(value) if mutated else value
            frame[size_slot] = checked_size(run, value)
            grow(run, frame[size_slot])
        return frame

    return fill


def absent(routine: Routine, parameter: Any) -> Any:
    if parameter.required:
        raise error(
            "TypeError", f"missing argument '{parameter.name}' of subworkflow '{routine.name}'"
        )
    return parameter.default


class Entrances:
    """How to enter each routine of a program."""

    def __init__(self, program: Program, scopes: Scopes, codes: dict[str, Code]) -> None:
        self.codes = codes
        self.fills = {
            routine.name: filling(codes[routine.name], routine, scopes)
            for routine in program.routines
        }

    def enter(self, frame: Frame, name: str, values: list[Any]) -> Invoke:
        run = frame[RUN]
        if run.current.depth >= run.limits.call_depth:
            raise error("RecursionError", "maximum call depth exceeded")
        return Invoke(self.codes[name], self.fills[name](run, values))

    def main(self, run: Any, argument: Any) -> Frame:
        return self.fills["main"](run, [argument])
