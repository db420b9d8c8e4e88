"""A source as a tree of scalars, lists and maps that know their places.

YAML and JSON become the same tree; `yaml_source` and `json_source` read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.workflows.source import Place


@dataclass(frozen=True, slots=True)
class Scalar:
    value: Any
    """None, bool, int, float or str."""
    at: Place = field(compare=False)
    places: Sequence[tuple[int, int]] = field(default=(), compare=False, repr=False)
    """For strings: line and column of each character, and of the end."""

    def span(self, start: int, end: int) -> Place:
        """Where these characters of the string stand."""
        if not self.places:
            return self.at
        line, column = self.places[min(start, len(self.places) - 1)]
        last_line, last_column = self.places[min(end, len(self.places) - 1)]
        length = last_column - column if last_line == line else end - start
        return Place(line, column, max(length, 1))


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Tree, ...]
    at: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Pairs:
    pairs: tuple[tuple[Scalar, Tree], ...]
    """Keys are always strings."""
    at: Place = field(compare=False)

    def get(self, key: str) -> Tree | None:
        return next((tree for name, tree in self.pairs if name.value == key), None)


Tree = Scalar | Items | Pairs
