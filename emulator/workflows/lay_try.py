"""try, retry and except → operations (Workflows: Errors, Retry steps)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.code import RUN, Evaluate, Frame, Handler, Label, Operation
from emulator.workflows.effects import Sleep
from emulator.workflows.errors import LanguageError, type_error, value_error
from emulator.workflows.expressions.operators import NUMBERS, boolean
from emulator.workflows.expressions.resumable import Play
from emulator.workflows.functions import Predicate
from emulator.workflows.lay_simple import place
from emulator.workflows.layout import Layout, Spot, playing
from emulator.workflows.memory import forget, storing
from emulator.workflows.observer import StepInfo
from emulator.workflows.syntax import Formula
from emulator.workflows.values import type_name

Policy = Callable[[Frame], dict[str, Any]]


def try_(layout: Layout, action: syntax.Try, spot: Spot, info: StepInfo, after: Label) -> None:
    """The body under a handler; each attempt is a step, and so are retry and except."""
    assembler = layout.assembler
    error, attempt = assembler.temporary(), assembler.temporary()
    again, body = Label(), Label()
    layout.add(lambda: beginning(attempt, int(body)), place(info), info)
    assembler.place(again)
    layout.waited = True
    layout.add(lambda: repeating(attempt, int(body)), place(info), info)
    assembler.place(body)
    outer, assembler.handler = assembler.handler, Handler(Label(), error, info)
    handler = assembler.handler

    def lay() -> None:
        inner = assembler.info(spot.step, "STEP_TRY", place(info))
        assembler.code.counters[inner] = attempt
        layout.inside(inner, lambda: layout.body(action.body, spot, place(info), after))

    layout.inside(info, lay)
    assembler.handler = outer
    assembler.place(handler.entry)
    if action.retry is not None:
        retry(layout, action.retry, spot, info, (error, attempt, again))
    if action.handler is not None:
        except_(layout, action.handler, spot, info, (error, after))
    else:
        layout.add(lambda: raising(error), place(info))


def beginning(attempt: int, body: int) -> Operation:
    def run(frame: Frame) -> int:
        frame[attempt] = 0
        return body

    return run


def repeating(attempt: int, body: int) -> Operation:
    def run(frame: Frame) -> int:
        frame[attempt] += 1
        return body

    return run


def raising(error: int) -> Operation:
    """Nobody here takes it: the same error goes on, from where it was raised."""

    def run(frame: Frame) -> int:
        frame[RUN].free += 1
        raise frame[error]

    return run


# --- except


def except_(
    layout: Layout,
    action: syntax.Except,
    spot: Spot,
    info: StepInfo,
    state: tuple[int, Label],
) -> None:
    error, after = state
    scope = layout.definition.scopes.of(action)
    variable = scope.names[action.name]
    store = storing(variable, scope, copies=variable.mutated)
    clean = forget(list(scope.own()))
    body, leave = Label(), Label()

    def bind(frame: Frame) -> int:
        clean(frame)
        store(frame, frame[error].value)
        frame[error] = None
        return int(body)

    def done(frame: Frame) -> int:
        clean(frame)
        frame[RUN].free += 1
        return int(after)

    def lay() -> None:
        inner = layout.assembler.info(spot.step, "STEP_EXCEPT", action.at)
        layout.add(lambda: bind, action.at, inner)
        layout.assembler.place(body)
        at = replace(spot, scope=scope)
        layout.inside(inner, lambda: layout.steps(action.steps, at, leave))

    layout.inside(info, lay)
    layout.assembler.place(leave)
    layout.add(lambda: done, action.at)


# --- retry


def retry(
    layout: Layout,
    action: syntax.Retry,
    spot: Spot,
    info: StepInfo,
    state: tuple[int, int, Label],
) -> None:
    error, attempt, again = state
    decided = Label()

    def lay() -> None:
        inner = layout.assembler.info(spot.step, "STEP_RETRY", action.at)
        policy = policy_of(layout, action, spot, inner)
        enter = layout.definition.resumables.enter

        def play(frame: Frame) -> Play:
            found = policy(frame)
            delay = yield from delay_before(found, frame, frame[error], frame[attempt], enter)
            if delay is None:
                return int(decided)
            yield Sleep(delay)
            return int(again)

        layout.add(lambda: playing(play, inner), action.at, inner)

    layout.inside(info, lay)
    layout.assembler.place(decided)


def policy_of(layout: Layout, action: syntax.Retry, spot: Spot, info: StepInfo) -> Policy:
    """A map of predicate, max_retries and backoff, with what is left out left out."""
    if action.policy is not None:
        whole = layout.value(action.policy, spot, info)
        return lambda frame: a_map(whole(frame), "'retry'")
    parts: dict[str, Evaluate] = {}
    for name, formula in (("predicate", action.predicate), ("max_retries", action.max_retries)):
        if formula is not None:
            parts[name] = layout.value(formula, spot, info)
    if action.backoff is not None:
        parts["backoff"] = backoff_of(layout, action.backoff, spot, info)
    return lambda frame: {name: evaluate(frame) for name, evaluate in parts.items()}


def backoff_of(
    layout: Layout, backoff: syntax.Backoff | Formula, spot: Spot, info: StepInfo
) -> Evaluate:
    if isinstance(backoff, Formula):
        return layout.value(backoff, spot, info)
    given = {name: getattr(backoff, name) for name in ("initial_delay", "max_delay", "multiplier")}
    parts = {name: layout.value(f, spot, info) for name, f in given.items() if f is not None}
    return lambda frame: {name: evaluate(frame) for name, evaluate in parts.items()}


def delay_before(
    policy: dict[str, Any],
    frame: Frame,
    error: LanguageError,
    attempt: int,
    enter: Callable[[Frame, str, list[Any]], Any],
) -> Play:
    """Seconds until the next attempt, None to give up. `attempt` counts from 0."""
    predicate = policy.get("predicate")
    if predicate is not None and not isinstance(predicate, Predicate):
        raise type_error(f"'predicate' must be a function, got: {type_name(predicate)}")
    if attempt >= whole(policy.get("max_retries"), frame[RUN].context.choices.absent_max_retries):
        return None
    if predicate is not None and predicate.routine:
        decision = yield enter(frame, predicate.name, [error.value])
    else:
        decision = predicate is None or predicate.decide(error.value)
    if not boolean(decision, "result of the retry predicate"):
        return None
    return delay(a_map(policy.get("backoff") or {}, "'backoff'"), attempt, frame)


def whole(value: Any, default: int) -> int:
    if value is None:
        return default
    if type(value) not in NUMBERS:
        raise type_error(f"'max_retries' must be a number, got: {type_name(value)}")
    if value < 0:
        raise value_error("'max_retries' must not be negative")
    return int(value)


def delay(backoff: dict[str, Any], attempt: int, frame: Frame) -> float:
    """Initial × multiplierⁿ, at most max; no jitter."""
    initial = seconds(backoff, "initial_delay", 1)
    most = min(seconds(backoff, "max_delay", 60), frame[RUN].limits.wait)
    multiplier = seconds(backoff, "multiplier", 1.25)
    try:
        return float(min(initial * multiplier**attempt, most))
    except OverflowError:
        return float(most)


def seconds(backoff: dict[str, Any], name: str, default: float) -> float:
    value = backoff.get(name, default)
    if type(value) not in NUMBERS:
        raise type_error(f"'{name}' must be a number, got: {type_name(value)}")
    if not value >= 0:
        raise value_error(f"'{name}' must not be negative")
    return float(value)


def a_map(value: Any, what: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise type_error(f"{what} must be a map, got: {type_name(value)}")
    return value
