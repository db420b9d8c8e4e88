"""Step entries as the API shows them, made of the rows that the history keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.clock import rfc3339, unix
from emulator.rpc.filters import Field

Json = Any
PROGRESS = {
    "STEP_FOR_ITERATION": "PROGRESS_TYPE_FOR",
    "STEP_PARALLEL_BRANCH_ENTRY": "PROGRESS_TYPE_PARALLEL_FOR",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`emulator.drive.history.Entry.row`, with names."""

    id: int
    step: str
    routine: str
    kind: str
    thread: int
    iteration: int | None
    parent: int
    previous: int
    started: float
    ended: float
    state: str
    payload: str | None
    variables: dict[str, Json] | None


def entries(execution: str, rows: Iterable[list[Json]]) -> list[dict[str, Json]]:
    """In the order of starting."""
    found = [Row(*row) for row in rows]
    children: dict[int, list[str]] = defaultdict(list)
    following: dict[int, int] = {}
    for row in found:
        children[row.parent].append(str(row.id))
        following[row.previous] = row.id
    return [_entry(execution, row, children[row.id], following.get(row.id)) for row in found]


def _entry(execution: str, row: Row, children: list[str], after: int | None) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "name": f"{execution}/stepEntries/{row.id}",
        "createTime": rfc3339(row.started),
        "updateTime": rfc3339(row.ended),
        "routine": row.routine,
        "step": row.step,
        "stepType": row.kind,
        "state": row.state,
        "entryId": str(row.id),
        "navigationInfo": _navigation(row, children, after),
        "stepEntryMetadata": _metadata(row),
    }
    if row.payload is not None:
        entry["exception"] = {"payload": row.payload}
    if row.variables is not None:
        entry["variableData"] = {"variables": row.variables}
    return entry


def _navigation(row: Row, children: list[str], after: int | None) -> dict[str, Json]:
    """int64 as strings; zeros left out."""
    links = {"parent": row.parent, "previous": row.previous, "next": after}
    shown: dict[str, Json] = {name: str(number) for name, number in links.items() if number}
    return {**shown, "children": children} if children else shown


def _metadata(row: Row) -> dict[str, Json]:
    metadata: dict[str, Json] = {"threadId": str(row.thread)} if row.thread else {}
    if row.iteration is None:
        return metadata
    kind = PROGRESS.get(row.kind, "PROGRESS_TYPE_RETRY")
    return {"progressType": kind, "progressNumber": str(row.iteration), **metadata}


def _text(field: str) -> Field:
    return lambda entry: entry[field]


def _time(field: str) -> Field:
    return lambda entry: unix(entry[field])


def _state(entry: Mapping[str, Json]) -> str:
    """Filters may leave out the `STATE_`."""
    return str(entry["state"]).removeprefix("STATE_")


FIELDS: dict[str, Field] = {
    **{f: _text(f) for f in ("routine", "step", "stepType")},
    **{f: _time(f) for f in ("createTime", "updateTime")},
    "state": _state,
    "entryId": lambda entry: float(entry["entryId"]),
    "parent": lambda entry: float(entry["navigationInfo"].get("parent", 0)),
}
