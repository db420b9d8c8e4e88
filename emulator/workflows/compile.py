"""Program → code, once: `compiled` keeps the result with the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.assemble import Assembler
from emulator.workflows.code import RETURN, RUN, Code, Frame, Label
from emulator.workflows.expressions.compile import Expressions
from emulator.workflows.expressions.operators import Operators
from emulator.workflows.expressions.resumable import ResumableExpressions
from emulator.workflows.lay_calls import call, kind_of_call
from emulator.workflows.lay_loops import loop
from emulator.workflows.lay_parallel import kind_of_parallel, parallel
from emulator.workflows.lay_simple import assign, nothing, raise_, return_, steps, switch
from emulator.workflows.lay_try import try_
from emulator.workflows.layout import Definition, Lay, Layout, Spot, names_in
from emulator.workflows.routines import Entrances
from emulator.workflows.scopes import resolve
from emulator.workflows.syntax import Program, Routine


def kind(name: str) -> Callable[[Any, Any], str]:
    return lambda _, __: name


LAYS: dict[type, tuple[Callable[[Any, Any], str], Lay]] = {
    syntax.Assign: (kind("STEP_ASSIGN"), assign),
    syntax.Call: (kind_of_call, call),
    syntax.Switch: (kind("STEP_SWITCH"), switch),
    syntax.Loop: (kind("STEP_FOR"), loop),
    syntax.Parallel: (kind_of_parallel, parallel),
    syntax.Try: (kind("STEP_TRY_RETRY_EXCEPT"), try_),
    syntax.Raise: (kind("STEP_RAISE"), raise_),
    syntax.Return: (kind("STEP_RETURN"), return_),
    syntax.Steps: (kind("STEP_STEPS"), steps),
    syntax.Nothing: (kind("STEP_GOTO"), nothing),
}


@dataclass(frozen=True, slots=True)
class Compiled:
    codes: dict[str, Code]
    entrances: Entrances
    operators: Operators


def compiled(program: Program) -> Compiled:
    if "compiled" not in program.memo:
        program.memo["compiled"] = compile_program(program)
    found: Compiled = program.memo["compiled"]
    return found


def compile_program(program: Program) -> Compiled:
    scopes = resolve(program)
    operators = Operators(program.choices)
    codes = {routine.name: Code(routine.name) for routine in program.routines}
    entrances = Entrances(program, scopes, codes)
    expressions = Expressions(operators, frozenset(codes))
    resumables = ResumableExpressions(expressions, entrances.enter)
    definition = Definition(program, scopes, expressions, resumables, codes)
    for routine in program.routines:
        lay_routine(definition, routine)
    return Compiled(codes, entrances, operators)


def lay_routine(definition: Definition, routine: Routine) -> None:
    scope, code, end = definition.scopes.of(routine), definition.codes[routine.name], Label()
    code.names = tuple(names_in(scope))
    layout = Layout(definition, Assembler(code, len(scope.unit.variables)), LAYS)
    layout.steps(routine.steps, Spot("", scope, {}, end), end)
    layout.assembler.place(end)
    layout.add(lambda: falling_off, routine.at)
    layout.assembler.finish()


def falling_off(frame: Frame) -> int:
    """A routine without `return` gives null; this is no step."""
    run = frame[RUN]
    run.free += 1
    run.current.returned = None
    return RETURN
