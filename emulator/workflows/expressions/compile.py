"""Expressions → closures over frames, once per definition; never `eval`.

A closure takes a frame and gives the value. The common cases (small integers, plain variables)
are decided here, in the closure; `operators` knows the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from emulator.workflows.code import OUTER, RUN, Evaluate, Frame
from emulator.workflows.errors import error
from emulator.workflows.expressions.nodes import (
    Binary,
    Call,
    Index,
    ListOf,
    Literal,
    MapOf,
    Member,
    Name,
    Node,
    Unary,
    dotted,
    walk,
)
from emulator.workflows.expressions.operators import HIGH, LOW, Operators, boolean, member
from emulator.workflows.functions import Function, Predicate
from emulator.workflows.library.catalog import CONSTANTS, LIBRARY
from emulator.workflows.scopes import Scope, Variable
from emulator.workflows.values import UNSET

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SHARING = frozenset(("list.concat", "list.prepend", "map.get", "map.delete", "map.merge"))
MAY_SHARE = SHARING | {"default", "if", "map.merge_nested"}
"""Functions whose value may share lists and maps with their arguments."""


class Expressions:
    """Compiles the expressions of one program."""

    def __init__(self, operators: Operators, routines: frozenset[str]) -> None:
        self.operators = operators
        self.choices = operators.choices
        self.routines = routines
        self.compilers: dict[type, Callable[[Any, Scope], Evaluate]] = {
            Literal: self.literal,
            Name: self.name,
            Member: self.member,
            Index: self.index,
            Call: self.call,
            Unary: self.unary,
            Binary: self.binary,
            ListOf: self.list_of,
            MapOf: self.map_of,
        }

    def compile(self, node: Node, scope: Scope) -> Evaluate:
        return self.compilers[type(node)](node, scope)

    def literal(self, node: Literal, _: Scope) -> Evaluate:
        value = node.value
        return lambda _: value

    def name(self, node: Name, scope: Scope) -> Evaluate:
        variable = scope.find(node.name)
        if variable is None:
            value = self.named(node.name)
            return lambda _: value
        return read(variable, scope.unit.distance(variable.unit), self.choices.unset_tag)

    def named(self, name: str) -> Any:
        """An object of the library, or a subworkflow as a predicate."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        return Predicate(name, bool, routine=True)

    def member(self, node: Member, scope: Scope) -> Evaluate:
        name = dotted(node)
        if name in CONSTANTS and scope.find(name.split(".")[0]) is None:
            value = CONSTANTS[name]
            return lambda _: value
        of, key = self.compile(node.of, scope), node.name

        def run(frame: Frame) -> Any:
            container = of(frame)
            if type(container) is dict and key in container:
                return container[key]
            return member(container, key)

        return run

    def index(self, node: Index, scope: Scope) -> Evaluate:
        of, index = self.compile(node.of, scope), self.compile(node.index, scope)
        item = self.operators.item

        def run(frame: Frame) -> Any:
            container, key = of(frame), index(frame)
            if type(container) is list and type(key) is int and 0 <= key < len(container):
                return container[key]
            return item(container, key)

        return run

    def call(self, node: Call, scope: Scope) -> Evaluate:
        function = LIBRARY[node.function]
        assert function.work is not None
        arguments = [self.compile(argument, scope) for argument in node.arguments]
        return apply(function, arguments)

    def unary(self, node: Unary, scope: Scope) -> Evaluate:
        operand = self.compile(node.operand, scope)
        if node.operator == "not":
            return lambda frame: not boolean(operand(frame), "operand of 'not'")
        negate = self.operators.negate
        return lambda frame: negate(operand(frame))

    def binary(self, node: Binary, scope: Scope) -> Evaluate:
        left, right = self.compile(node.left, scope), self.compile(node.right, scope)
        if node.operator in {"and", "or"}:
            return logical(node.operator, left, right, eager=not self.choices.short_circuit)
        slow = self.operators.binary[node.operator]
        if node.operator in ARITHMETIC:
            return arithmetic(ARITHMETIC[node.operator], slow, left, right)
        if node.operator in ORDER:
            return ordered(ORDER[node.operator], slow, left, right)
        return lambda frame: slow(left(frame), right(frame))

    def list_of(self, node: ListOf, scope: Scope) -> Evaluate:
        items = [self.compile(item, scope) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def map_of(self, node: MapOf, scope: Scope) -> Evaluate:
        pairs = [(self.compile(k, scope), self.compile(v, scope)) for k, v in node.pairs]
        return lambda frame: {key_of(key(frame)): value(frame) for key, value in pairs}

    # --- what is known about a value before it exists

    def waits(self, node: Node) -> bool:
        """Does it ask for something, so that it cannot be computed in one go?"""
        return any(self.asks(part) for part in walk(node) if isinstance(part, Call))

    def asks(self, call: Call) -> bool:
        if call.function in self.routines or call.function not in LIBRARY:
            return True
        return LIBRARY[call.function].work is None

    def may_share(self, node: Node, scope: Scope) -> bool:
        """May the value share a list or map with a variable that is changed in place?"""
        if isinstance(node, Name):
            variable = scope.find(node.name)
            return variable is not None and variable.mutated
        if isinstance(node, Member | Index):
            return self.may_share(node.of, scope)
        if isinstance(node, ListOf):
            return any(self.may_share(item, scope) for item in node.items)
        if isinstance(node, MapOf):
            return any(self.may_share(value, scope) for _, value in node.pairs)
        if isinstance(node, Call):
            return node.function in MAY_SHARE and any(
                self.may_share(argument, scope) for argument in node.arguments
            )
        return isinstance(node, Binary) and node.operator == "+" and self.choices.list_plus_list

    def is_fresh(self, node: Node) -> bool:
        """Is every list and map in the value made for it alone?"""
        if isinstance(node, Call):
            return node.function in LIBRARY and node.function not in MAY_SHARE
        return isinstance(node, Binary | Unary) and not self.choices.list_plus_list


def read(variable: Variable, distance: int, tag: str) -> Evaluate:
    slot, name = variable.slot, variable.name
    if distance:
        outward = frame_at(distance)

        def run_outside(frame: Frame) -> Any:
            value = outward(frame)[slot]
            if value is UNSET:
                raise error(tag, f"variable '{name}' has no value yet")
            return value

        return run_outside

    def run(frame: Frame) -> Any:
        value = frame[slot]
        if value is UNSET:
            raise error(tag, f"variable '{name}' has no value yet")
        return value

    return run


def frame_at(distance: int) -> Callable[[Frame], Frame]:
    """The frame so many units outside."""

    def outward(frame: Frame) -> Frame:
        for _ in range(distance):
            frame = frame[OUTER]
        return frame

    return outward


def arithmetic(
    fast: Callable[[Any, Any], Any],
    slow: Callable[[Any, Any], Any],
    left: Evaluate,
    right: Evaluate,
) -> Evaluate:
    def run(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is int and type(b) is int:
            value = fast(a, b)
            if LOW <= value < HIGH:
                return value
        return slow(a, b)

    return run


def ordered(
    fast: Callable[[Any, Any], bool],
    slow: Callable[[Any, Any], Any],
    left: Evaluate,
    right: Evaluate,
) -> Evaluate:
    def run(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is int and type(b) is int:
            return fast(a, b)
        return slow(a, b)

    return run


def logical(name: str, left: Evaluate, right: Evaluate, *, eager: bool) -> Evaluate:
    """`and` is decided by a false left side, `or` by a true one."""
    decisive = name == "or"
    where = f"operand of '{name}'"

    def run(frame: Frame) -> bool:
        first = boolean(left(frame), where)
        if first is decisive and not eager:
            return first
        second = boolean(right(frame), where)
        return (first or second) if decisive else (first and second)

    return run


def key_of(value: Any) -> str:
    if type(value) is not str:
        raise error("TypeError", f"map key must be a string, got: '{type(value).__name__}'")
    return value


def defaults(function: Function, given: int) -> tuple[Any, ...]:
    return tuple(default for _, default in function.parameters[given:])


def apply(function: Function, arguments: list[Evaluate]) -> Evaluate:
    """One and two arguments, all that most calls have, without building a list."""
    work = function.work
    assert work is not None
    rest = defaults(function, len(arguments))
    if len(arguments) == 1:
        (one,) = arguments
        return lambda frame: work(frame[RUN].context, one(frame), *rest)
    if len(arguments) == 2:
        first, second = arguments
        return lambda frame: work(frame[RUN].context, first(frame), second(frame), *rest)
    return lambda frame: work(frame[RUN].context, *[each(frame) for each in arguments], *rest)
