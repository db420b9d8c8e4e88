"""Expressions that ask for something: sys.now, uuid.generate, subworkflows.

They become generators, so that the machine can stop in the middle and the order of evaluation
stays as written. What inside them asks for nothing is compiled as usual.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from emulator.workflows.code import RUN, Frame
from emulator.workflows.effects import ConnectorCall
from emulator.workflows.expressions.compile import Expressions, defaults, key_of
from emulator.workflows.expressions.nodes import (
    Binary,
    Call,
    Index,
    ListOf,
    MapOf,
    Member,
    Node,
    Unary,
)
from emulator.workflows.expressions.operators import boolean, member
from emulator.workflows.library.catalog import LIBRARY, connector_arguments
from emulator.workflows.scopes import Scope

Wanted = Any
"""An effect, or an `Invoke`."""
Play = Generator[Wanted, Any, Any]
Resumable = Callable[[Frame], Play]
Enter = Callable[[Frame, str, list[Any]], Wanted]
"""Frame, subworkflow, arguments → Invoke."""


class ResumableExpressions:
    """Compiles to generators."""

    def __init__(self, plain: Expressions, enter: Enter) -> None:
        self.plain = plain
        self.enter = enter
        self.compilers: dict[type, Callable[[Any, Scope], Resumable]] = {
            Member: self.member,
            Index: self.index,
            Call: self.call,
            Unary: self.unary,
            Binary: self.binary,
            ListOf: self.list_of,
            MapOf: self.map_of,
        }

    def compile(self, node: Node, scope: Scope) -> Resumable:
        if self.plain.waits(node):
            return self.compilers[type(node)](node, scope)
        evaluate = self.plain.compile(node, scope)

        def at_once(frame: Frame) -> Play:
            return evaluate(frame)
            yield

        return at_once

    def member(self, node: Member, scope: Scope) -> Resumable:
        of = self.compile(node.of, scope)

        def run(frame: Frame) -> Play:
            return member((yield from of(frame)), node.name)

        return run

    def index(self, node: Index, scope: Scope) -> Resumable:
        of, index = self.compile(node.of, scope), self.compile(node.index, scope)

        def run(frame: Frame) -> Play:
            container = yield from of(frame)
            return self.plain.operators.item(container, (yield from index(frame)))

        return run

    def call(self, node: Call, scope: Scope) -> Resumable:
        arguments = self.list_of(ListOf(node.arguments), scope)
        if node.function in self.plain.routines:
            return self.routine_call(node.function, arguments)
        function = LIBRARY.get(node.function)
        if function is None:
            return connector_call(node.function, arguments)
        rest = defaults(function, len(node.arguments))

        def run(frame: Frame) -> Play:
            context = frame[RUN].context
            values = yield from arguments(frame)
            if function.work is not None:
                return function.work(context, *values, *rest)
            assert function.ask is not None
            reply = yield function.ask(context, *values, *rest)
            return reply if function.answer is None else function.answer(context, reply)

        return run

    def routine_call(self, name: str, arguments: Resumable) -> Resumable:
        def run(frame: Frame) -> Play:
            values = yield from arguments(frame)
            return (yield self.enter(frame, name, values))

        return run

    def unary(self, node: Unary, scope: Scope) -> Resumable:
        operand = self.compile(node.operand, scope)
        negate = self.plain.operators.negate

        def run(frame: Frame) -> Play:
            value = yield from operand(frame)
            if node.operator == "not":
                return not boolean(value, "operand of 'not'")
            return negate(value)

        return run

    def binary(self, node: Binary, scope: Scope) -> Resumable:
        left, right = self.compile(node.left, scope), self.compile(node.right, scope)
        if node.operator in {"and", "or"}:
            return self.logical(node.operator, left, right)
        work = self.plain.operators.binary[node.operator]

        def run(frame: Frame) -> Play:
            value = yield from left(frame)
            return work(value, (yield from right(frame)))

        return run

    def logical(self, name: str, left: Resumable, right: Resumable) -> Resumable:
        decisive, where = name == "or", f"operand of '{name}'"
        short = self.plain.choices.short_circuit

        def run(frame: Frame) -> Play:
            first = boolean((yield from left(frame)), where)
            if first is decisive and short:
                return first
            second = boolean((yield from right(frame)), where)
            return (first or second) if decisive else (first and second)

        return run

    def list_of(self, node: ListOf, scope: Scope) -> Resumable:
        items = [self.compile(item, scope) for item in node.items]

        def run(frame: Frame) -> Play:
            values = []
            for item in items:
                value = yield from item(frame)
                values.append(value)
            return values

        return run

    def map_of(self, node: MapOf, scope: Scope) -> Resumable:
        pairs = [(self.compile(k, scope), self.compile(v, scope)) for k, v in node.pairs]

        def run(frame: Frame) -> Play:
            found = {}
            for key, value in pairs:
                name = key_of((yield from key(frame)))
                found[name] = yield from value(frame)
            return found

        return run


def connector_call(name: str, arguments: Resumable) -> Resumable:
    def run(frame: Frame) -> Play:
        values = yield from arguments(frame)
        return (yield ConnectorCall(name, connector_arguments(name, values)))

    return run
