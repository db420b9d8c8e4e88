"""The journal of one execution: every answer that its machine was given, before it was given.

Three kinds of record, each one JSON array:
`["r", time, [[id, value] | [id, message, tags, fields] …]]`  replies, in the order of feeding;
                       one that took steps of its own has their number behind
`["n", id, note]`      a request under way: a deadline, a child execution, an operation
`["c", callback, payload]`  a callback that arrived
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.drive.values import decode, encode
from emulator.store import Store
from emulator.workflows.effects import Failure, Reply

Value = Any


@dataclass(slots=True)
class Recorded:
    """What a journal held when the emulator started."""

    replies: list[tuple[float, Reply]] = field(default_factory=list)
    notes: dict[int, Value] = field(default_factory=dict)
    received: dict[str, list[Value]] = field(default_factory=dict)
    """Callback id → payloads in the order of arriving."""


class Journal:
    """Append-only. What was appended survives the death of the process."""

    def __init__(self, store: Store, execution: str) -> None:
        self._store = store
        self._stream = f"execution/{execution}"

    def replies(self, time: float, replies: Sequence[Reply]) -> None:
        self._append(["r", time, [_packed(reply) for reply in replies]])

    def note(self, request: int, note: Value) -> None:
        self._append(["n", request, note])

    def received(self, callback: str, payload: Value) -> None:
        self._append(["c", callback, payload])

    def _append(self, record: list[Value]) -> None:
        self._store.append(self._stream, encode(record))

    def records(self) -> Iterator[list[Value]]:
        return map(decode, self._store.read(self._stream))

    def load(self) -> Recorded:
        recorded = Recorded()
        for kind, first, second in self.records():
            if kind == "r":
                recorded.replies += [(first, _unpacked(packed)) for packed in second]
            elif kind == "n":
                recorded.notes[first] = second
            else:
                recorded.received.setdefault(first, []).append(second)
        return recorded

    def drop(self) -> None:
        self._store.drop(self._stream)


def _packed(reply: Reply) -> list[Value]:
    value = reply.value
    steps = [reply.steps] if reply.steps else []
    if isinstance(value, Failure):
        return [reply.id, value.message, list(value.tags), dict(value.fields), *steps]
    return [reply.id, value, *steps]


def _unpacked(packed: list[Value]) -> Reply:
    if len(packed) <= 3:
        return Reply(*packed)
    number, message, tags, fields, *steps = packed
    return Reply(number, Failure(message, tuple(tags), fields), *steps)
