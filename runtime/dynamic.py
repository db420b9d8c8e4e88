"""Dynamic blocks: one block's items become many calls of the next.

A dynamic block returns `[items, metadata]`; each call of a child takes one item as its
argument and that item's metadata as keyword arguments. Several dynamic upstream blocks give
every combination of their items. An empty list gives no child at all (Mage's run fails).
"""

from __future__ import annotations

from typing import Any

from runtime.outputs import Value, is_frame

RESERVED = frozenset({"upstream_blocks"})


def items_of(outputs: list[Value]) -> Value:
    """The items among a dynamic block's outputs: a list or a table."""
    if not outputs:
        return []
    first = outputs[0]
    return first if isinstance(first, list | dict) or hasattr(first, "columns") else outputs


def count_of(outputs: list[Value]) -> int:
    """How many children these outputs ask for."""
    return len(items_of(outputs))


def item_at(outputs: list[Value], index: int) -> Value:
    """One child's item: an element, or a table's row."""
    items = items_of(outputs)
    if is_frame(items):
        return items.iloc[index]
    if isinstance(items, dict):
        return list(items.values())[index]
    return items[index]


def metadata_at(outputs: list[Value], index: int) -> dict[str, Any]:
    """The keyword arguments that go with one item; without them, none."""
    if len(outputs) < 2 or items_of(outputs) is outputs:
        return {}
    metadata = outputs[1]
    if isinstance(metadata, list):
        metadata = metadata[index] if index < len(metadata) else {}
    if not isinstance(metadata, dict):
        return {}
    return {key: value for key, value in metadata.items() if key not in RESERVED}


def places(index: int, counts: list[int]) -> list[int]:
    """Which item of each dynamic upstream block the child at `index` takes."""
    found: list[int] = []
    for count in reversed(counts):
        index, place = divmod(index, max(count, 1))
        found.append(place)
    return found[::-1]


def number(places: list[int], counts: list[int]) -> int:
    """The other way round: the child that takes these items.

    >>> number(places(7, [3, 4]), [3, 4])
    7
    """
    found = 0
    for place, count in zip(places, counts, strict=True):
        found = found * count + place
    return found


def reduced(children: list[list[Value]]) -> list[Value]:
    """All children's outputs as one list: lists are joined, tables kept as elements."""
    joined: list[Value] = []
    for outputs in children:
        if len(outputs) == 1 and not isinstance(outputs[0], list):
            joined.append(outputs[0])
        elif len(outputs) == 1:
            joined.extend(outputs[0])
        else:
            joined.extend(outputs)
    return joined
