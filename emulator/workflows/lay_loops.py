"""for → operations: one to begin, one per iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.code import RUN, Evaluate, Frame, Label, Operation
from emulator.workflows.errors import type_error
from emulator.workflows.expressions.operators import NUMBERS
from emulator.workflows.layout import Layout, Spot
from emulator.workflows.memory import Store, forget, storing
from emulator.workflows.observer import StepInfo
from emulator.workflows.scopes import Scope, Variable
from emulator.workflows.syntax import Loop
from emulator.workflows.values import copy_of, type_name

Begin = Callable[[Frame], None]


def loop(layout: Layout, action: Loop, spot: Spot, info: StepInfo, after: Label) -> None:
    """Begin → iterate ⇄ body; leaving frees what the body created."""
    inner = layout.definition.scopes.of(action)
    iterate, body, leave = Label(), Label(), Label()
    state = layout.assembler.temporary(), layout.assembler.temporary()
    counter = layout.assembler.temporary()
    source = layout.value(source_of(action), spot, info)
    begin = beginning(layout, action, spot.scope, source, state, counter)
    clean = cleaning(layout, action, inner)
    free = forget(list(inner.own()))
    layout.add(lambda: stepping(begin, int(iterate)), source_of(action).at, info)
    layout.assembler.place(iterate)
    advance = advancing(action, inner, state, counter)
    layout.waited = True
    layout.add(lambda: iterating(advance, clean, int(body), int(leave)), action.at, info)
    layout.assembler.place(body)
    at = replace(spot, scope=inner, targets={}, leave=leave, again=iterate)

    def lay() -> None:
        iteration = layout.assembler.info(spot.step, "STEP_FOR_ITERATION", action.at)
        layout.assembler.code.counters[iteration] = counter
        layout.inside(iteration, lambda: layout.steps(action.steps, at, iterate))

    layout.inside(info, lay)
    layout.assembler.place(leave)
    layout.add(lambda: leaving(free, int(after)), action.at)


def source_of(action: Loop) -> syntax.Formula:
    source = action.items if action.items is not None else action.range
    assert source is not None
    return source


def stepping(begin: Begin, after: int) -> Operation:
    def run(frame: Frame) -> int:
        begin(frame)
        return after

    return run


def beginning(
    layout: Layout,
    action: Loop,
    scope: Scope,
    source: Evaluate,
    state: tuple[int, int],
    counter: int,
) -> Begin:
    """State: the list and the next index, or the next number and the last one."""
    first, second = state
    shared = layout.expressions.may_share(source_of(action).node, scope)
    ranged = action.range is not None

    def begin(frame: Frame) -> None:
        value = source(frame)
        frame[counter] = -1
        if ranged:
            frame[first], frame[second] = limits_of(value)
        else:
            frame[first] = copy_of(listed(value)) if shared else listed(value)
            frame[second] = 0

    return begin


def listed(value: Any) -> list[Any]:
    if type(value) is not list:
        raise type_error(f"'in' of a for loop must be a list, got: {type_name(value)}")
    return value


def limits_of(value: Any) -> tuple[float, float]:
    if type(value) is not list or len(value) != 2:
        raise type_error("'range' of a for loop must be a list of two numbers")
    for number in value:
        if type(number) not in NUMBERS:
            raise type_error(f"'range' must hold numbers, got: {type_name(number)}")
    return value[0], value[1]


def advancing(
    action: Loop, scope: Scope, state: tuple[int, int], counter: int
) -> Callable[[Frame], bool]:
    """Set the loop variables for the next iteration; False when there is none."""
    store = loop_store(action.value, scope)
    if action.range is not None:
        return advance_range(store, state, counter)
    index = None if action.index is None else loop_store(action.index, scope)
    return advance_list(store, index, state, counter)


def loop_store(name: str, scope: Scope) -> Store:
    variable = scope.names[name]
    return storing(variable, scope, copies=variable.mutated)


def advance_range(store: Store, state: tuple[int, int], counter: int) -> Callable[[Frame], bool]:
    """Both ends included; the step is 1, of the type of the first number."""
    following, last = state

    def advance(frame: Frame) -> bool:
        value = frame[following]
        if not value <= frame[last]:
            return False
        frame[following] = value + 1
        frame[counter] += 1
        store(frame, value)
        return True

    return advance


def advance_list(
    store: Store, index: Store | None, state: tuple[int, int], counter: int
) -> Callable[[Frame], bool]:
    items, following = state

    def advance(frame: Frame) -> bool:
        number, found = frame[following], frame[items]
        if number >= len(found):
            return False
        frame[following] = number + 1
        frame[counter] = number
        store(frame, found[number])
        if index is not None:
            index(frame, number)
        return True

    return advance


def cleaning(layout: Layout, action: Loop, scope: Scope) -> Begin | None:
    """What the body created is gone at the next iteration."""
    kept = {action.value, action.index}
    created = [variable for variable in scope.own() if not keeps(variable, scope, kept)]
    if not created or not layout.expressions.choices.fresh_iterations:
        return None
    return forget(created)


def keeps(variable: Variable, scope: Scope, kept: set[str | None]) -> bool:
    return scope.names.get(variable.name) is variable and variable.name in kept


def iterating(
    advance: Callable[[Frame], bool], clean: Begin | None, body: int, leave: int
) -> Operation:
    def run(frame: Frame) -> int:
        if clean is not None:
            clean(frame)
        if advance(frame):
            return body
        frame[RUN].free += 1
        return leave

    return run


def leaving(free: Begin, after: int) -> Operation:
    """Not a step of its own."""

    def run(frame: Frame) -> int:
        free(frame)
        frame[RUN].free += 1
        return after

    return run
