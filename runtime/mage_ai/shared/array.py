"""Helpers for lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any


def find(condition: Callable[[Any], Any], items: Iterable[Any]) -> Any:
    """The first item for which it holds; None without one."""
    return next((item for item in items if condition(item)), None)


def find_index(condition: Callable[[Any], Any], items: Iterable[Any]) -> int:
    """The place of the first item for which it holds; -1 without one."""
    return next((n for n, item in enumerate(items) if condition(item)), -1)


def unique_by(items: Iterable[Any], key: Callable[[Any], Any]) -> list[Any]:
    """The first item of each key, in order."""
    found: dict[Any, Any] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


def batch(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def flatten(lists: Iterable[Any]) -> list[Any]:
    return [item for one in lists for item in (one if isinstance(one, list) else [one])]


def difference(first: Iterable[Any], second: Iterable[Any]) -> list[Any]:
    without = list(second)
    return [item for item in first if item not in without]


def is_iterable(value: Any) -> bool:
    return isinstance(value, Iterable)
