"""BYTES where Google's string functions take them too (Google: "String functions")."""

from __future__ import annotations

from typing import Any


def bq_pad_bytes(data: bytes, size: int, fill: bytes, left: int) -> bytes:
    if not fill:
        raise ValueError("Third argument (pad pattern) for LPAD/RPAD cannot be empty")
    if size <= len(data):
        return data[:size]
    missing = size - len(data)
    more = (fill * (missing // len(fill) + 1))[:missing]
    return more + data if left else data + more


def bq_trim_bytes(data: bytes, which: bytes, side: int) -> bytes:
    """`side`: -1 the start, 1 the end, 0 both."""
    made = data.lstrip(which) if side <= 0 else data
    return made.rstrip(which) if side >= 0 else made


def bq_replace_bytes(data: bytes, old: bytes, new: bytes) -> bytes:
    return data.replace(old, new) if old else data


def bq_split_bytes(data: bytes, by: bytes) -> list[bytes]:
    if not data:
        return [b""]
    return data.split(by) if by else [data[at : at + 1] for at in range(len(data))]


def bq_lower_bytes(data: bytes) -> bytes:
    return data.lower()


def bq_upper_bytes(data: bytes) -> bytes:
    return data.upper()


def bq_repeat_bytes(data: bytes, times: int) -> bytes:
    if times < 0:
        raise ValueError("Repeat count cannot be negative")
    if len(data) * times > 1 << 20:
        raise ValueError("Output of REPEAT exceeds max allowed output size of 1MB")
    return data * times


def bq_find_bytes(data: bytes, part: bytes, position: int, occurrence: int) -> int:
    """INSTR; STRPOS is its first from the first byte."""
    return found_at(data, part, position, occurrence)


def found_at(whole: Any, part: Any, position: int, occurrence: int) -> int:
    """INSTR of texts or bytes: a negative position searches towards the start."""
    if position == 0 or occurrence < 1:
        raise ValueError("INSTR position must not be 0 and its occurrence must be positive")
    if not part:
        return 0
    at = position - 1 if position > 0 else len(whole) + position
    if at < 0:
        return 0
    step = 1 if position > 0 else -1
    for _ in range(occurrence):
        at = whole.find(part, at) if step > 0 else whole.rfind(part, 0, max(at, 0) + len(part))
        if at < 0:
            return 0
        at += step
        if at < 0 and _ + 1 < occurrence:
            return 0
    return int(at - step + 1)


def bq_translate_bytes(data: bytes, source: bytes, target: bytes) -> bytes:
    by = {c: target[at : at + 1] for at, c in reversed(list(enumerate(source)))}
    return b"".join(by.get(c, bytes([c])) for c in data)


_I, _D = "BIGINT", "BLOB"
BYTES_NATIVES: list[tuple[Any, list[str], str]] = [
    (bq_pad_bytes, [_D, _I, _D, _I], _D),
    (bq_trim_bytes, [_D, _D, _I], _D),
    (bq_replace_bytes, [_D, _D, _D], _D),
    (bq_split_bytes, [_D, _D], f"{_D}[]"),
    (bq_lower_bytes, [_D], _D),
    (bq_upper_bytes, [_D], _D),
    (bq_repeat_bytes, [_D, _I], _D),
    (bq_find_bytes, [_D, _D, _I, _I], _I),
    (bq_translate_bytes, [_D, _D, _D], _D),
]
