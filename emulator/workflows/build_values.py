"""Trees → formulas, targets and names: the values of a definition."""

from __future__ import annotations

import re
from typing import Any

from emulator.workflows.expressions.grammar import INT64, ExpressionError, parse_expression
from emulator.workflows.expressions.nodes import (
    Index,
    ListOf,
    Literal,
    MapOf,
    Member,
    Name,
    Node,
)
from emulator.workflows.limits import Limits
from emulator.workflows.source import Place, Problems
from emulator.workflows.syntax import Formula, Target
from emulator.workflows.tree import Items, Scalar, Tree

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NULL = Literal(None)


class Values:
    """Builds values; mistakes go to `problems` and leave a null behind."""

    def __init__(self, problems: Problems, limits: Limits) -> None:
        self.problems = problems
        self.limits = limits

    def formula(self, tree: Tree) -> Formula:
        return Formula(self.node(tree), tree.at)

    def node(self, tree: Tree) -> Node:
        if isinstance(tree, Scalar):
            return self.scalar(tree)
        if isinstance(tree, Items):
            return fold_list(tuple(self.node(item) for item in tree.items), tree.at)
        return fold_map(tuple((self.node(k), self.node(v)) for k, v in tree.pairs), tree.at)

    def scalar(self, scalar: Scalar) -> Node:
        value = scalar.value
        if isinstance(value, str):
            return self.expression(scalar) if is_expression(value) else Literal(value, scalar.at)
        if type(value) is int and not -INT64 <= value < INT64:
            self.problems.add(scalar.at, "the integer does not fit into 64 bits", understood=True)
        return Literal(value, scalar.at)

    def expression(self, scalar: Scalar) -> Node:
        """`${…}`: at most 400 characters (Workflows: Quotas and limits)."""
        start, end = scalar.value.index("${") + 2, scalar.value.rindex("}")
        text = scalar.value[start:end]
        if len(text) > self.limits.expression:
            self.problems.add(
                scalar.at,
                f"expression has {len(text)} characters, at most"
                f" {self.limits.expression} are allowed",
                understood=True,
            )
            return NULL
        try:
            return parse_expression(text, lambda a, b: scalar.span(start + a, start + b))
        except ExpressionError as error:
            at = scalar.span(start + error.start, start + error.end)
            complaint = f"error parsing expression '{text}': {error.message}"
            self.problems.add(at, complaint, understood=True)
            return NULL

    def target(self, scalar: Scalar) -> Target:
        """`v`, `m.k`, `m["k"]`, `l[i + 1]` and longer paths."""
        try:
            node = parse_expression(str(scalar.value), scalar.span)
        except ExpressionError as error:
            at = scalar.span(error.start, error.end)
            self.problems.add(at, f"invalid variable '{scalar.value}': {error.message}")
            return Target("_", (), scalar.at)
        path: list[Node] = []
        while isinstance(node, Member | Index):
            key = Literal(node.name, node.at) if isinstance(node, Member) else node.index
            path.append(key)
            node = node.of
        if not isinstance(node, Name):
            self.problems.add(scalar.at, f"invalid variable '{scalar.value}'")
            return Target("_", (), scalar.at)
        return Target(node.name, tuple(reversed(path)), scalar.at)

    def variable(self, tree: Tree, what: str) -> str:
        """A plain name; "_" after a mistake."""
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            if VARIABLE.fullmatch(tree.value):
                return tree.value
            self.problems.add(tree.at, f"invalid name '{tree.value}' for {what}")
        else:
            self.problems.add(tree.at, f"{what} must be a name")
        return "_"

    def constant(self, tree: Tree) -> Any:
        """A value without expressions: the default of a parameter."""
        node = self.node(tree)
        if isinstance(node, Literal):
            return node.value
        self.problems.add(tree.at, "the default of a parameter must be a literal")
        return None


def is_literal(tree: Tree) -> bool:
    """Known without evaluating anything."""
    return not (
        isinstance(tree, Scalar) and isinstance(tree.value, str) and is_expression(tree.value)
    )


def is_expression(text: str) -> bool:
    """Only a whole value is an expression: `"abc ${x}"` is text (Workflows: Expressions)."""
    text = text.strip()
    return text.startswith("${") and text.endswith("}")


def fold_list(items: tuple[Node, ...], at: Place) -> Node:
    if all(isinstance(item, Literal) for item in items):
        return Literal([item.value for item in items if isinstance(item, Literal)], at)
    return ListOf(items, at)


def fold_map(pairs: tuple[tuple[Node, Node], ...], at: Place) -> Node:
    if all(isinstance(node, Literal) for pair in pairs for node in pair):
        return Literal(
            {
                k.value: v.value
                for k, v in pairs
                if isinstance(k, Literal)
                if isinstance(v, Literal)
            },
            at,
        )
    return MapOf(pairs, at)
