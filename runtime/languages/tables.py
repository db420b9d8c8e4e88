"""Values of upstream blocks as tables, for languages that take nothing else."""

from __future__ import annotations

from typing import Any

from runtime.errors import InputProblem
from runtime.libraries import library
from runtime.outputs import is_frame


def as_table(value: Any, uuid: str) -> Any:
    """A DataFrame of a frame, a record, or a list of records; InputProblem for anything else."""
    pandas = library("pandas", feature="a table")
    if is_frame(value):
        return value
    if hasattr(value, "to_pandas"):
        return value.to_pandas()
    if isinstance(value, pandas.Series):
        return value.to_frame()
    if isinstance(value, dict):
        return pandas.DataFrame([value])
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return pandas.DataFrame(value)
    raise InputProblem(
        f"the upstream block {uuid} left a {type(value).__name__}; only tables and lists of "
        "records can be handed on here"
    )
