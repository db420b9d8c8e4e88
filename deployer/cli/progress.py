"""How the performance of a plan looks while it goes on.

On a terminal each resource that is being changed has a line with a moving bar, its time and
its last word, above one bar for the whole; what is over scrolls away above them. Elsewhere
there is a line when something is over, and now and then a word of what takes long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from deployer.apply import Event, Failed, Finished, Progressed, Skipped, Started
from deployer.cli.console import is_terminal, rich_console, say, took
from deployer.cli.plans import MARKS, label_of
from deployer.plan import Action

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
}
LONG = 10.0
"""Seconds after which a plain log hears of what is still going on."""
WIDTH = 44


class Progress:
    """Told every event of a deploy, from whichever thread."""

    def __init__(
        self, quiet: bool = False, total: int = 0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.quiet = quiet
        self.total = total
        self.now = now
        self.lock = threading.Lock()
        self.bars: Bars | None = None
        self.whole: TaskID | None = None
        self.rows: dict[str, TaskID] = {}
        self.began: dict[str, float] = {}
        self.words: dict[str, str] = {}

    def __enter__(self) -> Self:
        if is_terminal() and not self.quiet:
            self.bars = bars()
            self.whole = self.bars.add_task("in all", total=self.total or None, word="")
            self.bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bars and self.whole is not None:
            self.bars.remove_task(self.whole)
            self.bars.stop()

    def tell(self, event: Event) -> None:
        with self.lock:
            if self.quiet:
                return
            if self.bars:
                self.draw(self.bars, event)
            else:
                self.mention(event)
            if line := line_of(event):
                say(*line)

    def draw(self, shown: Bars, event: Event) -> None:
        key = event.change.key
        match event:
            case Started(change):
                self.rows[key] = shown.add_task(short(label_of(change)), total=None, word="")
            case Progressed(_, message) if key in self.rows:
                shown.update(self.rows[key], word=message)
            case Finished() | Failed() | Skipped():
                if key in self.rows:
                    shown.remove_task(self.rows.pop(key))
                if self.whole is not None:
                    shown.advance(self.whole)

    def mention(self, event: Event) -> None:
        """A new word of what takes long."""
        key = event.change.key
        match event:
            case Started():
                self.began[key] = self.now()
            case Progressed(change, message):
                now = self.now()
                seconds = now - self.began.get(key, now)
                if seconds >= LONG and self.words.get(key) != message:
                    self.words[key] = message
                    say(f"… {label_of(change)}: {message} ({took(seconds)})", "dim")


def bars() -> Bars:
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn(),
        TextColumn(f"{{task.description:<{WIDTH}}}", markup=False),
        BarColumn(bar_width=16),
        TimeElapsedColumn(),
        TextColumn("{task.fields[word]}", style="dim", markup=False),
        console=rich_console(),
        transient=True,
    )


def short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


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
