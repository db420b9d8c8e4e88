"""What dbt's result means: the rows of a model, or who failed and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runtime.languages.errors import DbtError, DbtTestsFailed
from runtime.libraries import library

FAILED = frozenset({"error", "fail", "runtime error"})
MOST = 5
TESTS = frozenset({"test", "unit_test"})


def refuse(answer: Any, file: str, folder: str) -> None:
    """DbtError when a command did not succeed. `file` is the block's own; `folder` that of the
    dbt project as the author has it.
    """
    if answer.success:
        return
    failed = list(_failed(answer.result))
    if not failed:
        raise DbtError(_worded(answer.exception), file=file)
    message = "; ".join(f"{_name(one)}: {_message(one)}" for one in failed[:MOST])
    more = f"; and {len(failed) - MOST} more" if len(failed) > MOST else ""
    only_tests = all(_kind(one) in TESTS for one in failed)
    where = f"{folder}/{path}" if (path := _path(failed[0])) else file
    raise (DbtTestsFailed if only_tests else DbtError)(message + more, file=where)


def _worded(exception: Any) -> str:
    """What dbt said, in one piece; a bare refusal has none."""
    text = " ".join(str(exception or "").split())
    return text or "dbt ended without success; its log says why"


def _failed(result: Any) -> Iterator[Any]:
    listed = getattr(result, "results", None)
    for one in listed if isinstance(listed, list | tuple) else ():
        if str(getattr(one, "status", "")) in FAILED:
            yield one


def _name(one: Any) -> str:
    return str(getattr(getattr(one, "node", None), "name", "") or "dbt")


def _kind(one: Any) -> str:
    return str(getattr(getattr(one, "node", None), "resource_type", ""))


def _path(one: Any) -> str:
    return str(getattr(getattr(one, "node", None), "original_file_path", "") or "")


def _message(one: Any) -> str:
    return " ".join(str(getattr(one, "message", "") or "failed").split())


# -- rows -----------------------------------------------------------------------------------


def rows_of(answer: Any, model: str) -> Any:
    """The DataFrame of `dbt show`."""
    shown = [one for one in answer.result.results if getattr(one, "agate_table", None) is not None]
    chosen = [one for one in shown if _name(one) == model] or shown
    if not chosen:
        raise DbtError(f"dbt showed no rows of {model}")
    return frame_of(chosen[0].agate_table)


def frame_of(table: Any) -> Any:
    """Columns of agate as pandas would have loaded them."""
    pandas = library("pandas", feature="a dbt block")
    columns = {
        name: _series(pandas, kind, [row[place] for row in table.rows])
        for place, (name, kind) in enumerate(
            zip(table.column_names, table.column_types, strict=True)
        )
    }
    return pandas.DataFrame(columns)


def _series(pandas: Any, kind: Any, values: list[Any]) -> Any:
    name = type(kind).__name__
    if name in ("Number", "Integer"):
        whole = name == "Integer" and None not in values
        plain = [int(v) if whole else float(v) if v is not None else None for v in values]
        return pandas.Series(plain, dtype="int64" if whole else "float64")
    if name == "Boolean" and None not in values:
        return pandas.Series(values, dtype="bool")
    if name == "DateTime":
        return pandas.to_datetime(pandas.Series(values, dtype="object"), errors="coerce")
    return pandas.Series(values, dtype="object")
