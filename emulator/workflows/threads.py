"""Threads of an execution: the main one, and one per branch or iteration of a parallel step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.workflows.code import OUTER, Code, Frame, Invoke
from emulator.workflows.effects import Frame as StackFrame
from emulator.workflows.errors import LanguageError, tagged
from emulator.workflows.lay_parallel import Fork
from emulator.workflows.observer import StepInfo
from emulator.workflows.source import Place
from emulator.workflows.values import UNSET, to_json

Receive = Callable[[Frame, Any], int]
Saved = tuple[Code, Frame, int, Receive]


class Thread:
    """One line of execution, with the routines that it is in."""

    __slots__ = (
        "base",
        "branch",
        "calling",
        "code",
        "error",
        "frame",
        "id",
        "inbox",
        "inherited",
        "join",
        "nesting",
        "number",
        "open",
        "parent",
        "position",
        "receive",
        "returned",
        "stack",
    )

    def __init__(self, number: int, code: Code, frame: Frame) -> None:
        self.id = number
        self.code = code
        self.frame = frame
        self.position = 0
        self.stack: list[Saved] = []
        self.receive: Receive | None = None
        self.inbox: tuple[Any] | None = None
        """A reply that has come; a tuple, since it may be None."""
        self.calling: Invoke | None = None
        self.returned: Any = None
        self.parent: int | None = None
        self.branch = ""
        self.join: Join | None = None
        self.number = 0
        self.nesting = 0
        self.inherited = 0
        self.base = 0
        """Routines that the thread was forked in."""
        self.error: LanguageError | None = None
        self.open: list[list[StepInfo]] = [[]]
        """Open steps of each routine, when somebody observes."""

    @property
    def depth(self) -> int:
        return self.base + len(self.stack) + 1

    def trace(self, at: Place | None) -> tuple[StackFrame, ...]:
        """Where the thread is, innermost first."""
        frames = [stack_frame(self.code, self.position, at)]
        for code, _, position, _ in reversed(self.stack):
            frames.append(stack_frame(code, position, None))
        return tuple(frames)

    def current(self) -> Sequence[StepInfo]:
        return [steps[-1] for steps in self.open if steps]

    def variables(self) -> dict[str, Any]:
        """Of the innermost routine, those of the frames outside first."""
        found: dict[str, Any] = {}
        code: Code | None = self.code
        frame = self.frame
        layers = []
        while code is not None:
            layers.append((code, frame))
            code, frame = code.outer, frame[OUTER]
        for layer, values in reversed(layers):
            for name, slot in layer.names:
                if values[slot] is not UNSET:
                    found[name] = values[slot]
        return found


def stack_frame(code: Code, position: int, at: Place | None) -> StackFrame:
    place = at or code.places[position]
    info = code.infos[position]
    name = info.name if info is not None else ""
    return StackFrame(name, code.name, place.line, place.column, place.length)


class Join:
    """A parallel step under way: how many of its threads are to come, and what went wrong."""

    __slots__ = ("active", "done", "errors", "fork", "frame", "info", "next", "owner")

    def __init__(self, owner: Thread, fork: Fork, frame: Frame, info: StepInfo) -> None:
        self.owner = owner
        self.fork = fork
        self.frame = frame
        self.info = info
        self.next = 0
        self.active = 0
        self.done = 0
        self.errors: list[tuple[int, str, LanguageError]] = []

    @property
    def can_start(self) -> bool:
        limit = self.fork.limit
        return self.next < self.fork.count and (limit is None or self.active < limit)

    @property
    def named(self) -> bool:
        """Branches have names, iterations numbers."""
        return self.info.kind == "STEP_PARALLEL_BRANCH"

    @property
    def finished(self) -> bool:
        return self.done == self.fork.count

    def failure(self, most: int) -> LanguageError | None:
        """UnhandledBranchError, when any branch failed."""
        if not self.errors:
            return None
        listed = sorted(self.errors, key=lambda failed: failed[0])[:most]
        found = [branch_error(name, error) for _, name, error in listed]
        value = tagged(
            "UnhandledBranchError",
            "UnhandledBranchError: One or more branches or iterations encountered an"
            " unhandled runtime error",
            branches=found,
            truncated=len(self.errors) > most,
        )
        for *_, error in listed:
            value["tags"] += [tag for tag in tags_of(error.value) if tag not in value["tags"]]
        return LanguageError(value)


def branch_error(name: str, error: LanguageError) -> dict[str, Any]:
    stack = error.stack or ()
    return {
        "id": name,
        "error": {"context": context(error.value, stack), "payload": payload(error.value)},
    }


def tags_of(value: Any) -> list[str]:
    tags = value.get("tags") if type(value) is dict else None
    return [tag for tag in tags if type(tag) is str] if type(tags) is list else []


def payload(value: Any) -> str:
    """The error value as JSON text; what has no JSON form is named."""
    try:
        return to_json(value)
    except (LanguageError, ValueError, RecursionError):
        return to_json({"message": "the error value cannot be encoded as JSON", "tags": []})


def context(value: Any, stack: Sequence[StackFrame]) -> str:
    """First what happened, then where (Executions API: Error, "context")."""
    lines = [headline(value)]
    lines += [f'in step "{f.step}", routine "{f.routine}", line: {f.line}' for f in stack]
    return "\n".join(lines)


def headline(value: Any) -> str:
    if type(value) is dict and type(value.get("message")) is str and tags_of(value):
        return str(value["message"])
    return f"RuntimeError: {payload(value)}"
