"""Two runs of a pipeline side by side; what differs in the columns of their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.server.errors import StudioError
from studio.server.messages import BlockRun, Column, Comparison, RunInfo, SchemaChange

READ_AT_MOST = 64 * 1024 * 1024
"""Bytes of an output that is fetched for its columns alone."""
Columns = Callable[[str, str, int], list[Column]]
"""(run, block, output) → columns of the stored table."""


def compared(before: RunInfo, after: RunInfo, columns: Columns) -> Comparison:
    """`columns` is only asked for tables that both runs have."""
    changes: list[SchemaChange] = []
    unread: list[str] = []
    for block, number, size in tables_of_both(before, after):
        if size > READ_AT_MOST:
            unread.append(f"{block} output {number}")
            continue
        try:
            was = columns(before.id, block, number)
            now = columns(after.id, block, number)
        except StudioError:
            unread.append(f"{block} output {number}")
            continue
        change = schema_change(block, number, was, now)
        if change.added or change.removed or change.retyped:
            changes.append(change)
    return Comparison(before, after, changes, unread)


def tables_of_both(before: RunInfo, after: RunInfo) -> Iterator[tuple[str, int, int]]:
    """Block, output and the larger size of each table that is in both runs."""
    earlier = {run.block: run for run in before.blocks}
    for run in after.blocks:
        was = tables(earlier.get(run.block))
        for number, size in tables(run).items():
            if number in was:
                yield run.block, number, max(size, was[number])


def tables(run: BlockRun | None) -> dict[int, int]:
    return {o.number: o.bytes for o in run.outputs if o.rows is not None} if run else {}


def schema_change(block: str, number: int, was: list[Column], now: list[Column]) -> SchemaChange:
    old = {column.name: column.type for column in was}
    new = {column.name: column.type for column in now}
    return SchemaChange(
        block=block,
        output=number,
        added=[column for column in now if column.name not in old],
        removed=[column for column in was if column.name not in new],
        retyped=[
            [name, old[name], kind] for name, kind in new.items() if old.get(name, kind) != kind
        ],
    )
