"""How a plan and its performance look."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from deployer.apply import Event, Failed, Finished, Progressed, Skipped, Started
from deployer.cli.console import is_terminal, plural, rich_console, say, took
from deployer.plan import Action, Change, FieldChange, Plan

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

MARKS = {
    Action.CREATE: ("+", "green"),
    Action.UPDATE: ("~", "yellow"),
    Action.REPLACE: ("±", "yellow"),
    Action.KEEP: ("=", "dim"),
    Action.DELETE: ("-", "red"),
}
DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
}


def show_plan(plan: Plan, target: str) -> None:
    for change in plan.writes:
        mark, style = MARKS[change.action]
        reason = f"  ({change.reason})" if change.reason else ""
        say(f"{mark} {label_of(change)}{reason}", style)
        for field in change.fields:
            say(f"    {told(field)}", "dim")
    for note in plan.notes:
        say(f"note: {note}", "dim")
    say(summary(plan, target))


def told(field: FieldChange) -> str:
    """Rights are there or not; other fields have values."""
    why = f"  ({field.why})" if field.why else ""
    if all(value is None or value is True for value in (field.was, field.will)):
        return f"{'+' if field.will else '-'} {field.name}{why}"
    return f"{field.name}: {word(field.was)} → {word(field.will)}{why}"


def label_of(change: Change) -> str:
    return f"{change.kind} {change.title}"


def word(value: Any) -> str:
    return "–" if value is None else str(value)


def summary(plan: Plan, target: str) -> str:
    kept = plan.count(Action.KEEP)
    if not plan.writes:
        return f"{target}: nothing to change ({plural(kept, 'resource')} as planned)"
    counts = [
        f"{count} to {action}"
        for action in Action
        if action is not Action.KEEP
        if (count := plan.count(action))
    ]
    return f"{target}: {', '.join(counts)}, {kept} to keep"


class Progress:
    """Shows a deploy while it goes on: a line that changes per resource, or plain lines."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.running: dict[str, tuple[Change, str]] = {}
        self.lock = threading.Lock()
        self.live: Live | None = None

    def __enter__(self) -> Self:
        if is_terminal() and not self.quiet:
            from rich.live import Live

            self.live = Live(
                console=rich_console(), get_renderable=self.render, refresh_per_second=8
            )
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.live:
            self.live.stop()

    def render(self) -> Text:
        from rich.text import Text

        with self.lock:
            lines = [f"… {label_of(c)}  {said}" for c, said in self.running.values()]
        return Text("\n".join(lines), style="dim")

    def tell(self, event: Event) -> None:
        with self.lock:
            self.note(event)
        if not self.quiet and (line := line_of(event)):
            say(*line)

    def note(self, event: Event) -> None:
        match event:
            case Started(change):
                self.running[change.key] = (change, "")
            case Progressed(change, message):
                self.running[change.key] = (change, message)
            case _:
                self.running.pop(event.change.key, None)


def line_of(event: Event) -> tuple[str, str] | None:
    """Text and style of what is over; what only began is not worth a line."""
    match event:
        case Finished(change, seconds):
            mark, style = MARKS[change.action]
            return f"{mark} {label_of(change)} {DONE[change.action]} in {took(seconds)}", style
        case Failed(change):
            return f"✗ {label_of(change)} failed", "bold red"
        case Skipped(change, because):
            return f"· {label_of(change)} not tried: {because}", "dim"
    return None
