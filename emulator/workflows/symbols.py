"""Every symbol of a definition must mean something before it may be deployed: variables,
subworkflows, library functions and their arguments (Workflows: Debug, "Deployment errors").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.workflows import syntax
from emulator.workflows.expressions.nodes import Call, Member, Name, Node, children, dotted
from emulator.workflows.library.catalog import (
    CONSTANTS,
    LIBRARY,
    connector_helper,
    is_connector,
)
from emulator.workflows.scopes import Scope
from emulator.workflows.source import Place, Problems
from emulator.workflows.syntax import Formula, Program, Routine


class Symbols:
    """Checks expressions and calls of one program."""

    def __init__(self, program: Program, problems: Problems) -> None:
        self.problems = problems
        self.routines = {routine.name: routine for routine in program.routines}

    def formula(self, formula: Formula | None, scope: Scope, what: str) -> None:
        if formula is not None:
            self.node(formula.node, scope, what)

    def node(self, node: Node, scope: Scope, what: str) -> None:
        """`what` is evaluated when it goes wrong: return value, condition …"""
        todo = [node]
        while todo:
            part = todo.pop()
            if isinstance(part, Call):
                self.call_inside(part, scope, what)
            elif isinstance(part, Name):
                self.name(part, scope, what)
            elif isinstance(part, Member) and self.is_constant(part, scope):
                continue
            todo.extend(children(part))

    def is_constant(self, node: Member, scope: Scope) -> bool:
        """`http.default_retry` and the like, unless a variable has the module's name."""
        name = dotted(node)
        return name in CONSTANTS and scope.find(name.split(".")[0]) is None

    def name(self, node: Name, scope: Scope, what: str) -> None:
        if scope.find(node.name) is None and node.name not in self.routines:
            self.unknown(node.at, node.name, what)

    def unknown(self, at: Place, name: str, what: str) -> None:
        self.problems.missing(
            at,
            f"error evaluating {what}: symbol '{name}' is neither a variable nor a"
            " sub-workflow name",
        )

    def call_inside(self, call: Call, scope: Scope, what: str) -> None:
        """A call in an expression: by position only, and never of what blocks."""
        if call.function in self.routines:
            self.count(call.at, call.function, len(call.arguments), what)
        elif call.function in LIBRARY:
            if LIBRARY[call.function].blocking:
                self.blocking(call, what)
            self.count(call.at, call.function, len(call.arguments), what)
        elif is_connector(call.function):
            if connector_helper(call.function) is None:
                self.blocking(call, what)
        else:
            self.unknown(call.at, call.function, what)

    def blocking(self, call: Call, what: str) -> None:
        self.problems.add(
            call.at,
            f"error evaluating {what}: function '{call.function}' blocks and can only be"
            " called by a call step",
        )

    def bounds(self, function: str) -> tuple[int, int]:
        if function in self.routines:
            parameters = self.routines[function].parameters
            return sum(1 for p in parameters if p.required), len(parameters)
        return LIBRARY[function].least, len(LIBRARY[function].parameters)

    def count(self, at: Place, function: str, given: int, what: str) -> None:
        least, most = self.bounds(function)
        if not least <= given <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            self.problems.add(
                at,
                f"error evaluating {what}: function '{function}' takes {wanted} argument(s),"
                f" got {given}",
            )

    # --- call steps

    def call_step(self, call: syntax.Call, scope: Scope) -> None:
        for name, formula in call.named:
            self.formula(formula, scope, f"argument '{name}'")
        for formula in call.positional:
            self.formula(formula, scope, "argument")
        if call.function in self.routines or call.function in LIBRARY:
            self.arguments(call)
        elif not is_connector(call.function):
            self.problems.add(
                call.at, f"call target '{call.function}' is neither a function nor a sub-workflow"
            )

    def arguments(self, call: syntax.Call) -> None:
        if call.positional:
            self.count(call.at, call.function, len(call.positional), "call")
            return
        known, required = self.parameters(call.function)
        given = [name for name, _ in call.named]
        for name in given:
            if name not in known:
                self.problems.add(call.at, f"unexpected argument '{name}' for '{call.function}'")
        for name in required:
            if name not in given:
                self.problems.add(call.at, f"missing argument '{name}' for '{call.function}'")

    def parameters(self, function: str) -> tuple[Sequence[str], Sequence[str]]:
        """All names, and those that must be given."""
        if function in self.routines:
            return names_of(self.routines[function])
        found = LIBRARY[function]
        return found.names, found.names[: found.least]


def names_of(routine: Routine) -> tuple[list[str], list[str]]:
    parameters: Iterable[syntax.Parameter] = routine.parameters
    return [p.name for p in parameters], [p.name for p in parameters if p.required]
