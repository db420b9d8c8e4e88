"""The steps of a run as they go, on stderr: coloured on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from emulator.workflows.effects import Failure, HttpCall, Request
from emulator.workflows.observer import StepInfo, ThreadView

Value = Any
QUIET = frozenset({"STEP_TRY", "STEP_EXCEPT", "STEP_CONDITION"})
"""Parts of a step that need no line of their own."""
OPENING = frozenset(
    {"STEP_FOR", "STEP_FOR_ITERATION", "STEP_PARALLEL_FOR", "STEP_PARALLEL_BRANCH",
     "STEP_PARALLEL_BRANCH_ENTRY", "STEP_TRY_RETRY_EXCEPT", "STEP_SUBWORKFLOW_CALL", "STEP_CALL",
     "STEP_STD_LIB_CALL", "STEP_CONNECTOR_CALL", "STEP_SWITCH"}
)  # fmt: skip
"""Steps that may take a while or hold others: told when they begin, too."""
KINDS = {
    "STEP_STD_LIB_CALL": "call",
    "STEP_CONNECTOR_CALL": "connector",
    "STEP_SUBWORKFLOW_CALL": "subworkflow",
    "STEP_PARALLEL_BRANCH": "parallel",
    "STEP_PARALLEL_BRANCH_ENTRY": "branch",
    "STEP_TRY_RETRY_EXCEPT": "try",
    "STEP_FOR_ITERATION": "iteration",
    "STEP_GOTO": "next",
}
"""Shorter than the Executions API's words."""
LONGEST = 100
NOTICED = 0.001
"""Seconds below which nobody wants to know how long a step took."""


def kind_of(step: StepInfo) -> str:
    return KINDS.get(step.kind) or step.kind.removeprefix("STEP_").lower().replace("_", " ")


def problem(payload: str) -> str:
    """Of an error value, its message and tags; any other as it is."""
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError:  # a text that UTF-8 cannot carry
        return payload[:LONGEST]
    if not isinstance(value, dict) or "message" not in value:
        return short(value)
    tags = value.get("tags") or []
    return f"{value['message']} [{', '.join(map(str, tags))}]" if tags else str(value["message"])


def short(value: Value) -> str:
    """One line of JSON, cut where it gets long."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def printable(text: str) -> str:
    """With a replacement character for what UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()


class Screen:
    """Lines with a mark and a colour."""

    def __init__(self, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet

    def line(self, text: str, style: str = "") -> None:
        """Cut at the edge of a terminal; whole elsewhere."""
        if not self._quiet:
            whole = not self._console.is_terminal
            self._console.print(
                Text(printable(text), style=style),
                soft_wrap=whole,
                no_wrap=True,
                overflow="ellipsis",
            )

    def always(self, text: str, style: str = "") -> None:
        self._console.print(Text(printable(text), style=style))


class Show:
    """The `Observer` of a run that somebody looks at."""

    hears_calls = False

    def __init__(self, screen: Screen, variables: bool) -> None:
        self._screen = screen
        self._begun = time.monotonic()
        self._open: dict[int, list[float]] = {}
        self._depth: dict[int, int] = {}
        self._seen: dict[tuple[int, str], dict[str, str]] | None = {} if variables else None

    def started(self, step: StepInfo, thread: ThreadView, iteration: int | None) -> None:
        stack = self._open.get(thread.id)
        if stack is None:
            stack = self._open[thread.id] = []
            above = thread.parent
            self._depth[thread.id] = 0 if above is None else self._level(above)
        if step.kind in OPENING:
            ordinal = "" if iteration is None else f" [{iteration}]"
            self._say("▸", step, thread, ordinal, "dim")
        stack.append(time.monotonic())

    def called(
        self, step: StepInfo, thread: ThreadView, callee: str, arguments: Mapping[str, Value]
    ) -> None:
        pass

    def answered(self, step: StepInfo, thread: ThreadView, value: Value) -> None:
        pass

    def ended(self, step: StepInfo, thread: ThreadView) -> None:
        seconds = self._close(thread)
        if step.kind not in QUIET:
            took = f"  {seconds:.3f} s" if seconds >= NOTICED else ""
            self._say("✓", step, thread, took, "green")
        self._changes(step, thread)

    def failed(self, step: StepInfo, thread: ThreadView, payload: str) -> None:
        self._close(thread)
        if step.kind not in QUIET:
            self._say("✗", step, thread, f"  {problem(payload)}", "red")

    def _close(self, thread: ThreadView) -> float:
        stack = self._open[thread.id]
        begun = stack.pop()
        if not stack:
            del self._open[thread.id]
        return time.monotonic() - begun

    def _level(self, thread: int) -> int:
        return self._depth.get(thread, 0) + len(self._open.get(thread, ()))

    def _say(self, mark: str, step: StepInfo, thread: ThreadView, tail: str, style: str) -> None:
        since = time.monotonic() - self._begun
        indent = "  " * self._level(thread.id)
        name = f"{step.name}" if step.routine == "main" else f"{step.routine}/{step.name}"
        branch = f"{thread.branch}: " if thread.branch and thread.branch != step.name else ""
        self._screen.line(
            f"{since:8.3f} {indent}{mark} {branch}{name}  {kind_of(step)}{tail}", style
        )

    def _changes(self, step: StepInfo, thread: ThreadView) -> None:
        if self._seen is None:
            return
        now = {name: short(value) for name, value in thread.variables().items()}
        scope = thread.id, step.routine
        outside = {} if thread.parent is None else self._seen.get((thread.parent, step.routine), {})
        before = self._seen.get(scope, outside)
        self._seen[scope] = now
        for name, text in now.items():
            if before.get(name) != text:
                self._screen.line(
                    f"{'':8} {'  ' * self._level(thread.id)}  {name} = {text}", "cyan"
                )


class Trace:
    """What is asked of the world, and what it answers."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def asked(self, request: Request) -> None:
        effect = request.effect
        what = f"{effect.method} {effect.url}" if isinstance(effect, HttpCall) else repr(effect)
        self._screen.line(f"{'':8} → {request.step}: {what}", "blue")

    def answered(self, request: Request, value: Value) -> None:
        if isinstance(value, Failure):
            self._screen.line(f"{'':8} ← {request.step}: {value.message} {list(value.tags)}", "red")
        else:
            self._screen.line(f"{'':8} ← {request.step}: {short(value)}", "blue")


def said(screen: Screen, entry: Mapping[str, Value]) -> None:
    """One line of sys.log."""
    payload = entry.get("textPayload", entry.get("jsonPayload"))
    text = payload if isinstance(payload, str) else short(payload)
    screen.always(f"{'':8} log {entry['severity']}: {text}", "magenta")
