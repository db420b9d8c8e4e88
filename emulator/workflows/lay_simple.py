"""assign, call, return, raise, switch, steps and plain jumps → operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.code import RETURN, RUN, Evaluate, Frame, Label, Operation
from emulator.workflows.errors import LanguageError
from emulator.workflows.expressions.operators import boolean
from emulator.workflows.layout import Layout, Spot
from emulator.workflows.memory import Paths, Store, copies, measuring, storing
from emulator.workflows.observer import StepInfo
from emulator.workflows.source import Place
from emulator.workflows.syntax import Formula, Target
from emulator.workflows.values import SCALARS, WORD, copy_of

Write = Callable[[Frame], None]


def nothing(layout: Layout, _: Any, __: Spot, info: StepInfo, after: Label) -> None:
    layout.add(lambda: jump(int(after)), place(info), info)


def place(info: StepInfo) -> Place:
    return Place(info.line, info.column, info.length)


def jump(after: int) -> Operation:
    return lambda _: after


def steps(layout: Layout, action: syntax.Steps, spot: Spot, _: StepInfo, after: Label) -> None:
    """A group has no operation of its own."""
    layout.steps(action.steps, spot, after)


def return_(layout: Layout, action: syntax.Return, spot: Spot, info: StepInfo, _: Label) -> None:
    value = layout.value(action.value, spot, info)
    layout.add(lambda: returning(value), action.value.at, info)


def returning(value: Evaluate) -> Operation:
    def run(frame: Frame) -> int:
        frame[RUN].current.returned = value(frame)
        return RETURN

    return run


def raise_(layout: Layout, action: syntax.Raise, spot: Spot, info: StepInfo, _: Label) -> None:
    value = layout.value(action.value, spot, info)

    def run(frame: Frame) -> int:
        raise LanguageError(copy_of(value(frame)))

    layout.add(lambda: run, action.value.at, info)


# --- assign


def assign(layout: Layout, action: syntax.Assign, spot: Spot, info: StepInfo, after: Label) -> None:
    """One operation for all pairs, unless one of them must wait."""
    waits = layout.expressions.waits
    if not any(waits(part.node) for pair in action.pairs for part in parts(pair)):
        together(layout, action, spot, info, after)
        return
    for number, pair in enumerate(action.pairs):
        layout.waited = number > 0
        apart(layout, pair, spot, info, after if number + 1 == len(action.pairs) else None)


def parts(pair: tuple[Target, Formula]) -> list[Formula]:
    target, value = pair
    return [value, *(Formula(key) for key in target.path)]


def apart(
    layout: Layout,
    pair: tuple[Target, Formula],
    spot: Spot,
    info: StepInfo,
    after: Label | None,
) -> None:
    """Only the last operation of the step counts as a step."""
    target, formula = pair
    value = layout.value(formula, spot, info)
    keys = [layout.value(Formula(key, target.at), spot, info) for key in target.path]
    store = target_store(layout, target, formula, spot, keys)
    following = after or Label()

    def make() -> Operation:
        position, free = int(following), after is None

        def run(frame: Frame) -> int:
            frame[RUN].free += free
            store(frame, value(frame))
            return position

        return run

    layout.add(make, formula.at, info)
    if after is None:
        layout.assembler.place(following)


def together(
    layout: Layout, action: syntax.Assign, spot: Spot, info: StepInfo, after: Label
) -> None:
    if len(action.pairs) == 1:
        (target, formula), *_ = action.pairs
        value = layout.expressions.compile(formula.node, spot.scope)
        quick = quick_slots(target, spot)
        store = target_store(layout, target, formula, spot, path_keys(layout, target, spot))
        layout.add(lambda: assign_one(value, store, quick, int(after)), formula.at, info)
        return
    writes = [write(layout, target, formula, spot) for target, formula in action.pairs]
    places = [formula.at for _, formula in action.pairs]
    layout.add(lambda: assign_all(writes, places, int(after)), places[0], info)


def path_keys(layout: Layout, target: Target, spot: Spot) -> list[Evaluate]:
    return [layout.expressions.compile(key, spot.scope) for key in target.path]


def quick_slots(target: Target, spot: Spot) -> tuple[int, int] | None:
    """Slot and size slot of a plain variable of the same frame."""
    variable = spot.scope.find(target.name)
    assert variable is not None
    if target.path or variable.unit is not spot.scope.unit:
        return None
    return variable.slot, variable.size_slot


def assign_one(
    value: Evaluate, store: Store, quick: tuple[int, int] | None, after: int
) -> Operation:
    """Most programs spend their time here."""
    if quick is None:

        def run(frame: Frame) -> int:
            store(frame, value(frame))
            return after

        return run
    slot, size_slot = quick

    def run_quick(frame: Frame) -> int:
        new = value(frame)
        if type(new) in SCALARS and frame[size_slot] == WORD:
            frame[slot] = new
        else:
            store(frame, new)
        return after

    return run_quick


def write(layout: Layout, target: Target, formula: Formula, spot: Spot) -> Write:
    value = layout.expressions.compile(formula.node, spot.scope)
    store = target_store(layout, target, formula, spot, path_keys(layout, target, spot))
    return lambda frame: store(frame, value(frame))


def assign_all(writes: list[Write], places: list[Place], after: int) -> Operation:
    def run(frame: Frame) -> int:
        done = 0
        try:
            for each in writes:
                each(frame)
                done += 1
        except LanguageError as mistake:
            mistake.at = mistake.at or places[done]
            raise
        return after

    return run


def target_store(
    layout: Layout, target: Target, formula: Formula, spot: Spot, keys: list[Evaluate]
) -> Store:
    expressions, scope, node = layout.expressions, spot.scope, formula.node
    variable = scope.find(target.name)
    assert variable is not None
    if not target.path:
        return storing(
            variable,
            scope,
            copies=copies(expressions, variable, node, scope),
            measured=measuring(node, scope),
        )
    store = Paths(expressions.operators, expressions.choices).storing(variable, scope, keys)
    if expressions.is_fresh(node):
        return store
    return lambda frame, value: store(frame, copy_of(value))


# --- switch


def switch(layout: Layout, action: syntax.Switch, spot: Spot, info: StepInfo, after: Label) -> None:
    """Conditions in one operation as far as none must wait; then the inline bodies."""
    entries = [(condition, leads_to(condition, spot)) for condition in action.conditions]
    waiting = [layout.expressions.waits(condition.test.node) for condition in action.conditions]
    rest = entries
    while rest:
        count = next((n for n, waits in enumerate(waiting[1:], 1) if waits), len(rest))
        now, rest, waiting = rest[:count], rest[count:], waiting[count:]
        tests = [(layout.value(c.test, spot, info), label, c.test.at) for c, label in now]
        otherwise = Label() if rest else after
        add_tests(layout, tests, otherwise, info, counts=not rest)
        if rest:
            layout.assembler.place(otherwise)
            layout.waited = True
    layout.waited = False
    for condition, label in entries:
        entry(layout, condition, label, spot, info, after)


def add_tests(
    layout: Layout,
    tests: list[tuple[Evaluate, Label, Place]],
    otherwise: Label,
    info: StepInfo,
    *,
    counts: bool,
) -> None:
    def make() -> Operation:
        found = [(test, int(label), at) for test, label, at in tests]
        return switching(found, int(otherwise), counts=counts)

    layout.add(make, tests[0][2], info)


def switching(
    tests: list[tuple[Evaluate, int, Place]], otherwise: int, *, counts: bool
) -> Operation:
    def run(frame: Frame) -> int:
        for test, position, at in tests:
            try:
                value = test(frame)
                if value is True or (value is not False and boolean(value, "condition")):
                    return position
            except LanguageError as mistake:
                mistake.at = mistake.at or at
                raise
        if not counts:
            frame[RUN].free += 1
        return otherwise

    return run


def leads_to(condition: syntax.Condition, spot: Spot) -> Label:
    """A plain jump is known at once; a body is laid out behind the conditions."""
    if condition.body is None and condition.next is not None:
        return spot.target(condition.next.target)
    return Label()


def entry(
    layout: Layout,
    condition: syntax.Condition,
    label: Label,
    spot: Spot,
    info: StepInfo,
    after: Label,
) -> None:
    body = condition.body
    if body is None:
        return
    layout.assembler.place(label)

    def lay() -> None:
        inner = layout.assembler.info(spot.step, "STEP_CONDITION", condition.at)
        layout.inside(inner, lambda: layout.body(body, spot, condition.at, after))

    layout.inside(info, lay)
