"""parallel → one operation that forks, and code units of their own for the branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.workflows import syntax
from emulator.workflows.code import END, RUN, WAIT, Code, Evaluate, Frame, Label, Operation
from emulator.workflows.errors import error, type_error, value_error
from emulator.workflows.lay_loops import limits_of, listed, loop_store, source_of
from emulator.workflows.layout import Layout, Spot
from emulator.workflows.memory import Store
from emulator.workflows.observer import StepInfo
from emulator.workflows.scopes import Scope
from emulator.workflows.values import copy_of


@dataclass(frozen=True, slots=True)
class Fork:
    """What a parallel step starts: so many threads, each set up when its turn comes."""

    count: int
    limit: int | None
    start: Callable[[int, Frame, Any], tuple[str, Code, Frame]]
    """Number, frame outside and run → name of the branch, code, frame."""


def kind_of_parallel(_: Any, action: syntax.Parallel) -> str:
    return "STEP_PARALLEL_BRANCH" if action.loop is None else "STEP_PARALLEL_FOR"


def parallel(
    layout: Layout, action: syntax.Parallel, spot: Spot, info: StepInfo, after: Label
) -> None:
    limit = None
    if action.concurrency is not None:
        limit = layout.value(action.concurrency, spot, info)
    if action.loop is not None:
        fork = forking_loop(layout, action.loop, spot, info, limit)
    else:
        fork = forking_branches(layout, action.branches, spot, info, limit)

    def make() -> Operation:
        position = int(after)

        def receive(_: Frame, __: Any) -> int:
            return position

        def run(frame: Frame) -> int:
            run = frame[RUN]
            thread = run.current
            if thread.nesting >= run.limits.parallel_depth:
                raise error("ParallelNestingError", "parallel steps are nested too deeply")
            thread.receive = receive
            run.fork(fork(frame), frame, info)
            return WAIT

        return run

    layout.add(make, action.at, info)


def concurrency(limit: Evaluate | None, frame: Frame) -> int | None:
    if limit is None:
        return None
    value = limit(frame)
    if type(value) is not int:
        raise type_error("'concurrency_limit' must be an integer")
    if value < 1:
        raise value_error("'concurrency_limit' must be positive")
    return value


def forking_branches(
    layout: Layout,
    branches: Sequence[syntax.Branch],
    spot: Spot,
    info: StepInfo,
    limit: Evaluate | None,
) -> Callable[[Frame], Fork]:
    codes = [branch_code(layout, branch, branch.steps, branch.name, info) for branch in branches]

    def start(number: int, frame: Frame, run: Any) -> tuple[str, Code, Frame]:
        return branches[number].name, codes[number], codes[number].frame(frame, run)

    return lambda frame: Fork(len(codes), concurrency(limit, frame), start)


def forking_loop(
    layout: Layout,
    loop: syntax.Loop,
    spot: Spot,
    info: StepInfo,
    limit: Evaluate | None,
) -> Callable[[Frame], Fork]:
    source = layout.value(source_of(loop), spot, info)
    shared = layout.expressions.may_share(source_of(loop).node, spot.scope)
    code = branch_code(layout, loop, loop.steps, spot.step, info)
    scope = layout.definition.scopes.of(loop)
    store = loop_store(loop.value, scope)
    index = None if loop.index is None else loop_store(loop.index, scope)

    def fork(frame: Frame) -> Fork:
        values = iterations(source(frame), ranged=loop.range is not None, shared=shared)
        start = starting(code, values, store, index)
        return Fork(len(values), concurrency(limit, frame), start)

    return fork


def iterations(value: Any, *, ranged: bool, shared: bool) -> Sequence[Any]:
    if not ranged:
        return copy_of(listed(value)) if shared else listed(value)
    first, last = limits_of(value)
    if type(first) is int and type(last) is int:
        return range(first, last + 1)
    return [first + n for n in range(int(last - first) + 1)] if first <= last else []


def starting(
    code: Code, values: Sequence[Any], store: Store, index: Store | None
) -> Callable[[int, Frame, Any], tuple[str, Code, Frame]]:
    def start(number: int, outer: Frame, run: Any) -> tuple[str, Code, Frame]:
        frame = code.frame(outer, run)
        store(frame, values[number])
        if index is not None:
            index(frame, number)
        return str(number), code, frame

    return start


def branch_code(
    layout: Layout,
    node: syntax.Branch | syntax.Loop,
    steps: tuple[syntax.Step, ...],
    name: str,
    info: StepInfo,
) -> Code:
    """A unit of its own, with its own frame, inside the frame of the step."""
    scope: Scope = layout.definition.scopes.of(node)
    outer = layout.assembler.code
    code = Code(outer.name, outer=outer)
    inner = layout.unit(code, scope)
    end = Label()
    entry = StepInfo(
        name, code.name, "STEP_PARALLEL_BRANCH_ENTRY", node.at.line, node.at.column,
        node.at.length, (*info.parents, info),
    )  # fmt: skip
    inner.add(lambda: lambda _: 1, node.at, entry)
    spot = Spot(name, scope, {}, end, again=end)
    inner.assembler.open = ()
    inner.inside(entry, lambda: inner.steps(steps, spot, end))
    inner.assembler.place(end)
    inner.add(lambda: ending, node.at)
    inner.assembler.finish()
    return code


def ending(frame: Frame) -> int:
    frame[RUN].free += 1
    return END
