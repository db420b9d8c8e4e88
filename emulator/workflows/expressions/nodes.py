"""The tree of an expression. A whole value of a definition, literal lists and maps with
expressions inside, is one such tree too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.workflows.source import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`"""

    of: Node
    name: str
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`of[index]`"""

    of: Node
    index: Node
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; the function is a dotted name."""

    function: str
    arguments: tuple[Node, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Node
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]
    at: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class MapOf:
    pairs: tuple[tuple[Node, Node], ...]
    at: Place = field(default=NOWHERE, compare=False)


Node = Literal | Name | Member | Index | Call | Unary | Binary | ListOf | MapOf


def children(node: Node) -> tuple[Node, ...]:
    return BELOW[type(node)](node)


BELOW: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Literal: lambda _: (),
    Name: lambda _: (),
    MapOf: lambda node: tuple(part for pair in node.pairs for part in pair),
    Member: lambda node: (node.of,),
    Index: lambda node: (node.of, node.index),
    Call: lambda node: node.arguments,
    Unary: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    ListOf: lambda node: node.items,
}


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, left to right."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(children(node)))


def dotted(node: Node) -> str | None:
    """`a.b.c` when the node is names joined by dots, else None."""
    parts: list[str] = []
    while isinstance(node, Member):
        parts.append(node.name)
        node = node.of
    if not isinstance(node, Name):
        return None
    return ".".join([node.name, *reversed(parts)])


def depth(node: Node) -> int:
    """How deep the tree is; without recursion, since that is what it guards against."""
    level, deepest = [node], 0
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest
