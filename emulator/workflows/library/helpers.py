"""Functions without a module (Workflows: Expression helpers). `if` and `default` are eager."""

from __future__ import annotations

import re
from typing import Any

from emulator.workflows.errors import error, type_error, value_error
from emulator.workflows.expressions.operators import HIGH, LOW, boolean
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks
from emulator.workflows.values import python_name, type_name

INTEGER = re.compile(r"\s*[-+]?[0-9]+\s*")


def default(_: Context, value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def choose(_: Context, condition: Any, a: Any, b: Any) -> Any:
    if condition is None:
        return b
    return a if boolean(condition, "condition of 'if'") else b


def length(_: Context, value: Any) -> int:
    if type(value) not in {list, dict, str}:
        raise type_error(f"object of type '{python_name(value)}' has no len()")
    return len(value)


def keys(context: Context, value: Any) -> list[str]:
    found = checks.mapping(value, "argument of 'keys'")
    return sorted(found) if context.choices.sorted_keys else list(found)


def integer(context: Context, value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float:
        return within(truncated(value))
    if type(value) is not str:
        raise unsupported("int", value, "string or number")
    if not INTEGER.fullmatch(value):
        raise value_error(f"invalid literal for int(): {value!r}")
    return within(int(value) if len(value) < 100 else HIGH)


def truncated(value: float) -> int:
    try:
        return int(value)
    except (ValueError, OverflowError):
        raise value_error(f"cannot convert {value} to integer") from None


def within(value: int) -> int:
    if not LOW <= value < HIGH:
        raise error("ValueError", "integer out of the range of 64 bits")
    return value


def double(context: Context, value: Any) -> float:
    if type(value) in {int, float}:
        return float(value)
    if type(value) is not str:
        raise unsupported("double", value, "string or number")
    try:
        if "_" in value:
            raise ValueError
        return float(value)
    except ValueError:
        raise value_error(f"could not convert string to double: {value!r}") from None


def string(context: Context, value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) not in {int, float, bool}:
        raise unsupported("string", value, "number, string, or boolean")
    return context.operators.text(value)


def unsupported(function: str, value: Any, wanted: str) -> Exception:
    return type_error(
        f"unsupported operand type for {function}(): '{python_name(value)}' (expecting {wanted})"
    )


def get_type(_: Context, value: Any) -> str:
    return type_name(value)


FUNCTIONS = (
    Function("default", (("value", REQUIRED), ("default", REQUIRED)), default),
    Function("if", (("condition", REQUIRED), ("a", REQUIRED), ("b", REQUIRED)), choose),
    Function("len", (("value", REQUIRED),), length),
    Function("keys", (("map", REQUIRED),), keys),
    Function("int", (("value", REQUIRED),), integer),
    Function("double", (("value", REQUIRED),), double),
    Function("string", (("value", REQUIRED),), string),
    Function("get_type", (("value", REQUIRED),), get_type),
)
