"""list, map and math (Workflows: Standard library)."""

from __future__ import annotations

import math
from typing import Any

from emulator.workflows.errors import key_error, type_error
from emulator.workflows.expressions.operators import compare
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks


def concat(_: Context, objs: Any, val: Any) -> list[Any]:
    return [*checks.sequence(objs, "'objs'"), val]


def prepend(_: Context, objs: Any, val: Any) -> list[Any]:
    return [val, *checks.sequence(objs, "'objs'")]


def get(_: Context, container: Any, keys: Any) -> Any:
    """The value at a key or along a path; null as soon as something is missing."""
    path = [keys] if type(keys) is str else keys
    if type(path) is not list or any(type(key) is not str for key in path):
        raise type_error("'keys' must be a string or a list of strings")
    for key in path:
        if type(container) is not dict or key not in container:
            return None
        container = container[key]
    return container


def delete(context: Context, container: Any, key: Any) -> dict[str, Any]:
    found = checks.mapping(container, "'map'")
    name = checks.text(key, "'key'")
    if name not in found and not context.choices.delete_missing_key:
        raise key_error(name)
    return {k: v for k, v in found.items() if k != name}


def merge(_: Context, first: Any, second: Any) -> dict[str, Any]:
    return {**checks.mapping(first, "'first'"), **checks.mapping(second, "'second'")}


def merge_nested(context: Context, first: Any, second: Any) -> dict[str, Any]:
    merged = dict(checks.mapping(first, "'first'"))
    for key, value in checks.mapping(second, "'second'").items():
        old = merged.get(key)
        both = type(old) is dict and type(value) is dict
        merged[key] = merge_nested(context, old, value) if both else value
    return merged


def absolute(context: Context, x: Any) -> Any:
    found = checks.number(x, "'x'")
    return context.operators.integer(abs(found)) if type(found) is int else abs(found)


def floor(context: Context, x: Any) -> Any:
    found = checks.number(x, "'x'")
    if type(found) is int:
        return found
    if not math.isfinite(found):
        return found
    whole = math.floor(found)
    return context.operators.integer(whole) if context.choices.integer_floor else float(whole)


def largest(_: Context, x: Any, y: Any) -> Any:
    checks.number(x, "'x'")
    return x if compare(x, checks.number(y, "'y'")) >= 0 else y


def smallest(_: Context, x: Any, y: Any) -> Any:
    checks.number(x, "'x'")
    return x if compare(x, checks.number(y, "'y'")) <= 0 else y


PAIR = (("objs", REQUIRED), ("val", REQUIRED))
TWO = (("x", REQUIRED), ("y", REQUIRED))
MAPS = (("first", REQUIRED), ("second", REQUIRED))

FUNCTIONS = (
    Function("list.concat", PAIR, concat),
    Function("list.prepend", PAIR, prepend),
    Function("map.get", (("map", REQUIRED), ("keys", REQUIRED)), get),
    Function("map.delete", (("map", REQUIRED), ("key", REQUIRED)), delete),
    Function("map.merge", MAPS, merge),
    Function("map.merge_nested", MAPS, merge_nested),
    Function("math.abs", (("x", REQUIRED),), absolute),
    Function("math.floor", (("x", REQUIRED),), floor),
    Function("math.max", TWO, largest),
    Function("math.min", TWO, smallest),
)
