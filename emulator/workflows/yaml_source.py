"""YAML text → tree. Only the plain part of YAML: no anchors, tags, merge keys or documents.

What YAML 1.1 and 1.2 read differently (`yes`, `010`, `12:30`) is refused with the advice to
quote it (Workflows: Syntax overview says nothing of them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

from emulator.workflows.source import Place, Problems
from emulator.workflows.tree import Items, Pairs, Scalar, Tree

NULL = re.compile(r"~|null|Null|NULL|")
TRUE = re.compile(r"true|True|TRUE")
FALSE = re.compile(r"false|False|FALSE")
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
DOUBLE = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
DOUBTFUL = re.compile(
    r"(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)"
    r"|[-+]?0[0-7_]+|[-+]?0b[01_]+|[-+]?0o[0-7]+|[-+]?[0-9][0-9]*_[0-9_]*"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
)
DIFFERENT = re.compile("[\t?\ufeff]")
LARGE = 4096
"""Characters: below it, the way to read a source is not worth a difference."""
MERGE = "tag:yaml.org,2002:merge"


class YamlReader:
    """From PyYAML's graph of nodes (composed by the safe loader, never constructed)."""

    def __init__(self, text: str, problems: Problems, *, words_are_strings: bool) -> None:
        self.lines = text.split("\n")
        self.text = text
        self.problems = problems
        self.words_are_strings = words_are_strings

    def tree(self, node: Node) -> Tree:
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        if isinstance(node, SequenceNode):
            return Items(tuple(self.tree(item) for item in node.value), place(node))
        assert isinstance(node, MappingNode)
        return Pairs(tuple(self.pairs(node)), place(node))

    def pairs(self, node: MappingNode) -> Iterator[tuple[Scalar, Tree]]:
        names: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.problems.add(place(key), "a key must be a string")
                continue
            if key.tag == MERGE:
                self.problems.add(place(key), "merge keys are not supported")
                continue
            if key.value in names:
                self.problems.add(place(key), f"duplicate key '{key.value}'")
            names.add(key.value)
            yield Scalar(key.value, place(key), self.places(key)), self.tree(value)

    def scalar(self, node: ScalarNode) -> Scalar:
        if node.style:  # None of PyYAML and "" of libyaml are plain
            return Scalar(node.value, place(node), self.places(node))
        text = node.value
        if DOUBTFUL.fullmatch(text) and not self.words_are_strings:
            self.problems.add(place(node), f"'{text}' is ambiguous in YAML: put it in quotes")
        if NULL.fullmatch(text):
            return Scalar(None, place(node))
        if TRUE.fullmatch(text) or FALSE.fullmatch(text):
            return Scalar(text[0] in "tT", place(node))
        number = number_of(text)
        if number is not None:
            return Scalar(number, place(node))
        return Scalar(text, place(node), self.places(node))

    def places(self, node: ScalarNode) -> list[tuple[int, int]]:
        """Line and column of each character: read along the raw text, skipping what YAML adds."""
        if "${" not in node.value:
            return []
        raw = self.text[node.start_mark.index : node.end_mark.index]
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        found: list[tuple[int, int]] = []
        position = 0
        for character in node.value:
            while position < len(raw) and not stands_for(raw, position, character):
                line, column = step(raw[position], line, column)
                position += 1
            found.append((line, column))
            width = 2 if raw[position : position + 1] == "\\" != character else 1
            for taken in raw[position : position + width]:
                line, column = step(taken, line, column)
            position += width
        return [*found, (line, column)]


def stands_for(raw: str, position: int, character: str) -> bool:
    """Is this raw character the written form of that one (a fold is a line break)?"""
    if raw[position] == character:
        return True
    if character == " ":
        return raw[position] == "\n"
    return raw[position] == "\\" and ESCAPED.get(raw[position + 1 : position + 2]) == character


ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/"}


def step(character: str, line: int, column: int) -> tuple[int, int]:
    return (line + 1, 1) if character == "\n" else (line, column + 1)


def number_of(text: str) -> int | float | None:
    if INTEGER.fullmatch(text):
        return int(text) if len(text) < 25 else 10**25
    if HEXADECIMAL.fullmatch(text) and len(text) < 25:
        return int(text, 16)
    if DOUBLE.fullmatch(text):
        return float(text)
    if SPECIAL.fullmatch(text):
        return float(text.replace(".", "").lower())
    return None


def place(node: Node) -> Place:
    start, end = node.start_mark, node.end_mark
    length = end.column - start.column if start.line == end.line else 1
    return Place(start.line + 1, start.column + 1, max(length, 1))


def read_yaml(text: str, problems: Problems, *, words_are_strings: bool) -> Tree | None:
    """None when there is no tree at all; problems say why."""
    try:
        node = composed(text)
    except yaml.MarkedYAMLError as error:
        problems.add(mark_of(error), f"parse error: {error.problem or error.context}")
        return None
    if node is None:
        problems.add(Place(1, 1), "the source is empty")
        return None
    return YamlReader(text, problems, words_are_strings=words_are_strings).tree(node)


def composed(text: str) -> Node | None:
    """Large sources by libyaml where it is there, in a fifth of the time; what it refuses, or the
    two read differently, PyYAML's own scanner judges, whose words and places people are told.
    """
    if QuickLoader is not None and len(text) > LARGE and is_plain(text):
        try:
            return _node(QuickLoader(text))
        except (yaml.YAMLError, UnicodeError):
            pass
    return _node(PlainLoader(text))


def is_plain(text: str) -> bool:
    """Without what libyaml takes for something else: it lets tabs and question marks stand where
    PyYAML does not, skips byte order marks, and ends the last lines elsewhere.
    """
    return text.endswith("\n") and not DIFFERENT.search(text)


def _node(loader: Any) -> Node | None:
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def mark_of(error: yaml.MarkedYAMLError) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


class Plain(Composer):
    """Refuses what the language has no use for."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[attr-defined]  # of the parser it is mixed with
        anchored = getattr(event, "anchor", None) is not None
        if anchored or isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not supported", problem_mark=event.start_mark
            )
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="tags are not supported", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)


class PlainLoader(Plain, yaml.SafeLoader):
    """All in Python."""


def _quick() -> Callable[[str], Any] | None:
    """The same with libyaml's scanner and parser."""
    try:
        from yaml._yaml import CParser
    except ImportError:  # PyYAML was built without it
        return None

    class Quick(CParser, Plain, Resolver):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Plain.__init__(self)
            Resolver.__init__(self)

        get_single_node = Composer.get_single_node
        compose_document = Composer.compose_document

    return Quick


QuickLoader = _quick()
