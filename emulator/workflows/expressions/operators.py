"""What operators do (Workflows: Expressions, "Operators"): integers of 64 bits and doubles are
distinct, nothing is true but `true`.

The fast cases stand in `compile`; here is everything, in full.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from emulator.workflows.choices import Choices
from emulator.workflows.errors import (
    LanguageError,
    error,
    index_error,
    key_error,
    type_error,
)
from emulator.workflows.values import python_name, to_json, type_name

Operator = Callable[[Any, Any], Any]

LOW, HIGH = -(2**63), 2**63
NUMBERS = frozenset((int, float))


class Operators:
    """The operators under one set of choices."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.binary: dict[str, Operator] = {
            "+": self.plus,
            "-": self.minus,
            "*": self.times,
            "/": self.divide,
            "//": self.floor_divide,
            "%": self.remainder,
            "==": equal,
            "!=": lambda a, b: not equal(a, b),
            "<": lambda a, b: self.order("<", a, b) < 0,
            "<=": lambda a, b: self.order("<=", a, b) <= 0,
            ">": lambda a, b: self.order(">", a, b) > 0,
            ">=": lambda a, b: self.order(">=", a, b) >= 0,
            "in": contains,
        }

    def integer(self, value: int) -> int:
        if LOW <= value < HIGH:
            return value
        raise error(self.choices.overflow_tag, "integer overflow")

    def plus(self, a: Any, b: Any) -> Any:
        left, right = type(a), type(b)
        if left in NUMBERS and right in NUMBERS:
            return self.integer(a + b) if left is right is int else double(a) + double(b)
        if left is str and right is str:
            return a + b
        if self.choices.string_plus_number and (left is str or right is str):
            other = right if left is str else left
            if other in NUMBERS or other is bool:
                return self.text(a) + self.text(b)
        if self.choices.list_plus_list and left is right is list:
            return a + b
        raise unsupported("+", a, b)

    def minus(self, a: Any, b: Any) -> Any:
        numbers("-", a, b)
        return self.integer(a - b) if type(a) is type(b) is int else double(a) - double(b)

    def times(self, a: Any, b: Any) -> Any:
        numbers("*", a, b)
        return self.integer(a * b) if type(a) is type(b) is int else double(a) * double(b)

    def divide(self, a: Any, b: Any) -> Any:
        divisor("/", a, b)
        return a / b

    def floor_divide(self, a: Any, b: Any) -> Any:
        divisor("//", a, b)
        if type(a) is type(b) is int:
            return self.integer(a // b)
        return float(a // b)

    def remainder(self, a: Any, b: Any) -> Any:
        divisor("%", a, b)
        if self.choices.floor_remainder:
            return a % b
        if type(a) is type(b) is int:
            return abs(a) % abs(b) * (1 if a >= 0 else -1)
        return math.fmod(a, b)

    def negate(self, a: Any) -> Any:
        if type(a) not in NUMBERS:
            raise type_error(f"bad operand type for unary -: '{python_name(a)}'")
        return self.integer(-a) if type(a) is int else -a

    def order(self, operator: str, a: Any, b: Any) -> float:
        """Below, at or above zero."""
        if type(a) in NUMBERS and type(b) in NUMBERS:
            return compare(a, b)
        if self.choices.string_order and type(a) is type(b) is str:
            return compare(a, b)
        raise unsupported(operator, a, b)

    def text(self, value: Any) -> str:
        """`string()` of a scalar."""
        if value is True or value is False:
            return "true" if value else "false"
        if type(value) is float:
            return self.double_text(value)
        return str(value)

    def double_text(self, value: float) -> str:
        text = repr(value)
        if self.choices.whole_double == "2" and text.endswith(".0"):
            return text[:-2]
        return text

    def item(self, container: Any, key: Any) -> Any:
        """`container[key]`"""
        if type(container) is dict:
            return member(container, key)
        if type(container) is list or (self.choices.string_index and type(container) is str):
            return container[self.position(container, key)]
        raise type_error(f"'{python_name(container)}' object cannot be indexed")

    def position(self, container: Any, key: Any) -> int:
        if type(key) is not int:
            raise type_error(f"list index must be an integer, got: '{python_name(key)}'")
        length = len(container)
        if self.choices.negative_index and -length <= key < 0:
            return key + length
        if not 0 <= key < length:
            raise index_error(key, length)
        return key


def double(value: float) -> float:
    return float(value)


def compare(a: Any, b: Any) -> float:
    if a == b:
        return 0
    if a < b:
        return -1
    return 1 if a > b else math.nan


def equal(a: Any, b: Any) -> bool:
    """Different types are different, but numbers compare by value."""
    left, right = type(a), type(b)
    if left is right:
        if left is list:
            return len(a) == len(b) and all(map(equal, a, b))
        if left is dict:
            return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
        return bool(a == b)
    return left in NUMBERS and right in NUMBERS and a == b


def contains(a: Any, b: Any) -> bool:
    if type(b) is dict:
        return type(a) is str and a in b
    if type(b) is list:
        return any(equal(a, item) for item in b)
    shown = to_json(b) if type(b) is not bytes else "bytes"
    raise LanguageError(
        {
            "message": f"The argument of 'in' must be a dict or an array; got: {shown}",
            "tags": ["TypeError"],
        }
    )


def member(container: Any, key: Any) -> Any:
    """`container.key`"""
    if type(container) is not dict:
        raise type_error(f"'{python_name(container)}' object has no member '{key}'")
    if type(key) is not str:
        raise type_error(f"map key must be a string, got: '{python_name(key)}'")
    try:
        return container[key]
    except KeyError:
        raise key_error(key) from None


def boolean(value: Any, where: str) -> bool:
    """Only booleans decide (Workflows: Expressions, "Logical operators")."""
    if value is True or value is False:
        return bool(value)
    raise type_error(f"{where} must be a boolean, got: {type_name(value)}")


def numbers(operator: str, a: Any, b: Any) -> None:
    if type(a) not in NUMBERS or type(b) not in NUMBERS:
        raise unsupported(operator, a, b)


def divisor(operator: str, a: Any, b: Any) -> None:
    numbers(operator, a, b)
    if b == 0:
        raise error("ZeroDivisionError", "division by zero")


def unsupported(operator: str, a: Any, b: Any) -> LanguageError:
    return type_error(
        f"unsupported operand type(s) for {operator}: '{python_name(a)}' and '{python_name(b)}'"
    )
