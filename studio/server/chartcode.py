"""A chart's own Python, run in a process of its own: `python -m studio.server.chartcode`.

It reads one JSON request from stdin and writes one JSON answer to the descriptor that stdout was;
what the code prints goes to stderr. The code finds the output as `df_1` and under the block's
uuid, and leaves its values in variables that the configuration names, or in functions marked
`@data_source`, `@xy`, `@x`, `@y`, `@columns`, `@configuration`, `@render` (Mage: "Charts").
"""

from __future__ import annotations

import json
import math
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MARKS = ("data_source", "xy", "x", "y", "columns", "configuration", "render")
ROWS = 200_000
"""Rows of the output that a chart's code gets at most."""
Function = Callable[..., Any]


def main() -> None:
    answer_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    try:
        answer = run(request)
    except BaseException as error:  # noqa: BLE001 (whatever the chart's code raises is its answer)
        place = where(error, request["path"])
        answer = {"error": f"{type(error).__name__}: {error}{place}"}
    json.dump(answer, answer_to, default=str)
    answer_to.flush()


def where(error: BaseException, path: str) -> str:
    """The line of the chart's own code that failed."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == path
    ]
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
    return f" ({path}:{line})" if line else ""


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    from runtime import alias

    alias.install()
    root = Path(request["root"])
    sys.path[:0] = [str(root.parent), str(root)]
    frame = table(request["file"])
    names, marked = executed(request, frame)
    if not marked:
        return left_behind(names, request["configuration"])
    return told(marked, frame, request["configuration"])


def table(file: str) -> Any:
    """The first rows of the stored output, as the block's downstream would get them."""
    import pyarrow.parquet as pq

    batches, seen = [], 0
    with pq.ParquetFile(file) as stored:
        for batch in stored.iter_batches(batch_size=50_000):
            batches.append(batch)
            seen += batch.num_rows
            if seen >= ROWS:
                break
        return stored.schema_arrow.empty_table().to_pandas() if not batches else joined(batches)


def joined(batches: list[Any]) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches(batches).slice(0, ROWS).to_pandas()


def executed(request: Mapping[str, Any], frame: Any) -> tuple[dict[str, Any], dict[str, Function]]:
    """The names that the code left, and the first function of each mark."""
    marked: dict[str, Function] = {}

    def mark(name: str) -> Function:
        def decorate(*given: Any, **options: Any) -> Any:
            if len(given) == 1 and callable(given[0]):
                marked.setdefault(name, given[0])
                return given[0]
            return decorate

        return decorate

    names: dict[str, Any] = {"df_1": frame, request["block"]: frame}
    names |= {name: mark(name) for name in MARKS}
    before = dict(names)
    exec(compile(request["code"], request["path"], "exec", dont_inherit=True), names)  # noqa: S102 (this is what it is for)
    found = {name: value for name, value in names.items() if before.get(name) is not value}
    return found, marked


def left_behind(names: Mapping[str, Any], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Variables named by the configuration; x, y and index when it names none."""
    wanted = {key: str(configuration.get(key) or key) for key in ("x", "y", "index")}
    found = {key: listed(names[name]) for key, name in wanted.items() if name in names}
    if not found:
        raise NameError(f"the code leaves no {wanted['x']!r}: assign it, or mark a function @x")
    return found | {"configuration": dict(configuration)}


def told(
    marked: Mapping[str, Function], frame: Any, configuration: Mapping[str, Any]
) -> dict[str, Any]:
    """What the marked functions answer."""
    data = as_frame(marked["data_source"](frame)) if "data_source" in marked else frame
    shown = dict(configuration) | dict(
        marked["configuration"](data) if "configuration" in marked else {}
    )
    if "render" in marked:
        return {"render": marked["render"](data), "configuration": shown}
    values: dict[str, Any] = {}
    if "xy" in marked:
        values["x"], values["y"] = marked["xy"](data)
    values |= {key: marked[key](data) for key in ("x", "y") if key in marked}
    answer = {key: listed(value) for key, value in values.items()}
    if "columns" in marked:
        answer["columns"] = listed(marked["columns"](data))
    if not values:
        answer = {"x": list(data.columns), "y": listed(data.head(1000))}
        shown["chart_type"] = "table"
    return answer | {"configuration": shown}


def as_frame(value: Any) -> Any:
    import pandas as pd

    return value if hasattr(value, "columns") else pd.DataFrame(value)


def listed(value: Any) -> Any:
    """Series, arrays, index and frames as lists of plain values."""
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):
        return [listed(row) for row in value.to_numpy().tolist()]
    if hasattr(value, "tolist"):
        return listed(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): listed(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | range) or hasattr(value, "__next__"):
        return [listed(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    main()
