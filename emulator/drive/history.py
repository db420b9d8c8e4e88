"""Step entries: what an execution did, step by step.

Called twice per step in the middle of a run, so it only notes; what the Executions API shows
is made when somebody asks (Executions API: StepEntry).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from emulator.clock import rfc3339
from emulator.drive.logs import ExecutionLog
from emulator.drive.values import encode
from emulator.workflows.observer import StepInfo, ThreadView

Value = Any
BRANCH = "STEP_PARALLEL_BRANCH_ENTRY"
KEPT = 5000
"""The latest entries of one execution; older ones are forgotten."""
IN_PROGRESS, SUCCEEDED, FAILED, CANCELLED = (
    "STATE_IN_PROGRESS",
    "STATE_SUCCEEDED",
    "STATE_FAILED",
    "STATE_CANCELLED",
)


CALLS = frozenset(
    {"STEP_CALL", "STEP_STD_LIB_CALL", "STEP_CONNECTOR_CALL", "STEP_SUBWORKFLOW_CALL"}
)


class Time(Protocol):
    """The time as an execution has it: when it is played again, what it was then."""

    @property
    def replaying(self) -> bool: ...

    def now(self) -> float: ...


class Start:
    """Before an execution has a time of its own."""

    replaying = False

    def now(self) -> float:
        return 0.0


class Entry:
    """One time that a step ran."""

    __slots__ = (
        "ended", "id", "iteration", "last", "parent", "payload", "previous", "started", "state",
        "step", "thread", "variables",
    )  # fmt: skip

    def __init__(
        self, number: int, step: StepInfo, thread: int, iteration: int | None, started: float
    ) -> None:
        self.id = number
        self.step = step
        self.thread = thread
        self.iteration = iteration
        self.started = started
        self.ended = started
        self.state = IN_PROGRESS
        self.parent = 0
        self.previous = 0
        self.last = 0
        """The latest entry inside this one."""
        self.payload: str | None = None
        self.variables: dict[str, Value] | None = None

    def row(self) -> list[Value]:
        step = self.step
        return [
            self.id, step.name, step.routine, step.kind, self.thread, self.iteration,
            self.parent, self.previous, self.started, self.ended, self.state, self.payload,
            self.variables,
        ]  # fmt: skip


class History:
    """The `Observer` of one execution."""

    hears_calls = False

    def __init__(self, detailed: bool = False) -> None:
        self.clock: Time = Start()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._stacks: dict[int, list[Entry]] = {}
        self._count = 0
        self._outermost = 0
        self._detailed = detailed

    def started(self, step: StepInfo, thread: ThreadView, iteration: int | None) -> None:
        self._count += 1
        if iteration is None and thread.branch.isdigit() and step.kind == BRANCH:
            iteration = int(thread.branch)
        entry = Entry(self._count, step, thread.id, iteration, self.clock.now())
        stack = self._stacks.get(thread.id)
        if stack is None:
            stack = self._stacks[thread.id] = []
        around = stack[-1] if stack else self._around(thread)
        if around is None:
            entry.previous, self._outermost = self._outermost, entry.id
        else:
            entry.parent = around.id
            entry.previous, around.last = around.last, entry.id
        stack.append(entry)
        self._entries.append(entry)

    def _around(self, thread: ThreadView) -> Entry | None:
        """The parallel step that a branch belongs to."""
        stack = None if thread.parent is None else self._stacks.get(thread.parent)
        return stack[-1] if stack else None

    def called(
        self, step: StepInfo, thread: ThreadView, callee: str, arguments: Mapping[str, Value]
    ) -> None:
        pass

    def answered(self, step: StepInfo, thread: ThreadView, value: Value) -> None:
        pass

    def ended(self, step: StepInfo, thread: ThreadView) -> None:
        self._close(thread, SUCCEEDED)

    def failed(self, step: StepInfo, thread: ThreadView, payload: str) -> None:
        entry = self._close(thread, FAILED)
        if entry:
            entry.payload = payload

    def _close(self, thread: ThreadView, state: str) -> Entry | None:
        stack = self._stacks.get(thread.id)
        if not stack:
            return None
        entry = stack.pop()
        if not stack:
            del self._stacks[thread.id]
        entry.ended = self.clock.now()
        entry.state = state
        if self._detailed:
            entry.variables = {k: _shown(v) for k, v in thread.variables().items()}
        return entry

    def last(self) -> StepInfo | None:
        return self._entries[-1].step if self._entries else None

    def cancel(self) -> None:
        """What was still going on will not end any more."""
        for stack in self._stacks.values():
            for entry in stack:
                entry.state = CANCELLED
                entry.ended = self.clock.now()
        self._stacks.clear()

    def rows(self) -> list[list[Value]]:
        return [entry.row() for entry in self._entries]


class LoggedHistory(History):
    """Also writes calls, or just their errors, to the log service: `callLogLevel`.

    As Google describes them (Workflows: "Send logs to Cloud Logging", EngineCallLog): arguments
    and responses are JSON in strings.
    """

    def __init__(self, log: ExecutionLog, detailed: bool = False) -> None:
        super().__init__(detailed)
        self._log = log
        self._callees: dict[int, str] = {}
        """By the number of the call's entry, while it is open."""
        self.hears_calls = True

    def called(
        self, step: StepInfo, thread: ThreadView, callee: str, arguments: Mapping[str, Value]
    ) -> None:
        if entry := self._open(thread):
            self._callees[entry.id] = callee
        if self._log.calls:
            told = {name: {"argument": _text(value)} for name, value in arguments.items()}
            self._say(step, "BEGUN", {"callee": callee, "begun": {"namedArgs": told}})

    def answered(self, step: StepInfo, thread: ThreadView, value: Value) -> None:
        entry = self._open(thread)
        if entry is None:
            return
        if not self._log.calls:
            self._callees.pop(entry.id, None)
            return
        response = {} if value is None else {"response": _text(value)}
        self._say(step, "SUCCEEDED", self._about(entry, "succeeded", response))

    def failed(self, step: StepInfo, thread: ThreadView, payload: str) -> None:
        if entry := self._open(thread):
            raised = self._about(entry, "exceptionRaised", {"exception": payload})
            self._say(step, "EXCEPTION_RAISED", raised)
        super().failed(step, thread, payload)

    def _open(self, thread: ThreadView) -> Entry | None:
        stack = self._stacks.get(thread.id)
        return stack[-1] if stack else None

    def _about(self, entry: Entry, key: str, details: dict[str, Value]) -> dict[str, Value]:
        """Of the end of a call; one whose arguments failed has no name yet."""
        callee = self._callees.pop(entry.id, None)
        ended = {key: {"callStartTime": rfc3339(entry.started), **details}}
        return ended if callee is None else {"callee": callee, **ended}

    def _say(self, step: StepInfo, state: str, details: dict[str, Value]) -> None:
        """Once: playing an execution again is not living it again."""
        if step.kind in CALLS and not self.clock.replaying:
            self._log.call(step.name, state, details)


def _shown(value: Value) -> Value:
    """A copy that JSON can hold."""
    import orjson

    try:
        return orjson.loads(orjson.dumps(value))
    except TypeError:
        return encode(value).decode().strip()


def _text(value: Value) -> str:
    return encode(value).decode().strip()
