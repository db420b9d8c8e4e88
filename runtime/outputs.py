"""From what a block returns to its outputs, and from outputs to what downstream receives.

Mage: None gives no output, a tuple or a list one output per item, anything else one. Read
back, no output is `[]`, one is the bare value, several are a list. So `[x]` arrives as `x`.
Mage sorts output names as text, which mixes up more than ten; here they keep their order.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import GeneratorType
from typing import Any

Value = Any


def outputs_of(result: Value) -> list[Value]:
    """The outputs that a block's return value stands for."""
    if result is None:
        return []
    if isinstance(result, GeneratorType):
        return _of_batches(result)
    if isinstance(result, tuple | list):
        return list(result)
    return [result]


def value_of(outputs: list[Value]) -> Value:
    """What a downstream block receives for these outputs."""
    return outputs[0] if len(outputs) == 1 else outputs


def _of_batches(batches: Iterator[Value]) -> list[Value]:
    """A generator's frames are one table in pieces; any other items are a list's."""
    items = [item for item in batches if item is not None]
    if items and all(is_frame(item) for item in items):
        return [sys.modules["pandas"].concat(items, ignore_index=True)]
    return items


def is_frame(value: Value) -> bool:
    """A pandas DataFrame; does not import pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def row_count(value: Value) -> int | None:
    """Rows of a table, None for anything else."""
    shape = getattr(value, "shape", None)
    if shape is None or not hasattr(value, "columns"):
        return None
    return int(shape[0])
