"""Values of the Workflows language ⇄ JSON bytes of a journal record.

Nearly every value is JSON already and goes through orjson as it is. Bytes, and strings that
UTF-8 cannot carry, take the long way: such a text starts with a space, bytes become
`{"$": base64}` and a key that starts with `$` gets another one.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson

Value = Any
LONG_WAY = b" "


def encode(value: Value) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return LONG_WAY + json.dumps(_marked(value)).encode()


def decode(data: bytes) -> Value:
    if data[:1] == LONG_WAY:
        return _unmarked(json.loads(data))
    return orjson.loads(data)


def clean(value: Value) -> Value:
    """The same with a replacement character for what UTF-8 cannot carry: what APIs show."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(key): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def _marked(value: Value) -> Value:
    if isinstance(value, bytes):
        return {"$": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {f"${k}" if k.startswith("$") else k: _marked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value


def _unmarked(value: Value) -> Value:
    if isinstance(value, dict):
        if len(value) == 1 and "$" in value:
            return base64.b64decode(value["$"])
        return {k.removeprefix("$"): _unmarked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return value
