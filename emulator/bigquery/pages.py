"""Pages of rows as JSON text, a column at a time: what large results are made of.

`rows` says what each value is on the wire. Here the same is written by Arrow for the types that
results mostly have, without a Python object for each value; the others go through `rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.bigquery.rows import Field, converter, values_of

LARGEST = 10_000_000
"""Bytes of a page (Google: "Paging through table data": 10 MB, and no limit of rows)."""
CHUNK = 8_192
"""Rows that are written at once."""
_NULL, _OPEN, _CLOSE = '{"v":null}', '{"v":"', '"}'
_PLAIN = frozenset({"STRING", "INTEGER", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "JSON"})
_SPECIAL = r'["\\\x00-\x1f]'


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, as the elements of a JSON array."""

    text: bytes
    count: int

    @property
    def json(self) -> Any:
        """For orjson."""
        return orjson.Fragment(b"[" + self.text + b"]")


def page_of(
    pieces: Iterable[Any], fields: list[Field], int64_timestamps: bool, largest: int = LARGEST
) -> Page:
    """The first rows of Arrow tables whose columns are `fields`: as many as a page holds, and
    one at least.
    """
    texts: list[bytes] = []
    count, room = 0, largest
    for piece in pieces:
        lines = _lines(piece, fields, int64_timestamps)
        taken, text = _fitting(lines, room, first=not texts)
        count, room = count + taken, room - len(text) - 1
        if taken:
            texts.append(text)
        if taken < len(lines):
            break
    return Page(b",".join(texts), count)


def pieces_of(table: Any) -> Iterator[Any]:
    for start in range(0, table.num_rows, CHUNK):
        yield table.slice(start, CHUNK)


def pieces_from(reader: Any) -> Iterator[Any]:
    """Of batches, which are asked for as far as a page reaches."""
    import pyarrow as pa

    return (pa.Table.from_batches([batch]) for batch in reader if batch.num_rows)


def _fitting(lines: Any, room: int, first: bool) -> tuple[int, bytes]:
    """How many of the lines there is room for, and their text without the last comma: an Arrow
    array of strings is one text already.
    """
    import numpy as np

    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[lines.offset : lines.offset + len(lines) + 1]
    fit = int(np.searchsorted(ends[1:] - ends[0], room, side="right"))
    fit = max(fit, 1) if first else fit
    return fit, bytes(memoryview(data)[ends[0] : max(ends[fit] - 1, ends[0])]) if fit else b""


def _lines(piece: Any, fields: list[Field], int64_timestamps: bool) -> Any:
    """One text for each row, with a comma at its end."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not fields:
        return pa.array(['{"f":[]},'] * piece.num_rows, pa.large_string())
    cells: list[Any] = []
    for at, field in enumerate(fields):
        column = _whole(piece.column(at))
        cells += [",", _cells(column, field, int64_timestamps)] if cells else [
            '{"f":[', _cells(column, field, int64_timestamps)]  # fmt: skip
    texts = [pa.scalar(c, pa.large_string()) if isinstance(c, str) else c for c in cells]
    end = pa.scalar("]},", pa.large_string())
    return pc.binary_join_element_wise(*texts, end, pa.scalar("", pa.large_string()))


def _whole(column: Any) -> Any:
    """In one piece."""
    import pyarrow as pa

    return pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)


def _cells(column: Any, field: Field, int64_timestamps: bool) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _text(column, field, int64_timestamps) if _is_plain(field, column) else None
    if text is None:
        return _slowly(column, field, int64_timestamps)
    parts = (pa.scalar(one, pa.large_string()) for one in (_OPEN, _CLOSE, ""))
    opened, closed, nothing = parts
    made = pc.binary_join_element_wise(opened, text, closed, nothing)
    return pc.fill_null(made, pa.scalar(_NULL, pa.large_string()))


def _is_plain(field: Field, column: Any) -> bool:
    return field["type"] in _PLAIN and field["mode"] != "REPEATED" and len(column) > 0


def _text(column: Any, field: Field, int64_timestamps: bool) -> Any | None:
    """The values as they stand between quotes; None where that takes more than Arrow."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = field["type"]
    if kind == "TIMESTAMP":
        if not int64_timestamps:
            return None
        column = pc.cast(pc.cast(column, pa.timestamp("us", "UTC")), pa.int64())
    if kind == "FLOAT":
        return _floats(pc.cast(column, pa.float64()))
    text = pc.cast(column, pa.large_string())
    if kind in ("STRING", "JSON") and pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py():
        return None
    return text


def _floats(column: Any) -> Any | None:
    """As Python writes them, where Arrow writes the same or lacks no more than a `.0`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = pc.abs(column)
    ordinary = pc.or_(pc.equal(size, 0.0), pc.and_(pc.greater_equal(size, 1e-4),
                                                   pc.less(size, 1e15)))  # fmt: skip
    if pc.all(ordinary).as_py() is False:
        return None
    text = pc.cast(column, pa.large_string())
    ends = pc.if_else(pc.equal(pc.floor(column), column), pa.scalar(".0", pa.large_string()),
                      pa.scalar("", pa.large_string()))  # fmt: skip
    return pc.binary_join_element_wise(text, ends, pa.scalar("", pa.large_string()))


def _slowly(column: Any, field: Field, int64_timestamps: bool) -> Any:
    """Value by value."""
    import pyarrow as pa

    convert = converter(field, int64_timestamps)
    cells = [
        _NULL if value is None else orjson.dumps({"v": convert(value)}).decode()
        for value in values_of(column, field)
    ]
    return pa.array(cells, pa.large_string())
