"""Objects in a dict, under the preconditions of Cloud Storage."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from deployer.gcp.notes import Note


@dataclass
class Shelf:
    """What `deployer.gcp.notes` keeps in a bucket, with a clock that a test moves."""

    objects: dict[str, bytes] = field(default_factory=dict)
    now: float = 0.0
    written: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    """Generation, metageneration, time of the last touch."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0

    def create(self, name: str, data: bytes) -> str:
        with self.turn:
            return "" if name in self.objects else self.put(name, data)

    def replace(self, name: str, data: bytes, seen: object) -> str:
        with self.turn:
            same = name in self.objects and self.note(name).unchanged == seen.unchanged
            return self.put(name, data) if same else ""

    def put(self, name: str, data: bytes) -> str:
        self.count += 1
        self.objects[name] = data
        self.written[name] = (self.count, 1, self.now)
        return str(self.count)

    def note(self, name: str) -> Note:
        generation, meta, touched = self.written[name]
        return Note(str(generation), str(meta), self.now - touched)

    def look(self, name: str) -> Note | None:
        return self.note(name) if name in self.objects else None

    def touch(self, name: str, generation: str, mark: str) -> bool:
        with self.turn:
            if name not in self.objects or self.note(name).generation != generation:
                return False
            at, meta, _ = self.written[name]
            self.written[name] = (at, meta + 1, self.now)
            return True

    def read(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def remove(self, name: str, generation: str = "") -> None:
        with self.turn:
            if name in self.objects and generation in ("", self.note(name).generation):
                del self.objects[name]

    def names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self.objects if name.startswith(prefix))
