"""call → operations: subworkflows, the standard library, connectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.code import CALL, RUN, WAIT, Evaluate, Frame, Label, Operation
from emulator.workflows.effects import ConnectorCall
from emulator.workflows.expressions.resumable import Play
from emulator.workflows.functions import REQUIRED, Function
from emulator.workflows.layout import Definition, Layout, Spot, playing
from emulator.workflows.library.catalog import LIBRARY, connector_helper
from emulator.workflows.memory import Store, storing
from emulator.workflows.observer import StepInfo
from emulator.workflows.routines import MISSING
from emulator.workflows.syntax import Formula
from emulator.workflows.values import copy_of

Receive = Callable[[Frame, Any], int]
Tell = Callable[[Frame, list[Any]], None]
"""Says to whoever watches with which values something is called."""


def kind_of_call(definition: Definition, action: syntax.Call) -> str:
    if action.function in definition.codes:
        return "STEP_SUBWORKFLOW_CALL"
    if action.function in LIBRARY:
        return "STEP_STD_LIB_CALL"
    return "STEP_CONNECTOR_CALL"


def call(layout: Layout, action: syntax.Call, spot: Spot, info: StepInfo, after: Label) -> None:
    if action.function in layout.definition.codes:
        call_routine(layout, action, spot, info, after)
    elif action.function in LIBRARY:
        call_library(layout, action, spot, info, after)
    else:
        call_connector(layout, action, spot, info, after)


def argument(layout: Layout, formula: Formula, spot: Spot, info: StepInfo) -> Evaluate:
    """The value of an argument: nothing that the caller changes later."""
    value = layout.value(formula, spot, info)
    if layout.expressions.may_share(formula.node, spot.scope):
        return lambda frame: copy_of(value(frame))
    return value


def in_order(
    layout: Layout,
    action: syntax.Call,
    names: tuple[str, ...],
    spot: Spot,
    info: StepInfo,
) -> dict[str, Evaluate]:
    given = [*action.named, *zip(names, action.positional, strict=False)]
    return {name: argument(layout, formula, spot, info) for name, formula in given}


def call_routine(
    layout: Layout, action: syntax.Call, spot: Spot, info: StepInfo, after: Label
) -> None:
    routine = layout.definition.program.routine(action.function)
    names = tuple(parameter.name for parameter in routine.parameters)
    given = in_order(layout, action, names, spot, info)
    arguments = [given.get(name, missing) for name in names]
    store = result_store(action.result, spot)
    enter, name = layout.definition.resumables.enter, action.function

    def make() -> Operation:
        receive = receiving(store, int(after))

        def run(frame: Frame) -> int:
            thread = frame[RUN].current
            values = [each(frame) for each in arguments]
            called(frame, name, names, values)
            thread.calling = enter(frame, name, values)
            thread.receive = receive
            return CALL

        return run

    layout.add(make, action.at, info)


def called(frame: Frame, name: str, names: Sequence[str], values: Sequence[Any]) -> None:
    """For whoever watches and wants to hear of calls."""
    run = frame[RUN]
    if run.watch is not None and run.watch.hears_calls:
        pairs = zip(names, values, strict=False)
        given = {key: value for key, value in pairs if value is not MISSING}
        run.watch.called(run.current, name, given)


def answered(frame: Frame, value: Any) -> None:
    run = frame[RUN]
    if run.watch is not None and run.watch.hears_calls:
        run.watch.answered(run.current, value)


def missing(_: Frame) -> Any:
    return MISSING


def result_store(result: str | None, spot: Spot) -> Store | None:
    variable = None if result is None else spot.scope.find(result)
    return None if variable is None else storing(variable, spot.scope, copies=variable.mutated)


def receiving(store: Store | None, after: int) -> Receive:
    """A call without `result` drops the value."""

    def receive(frame: Frame, value: Any) -> int:
        answered(frame, value)
        if store is not None:
            store(frame, value)
        return after

    return receive


def call_library(
    layout: Layout, action: syntax.Call, spot: Spot, info: StepInfo, after: Label
) -> None:
    function = LIBRARY[action.function]
    given = in_order(layout, action, function.names, spot, info)
    arguments = [
        given[name] if name in given else constant(default) for name, default in function.parameters
    ]
    store = result_store(action.result, spot)

    def tell(frame: Frame, values: list[Any]) -> None:
        called(frame, action.function, function.names, values)

    def make() -> Operation:
        if function.play is not None:
            return playing(played(function, arguments, store, int(after), tell), info)
        if function.ask is not None:
            return asking(function, arguments, store, int(after), info, tell)
        return working(function, arguments, receiving(store, int(after)), tell)

    layout.add(make, action.at, info)


def constant(value: Any) -> Evaluate:
    assert value is not REQUIRED
    return lambda _: value


def working(
    function: Function, arguments: list[Evaluate], receive: Receive, tell: Tell
) -> Operation:
    work = function.work
    assert work is not None

    def run(frame: Frame) -> int:
        values = [each(frame) for each in arguments]
        tell(frame, values)
        return receive(frame, work(frame[RUN].context, *values))

    return run


def asking(
    function: Function,
    arguments: list[Evaluate],
    store: Store | None,
    after: int,
    info: StepInfo,
    tell: Tell,
) -> Operation:
    ask, answer, plain = function.ask, function.answer, receiving(store, after)
    assert ask is not None

    def receive(frame: Frame, value: Any) -> int:
        return plain(frame, value if answer is None else answer(frame[RUN].context, value))

    def run(frame: Frame) -> int:
        run = frame[RUN]
        values = [each(frame) for each in arguments]
        tell(frame, values)
        run.ask(ask(run.context, *values), info)
        run.current.receive = receive
        return WAIT

    return run


def played(
    function: Function, arguments: list[Evaluate], store: Store | None, after: int, tell: Tell
) -> Callable[[Frame], Play]:
    play = function.play
    assert play is not None

    def run(frame: Frame) -> Play:
        values = [each(frame) for each in arguments]
        tell(frame, values)
        value = yield from play(frame[RUN].context, *values)
        answered(frame, value)
        if store is not None:
            store(frame, value)
        return after

    return run


def call_connector(
    layout: Layout, action: syntax.Call, spot: Spot, info: StepInfo, after: Label
) -> None:
    names = connector_helper(action.function) or ()
    given = in_order(layout, action, names, spot, info)
    store = result_store(action.result, spot)

    def make() -> Operation:
        receive = receiving(store, int(after))

        def run(frame: Frame) -> int:
            values = {name: each(frame) for name, each in given.items()}
            called(frame, action.function, tuple(values), list(values.values()))
            frame[RUN].ask(ConnectorCall(action.function, values), info)
            frame[RUN].current.receive = receive
            return WAIT

        return run

    layout.add(make, action.at, info)
