"""Programs → code: lays out steps one after the other and joins them by labels."""

from __future__ import annotations

from collections.abc import Callable

from emulator.workflows.code import Code, Handler, Label, Operation, template
from emulator.workflows.observer import StepInfo
from emulator.workflows.source import Place

Make = Callable[[], Operation]


class Assembler:
    """Lays out one code unit: a routine, or a branch. Operations are made when all labels are
    placed, so that each knows the positions it goes on to.
    """

    def __init__(self, code: Code, variables: int) -> None:
        self.code = code
        self.variables = variables
        self.temporaries = 0
        self.makers: list[Make] = []
        self.handler: Handler | None = None
        self.open: tuple[StepInfo, ...] = ()

    def here(self) -> Label:
        label = Label()
        self.place(label)
        return label

    def place(self, label: Label) -> None:
        label.position = len(self.makers)

    def add(self, make: Make, at: Place, info: StepInfo | None = None) -> int:
        self.makers.append(make)
        self.code.places.append(at)
        self.code.infos.append(info)
        self.code.handlers.append(self.handler)
        return len(self.makers) - 1

    def temporary(self) -> int:
        """A slot for an intermediate value."""
        self.temporaries += 1
        return 1 + 2 * self.variables + self.temporaries

    def info(self, step: str, kind: str, at: Place) -> StepInfo:
        return StepInfo(step, self.code.name, kind, at.line, at.column, at.length, self.open)

    def finish(self) -> None:
        code = self.code
        code.template = template(self.variables, self.temporaries)
        code.sizes = slice(2 + self.variables, 2 + 2 * self.variables)
        code.operations = [make() for make in self.makers]
