"""How a run looks while it goes on: a table that fills, plain lines, or JSON lines."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deployer.cli.console import is_terminal, number, plural, rich_console, say, took
from deployer.model import BlockId, Pipeline
from deployer.runs.watch import BlockDone, BlockStarted, Progress, RunOver, RunStarted
from runtime.contract import Status

if TYPE_CHECKING:
    from rich.table import Table

Json = Any


def follow(events: Iterable[Progress], pipeline: Pipeline, quiet: bool) -> RunOver:
    """Show everything until the end, and return how it ended."""
    view = RunView(pipeline)
    if quiet:
        return ended(view, events)
    if is_terminal():
        return followed_live(view, events)
    return followed_plainly(view, events)


def ended(view: RunView, events: Iterable[Progress]) -> RunOver:
    for event in events:
        view.note(event)
    assert view.over
    return view.over


def followed_plainly(view: RunView, events: Iterable[Progress]) -> RunOver:
    for event in events:
        view.note(event)
        if line := line_of(event):
            say(line)
    assert view.over
    return view.over


def followed_live(view: RunView, events: Iterable[Progress]) -> RunOver:
    from rich.live import Live

    console = rich_console()
    with Live(console=console, get_renderable=view.table, refresh_per_second=10):
        over = ended(view, events)
    say(over_line(over), "green" if over.worked else "bold red")
    return over


class RunView:
    """What is known of a run so far."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.run = ""
        self.began: dict[BlockId, float] = {}
        self.done: dict[BlockId, BlockDone] = {}
        self.over: RunOver | None = None

    def note(self, event: Progress) -> None:
        match event:
            case RunStarted(run):
                self.run = run
            case BlockStarted(block):
                self.began[block] = time.monotonic()
            case BlockDone(block):
                self.done[block] = event
            case RunOver():
                self.over = event

    def table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, title=f"run {self.run}", title_justify="left")
        for name, justify in COLUMNS:
            table.add_column(name, justify=justify)  # type: ignore[arg-type]  # a Literal
        for block in self.pipeline.blocks:
            table.add_row(*self.row(block.id))
        return table

    def row(self, block: BlockId) -> tuple[str, ...]:
        if found := self.done.get(block):
            return (mark(found), block, took(found.seconds), rows(found), tests(found))
        if self.over:
            failed = self.over.failure is not None and self.over.failure.block == block
            return ("[red]✗[/red]" if failed else "[dim]·[/dim]", block, "", "", "")
        if block in self.began:
            return ("…", block, took(time.monotonic() - self.began[block]), "", "")
        return (" ", block, "", "", "")

    def to_json(self) -> dict[str, Json]:
        assert self.over
        return {
            "run": self.over.run,
            "pipeline": self.pipeline.id,
            "state": self.over.state,
            "skipped": self.over.skipped or None,
            "seconds": self.over.seconds,
            "blocks": [asdict(found) for found in self.done.values()],
            "failure": asdict(self.over.failure) if self.over.failure else None,
        }


COLUMNS = (("", "left"), ("block", "left"), ("time", "right"), ("rows", "right"), ("tests", "left"))


def mark(found: BlockDone) -> str:
    return "[green]✓[/green]" if found.status == Status.DONE else "[yellow]⊘[/yellow]"


def rows(found: BlockDone) -> str:
    return "" if found.rows is None else number(found.rows)


def tests(found: BlockDone) -> str:
    told = f"{plural(found.tests, 'test')} passed" if found.tests else ""
    if found.children is not None:
        told = f"{plural(found.children, 'child')}  {told}".replace("childs", "children")
    return told


def line_of(event: Progress) -> str:
    match event:
        case RunStarted(run, pipeline):
            return f"run {run} of {pipeline} started"
        case BlockDone(block, status, seconds):
            extra = "".join(f", {part}" for part in (count(event), tests(event)) if part)
            if status == Status.CONDITION_FAILED:
                return f"{block}: skipped, as a condition was not met"
            told = "done" if status == Status.DONE else status.replace("_", " ")
            return f"{block}: {told} in {took(seconds)}{extra}"
        case RunOver():
            return over_line(event)
    return ""


def count(found: BlockDone) -> str:
    return "" if found.rows is None else plural(found.rows, "row")


def over_line(over: RunOver) -> str:
    if over.skipped:
        return f"run {over.run} skipped: {over.skipped}"
    return f"run {over.run} {over.state.lower()} after {took(over.seconds)}"
