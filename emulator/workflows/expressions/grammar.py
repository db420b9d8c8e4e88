"""Text of an expression → tree, by an LALR grammar (Workflows: Expressions).

Operators bind as Google's table says, from loose to tight: `or`; `and`; comparisons and `in`;
`+ -`; `* / // %`; `not` and unary `-`; `.`, `[]` and `()`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.workflows.expressions.nodes import (
    Binary,
    Call,
    Index,
    ListOf,
    Literal,
    Member,
    Name,
    Node,
    Unary,
    depth,
    dotted,
    walk,
)
from emulator.workflows.source import Place

if TYPE_CHECKING:
    from lark import Lark, Token
    from lark.exceptions import UnexpectedInput

Locate = Callable[[int, int], Place]
"""Offsets in the expression → place in the source."""

INT64 = 2**63
DEEPEST = 250

GRAMMAR = r"""
?start: or_
?or_: or_ ("or"|"OR") and_ -> or_
    | and_
?and_: and_ ("and"|"AND") compare -> and_
    | compare
?compare: compare COMPARE sum -> binary
    | compare ("in"|"IN") sum -> in_
    | sum
?sum: sum SIGN product -> binary
    | product
?product: product TIMES prefix -> binary
    | prefix
?prefix: MINUS prefix -> minus
    | NOT prefix -> not_
    | postfix
?postfix: postfix "." NAME -> member
    | postfix "[" or_ CLOSE -> index
    | postfix "(" [or_ ("," or_)*] END -> call
    | atom
?atom: INTEGER -> integer
    | DOUBLE -> double
    | STRING -> string
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME -> name
    | OPEN [or_ ("," or_)*] CLOSE -> list_
    | "(" or_ ")"
NOT.2: /(not|NOT)(?![A-Za-z0-9_])/
TRUE.2: /(true|True|TRUE)(?![A-Za-z0-9_])/
FALSE.2: /(false|False|FALSE)(?![A-Za-z0-9_])/
NULL.2: /(null|Null|NULL)(?![A-Za-z0-9_])/
OPEN: "["
CLOSE: "]"
END: ")"
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
SIGN: "+" | MINUS
MINUS: "-"
TIMES: "*" | "//" | "/" | "%"
NAME: /[A-Za-z_][A-Za-z0-9_]*/
DOUBLE: /[0-9]+\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/
INTEGER: /[0-9]+/
STRING: /"([^"\\]|\\(.|\n))*"/
%ignore /[ \t\r\n]+/
"""


class ExpressionError(Exception):
    """What is wrong, and which characters of the expression."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)


class Builder:
    """Runs while the parser reduces; nodes carry offsets (as a Place of line 0) until located."""

    def or_(self, parts: list[Any]) -> Node:
        return Binary("or", parts[0], parts[1], span(parts))

    def and_(self, parts: list[Any]) -> Node:
        return Binary("and", parts[0], parts[1], span(parts))

    def in_(self, parts: list[Any]) -> Node:
        return Binary("in", parts[0], parts[1], span(parts))

    def binary(self, parts: list[Any]) -> Node:
        return Binary(str(parts[1]), parts[0], parts[2], span(parts))

    def minus(self, parts: list[Any]) -> Node:
        operand = parts[1]
        if isinstance(operand, Literal) and type(operand.value) in {int, float}:
            return Literal(-operand.value, span(parts))
        return Unary("-", operand, span(parts))

    def not_(self, parts: list[Any]) -> Node:
        return Unary("not", parts[1], span(parts))

    def member(self, parts: list[Any]) -> Node:
        return Member(parts[0], str(parts[1]), span(parts))

    def index(self, parts: list[Any]) -> Node:
        return Index(parts[0], parts[1], span(parts))

    def call(self, parts: list[Any]) -> Node:
        function = dotted(parts[0])
        if function is None:
            raise ExpressionError("only a function can be called", *offsets(parts[0]))
        return Call(function, tuple(parts[1:-1]), span(parts))

    def integer(self, tokens: list[Token]) -> Node:
        return Literal(int(tokens[0]), span(tokens))

    def double(self, tokens: list[Token]) -> Node:
        return Literal(float(tokens[0]), span(tokens))

    def string(self, tokens: list[Token]) -> Node:
        return Literal(unquote(tokens[0]), span(tokens))

    def true(self, tokens: list[Token]) -> Node:
        return Literal(True, span(tokens))

    def false(self, tokens: list[Token]) -> Node:
        return Literal(False, span(tokens))

    def null(self, tokens: list[Token]) -> Node:
        return Literal(None, span(tokens))

    def name(self, tokens: list[Token]) -> Node:
        return Name(str(tokens[0]), span(tokens))

    def list_(self, parts: list[Any]) -> Node:
        return ListOf(tuple(parts[1:-1]), span(parts))


def span(parts: list[Any]) -> Place:
    """From the start of the first part to the end of the last."""
    start, end = offsets(parts[0])[0], offsets(parts[-1])[1]
    return Place(0, start, end - start)


def offsets(part: Any) -> tuple[int, int]:
    if isinstance(part, str):
        start = getattr(part, "start_pos", 0)
        return start, start + len(part)
    return part.at.column, part.at.column + part.at.length


def unquote(token: Token) -> str:
    """The text of a string literal: JSON's escapes, and a line break stands for itself."""
    text = token.replace("\r\n", "\n").replace("\n", "\\n").replace("\t", "\\t")
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        start = token.start_pos or 0
        raise ExpressionError("unknown escape in the string", start, start + len(token)) from None


@functools.lru_cache(maxsize=1)
def parser() -> Lark:
    """Made at the first expression: until then nobody waits for the grammar."""
    from lark import Lark

    return Lark(
        GRAMMAR,
        parser="lalr",
        maybe_placeholders=False,
        transformer=Builder(),
    )


def parse_expression(text: str, locate: Locate) -> Node:
    """The inside of `${…}` as a tree; ExpressionError points at the character."""
    from lark.exceptions import UnexpectedInput, VisitError

    try:
        node: Node = parser().parse(text)  # type: ignore[assignment]  # the transformer's value
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedInput as error:
        raise explain(error, text) from None
    if depth(node) > DEEPEST:
        raise ExpressionError("the expression is nested too deeply", 0, len(text))
    return located(checked(node), locate)


def explain(error: UnexpectedInput, text: str) -> ExpressionError:
    from lark.exceptions import UnexpectedToken

    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            end = len(text.rstrip())
            return ExpressionError("the expression ends too early", max(end - 1, 0), end)
        start = token.start_pos or 0
        return ExpressionError(f"unexpected '{token}'", start, start + len(token))
    position = error.pos_in_stream or 0
    return ExpressionError(hint(text, position), position, position + 1)


def hint(text: str, position: int) -> str:
    character = text[position : position + 1]
    if character == "'":
        return "strings stand in double quotes"
    if character == '"':
        return "the string has no end"
    if character == "{":
        return "maps cannot be written inside an expression"
    return f"unexpected '{character}'"


def checked(node: Node) -> Node:
    """Refuse integers that do not fit 64 bits: only now is the sign known."""
    for part in walk(node):
        value = part.value if isinstance(part, Literal) else None
        if type(value) is int and not -INT64 <= value < INT64:
            raise ExpressionError("the integer does not fit into 64 bits", *offsets(part))
    return node


def located(node: Node, locate: Locate) -> Node:
    """The same tree with places of the source instead of offsets."""
    moved: dict[str, Any] = {
        name: move(getattr(node, name), locate) for name in node.__dataclass_fields__
    }
    return type(node)(**{**moved, "at": locate(*offsets(node))})


def move(part: Any, locate: Locate) -> Any:
    if isinstance(part, tuple):
        return tuple(located(item, locate) for item in part)
    return located(part, locate) if isinstance(part, Node) else part
