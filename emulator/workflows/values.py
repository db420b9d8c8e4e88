"""Values of the language: their names, their sizes, copies and JSON form.

Memory is counted as Google does: 8 bytes for numbers and booleans; 8 and the contents for
strings, bytes and lists; 8 and keys and values for maps (Workflows: Quotas and limits).
"""

from __future__ import annotations

import json
from typing import Any

from emulator.workflows.errors import type_error

WORD = 8
SCALARS = frozenset((int, float, bool, type(None)))
JSON_SCALARS = frozenset((*SCALARS, str))
FLAT = frozenset((*SCALARS, str, bytes))

TYPE_NAMES = {
    bool: "boolean",
    bytes: "bytes",
    float: "double",
    int: "integer",
    list: "list",
    dict: "map",
    type(None): "null",
    str: "string",
}
"""As get_type says them."""

PYTHON_NAMES = {
    bool: "bool",
    bytes: "bytes",
    float: "float",
    int: "int",
    list: "list",
    dict: "dict",
    type(None): "null",
    str: "str",
}
"""As the messages of errors say them."""


class Unset:
    """What a variable holds before its first assignment."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


def type_name(value: Any) -> str:
    return TYPE_NAMES.get(type(value), "function")


def python_name(value: Any) -> str:
    return PYTHON_NAMES.get(type(value), "function")


def size_of(value: Any) -> int:
    """Bytes that a value counts for."""
    kind = type(value)
    if kind in SCALARS:
        return WORD
    if kind is str:
        return WORD + text_size(value)
    if kind is list:
        return WORD + contents(value)
    if kind is dict:
        return WORD + sum(map(text_size, value)) + contents(value.values())
    return WORD + (len(value) if kind is bytes else 0)


def text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def contents(items: Any) -> int:
    """Long lists are nearly always of one type: counted without a loop of ours."""
    kinds = set(map(type, items))
    if kinds <= SCALARS:
        return WORD * len(items)
    if kinds == {str}:
        return WORD * len(items) + sum(map(text_size, items))
    return sum(map(size_of, items))


def copy_of(value: Any) -> Any:
    """A value that shares no list and no map with this one."""
    kind = type(value)
    if kind is list:
        if set(map(type, value)) <= FLAT:
            return value.copy()
        return [copy_of(item) for item in value]
    if kind is dict:
        if set(map(type, value.values())) <= FLAT:
            return value.copy()
        return {key: copy_of(item) for key, item in value.items()}
    return value


def longest_string(value: Any) -> int:
    """Bytes of the longest string inside."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) if kind is bytes else text_size(value)
    if kind is list:
        return max(map(longest_string, value), default=0)
    if kind is dict:
        return max(
            max(map(text_size, value), default=0),
            max(map(longest_string, value.values()), default=0),
        )
    return 0


def to_json(value: Any, *, sorted_keys: bool = True, indent: str | None = None) -> str:
    """JSON text; bytes and functions have none (TypeError)."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=True,
        separators=separators,
        sort_keys=sorted_keys,
        indent=indent,
        default=refuse,
    )


def check_json(value: Any) -> None:
    """A result must have a JSON form."""
    kind = type(value)
    if kind is list or kind is dict:
        items = value if kind is list else value.values()
        if not set(map(type, items)) <= JSON_SCALARS:
            for item in items:
                check_json(item)
    elif kind not in JSON_SCALARS:
        refuse(value)


def refuse(value: Any) -> Any:
    raise type_error(f"value of type '{type_name(value)}' cannot be encoded as JSON")
