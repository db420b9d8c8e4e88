"""JSON text → tree. Written out, because json.loads forgets where things stood."""

from __future__ import annotations

import json
import re

from emulator.workflows.source import Place, Problems
from emulator.workflows.tree import Items, Pairs, Scalar, Tree

SPACE = re.compile(r"[ \t\r\n]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
PIECE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|."
)
WORDS = {"true": True, "false": False, "null": None}


class JsonMistake(Exception):
    """Not JSON from this offset on."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


class JsonReader:
    """Recursive descent over one text."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.at = 0
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.line = 0

    def read(self) -> Tree:
        tree = self.value()
        self.space()
        if self.at < len(self.text):
            raise JsonMistake(self.at, "expected the end of the source")
        return tree

    def place(self, start: int, length: int = 1) -> Place:
        """Reading goes forward, so the line of the last place is the place to start from."""
        while self.line and self.line_starts[self.line] > start:
            self.line -= 1
        while self.line + 1 < len(self.line_starts) and self.line_starts[self.line + 1] <= start:
            self.line += 1
        return Place(self.line + 1, start - self.line_starts[self.line] + 1, length)

    def space(self) -> None:
        match = SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def value(self) -> Tree:
        self.space()
        character = self.text[self.at : self.at + 1]
        if character == "{":
            return self.map()
        if character == "[":
            return self.list()
        if character == '"':
            return self.string()
        return self.word()

    def word(self) -> Scalar:
        start = self.at
        for word, value in WORDS.items():
            if self.text.startswith(word, start):
                self.at += len(word)
                return Scalar(value, self.place(start, len(word)))
        match = NUMBER.match(self.text, start)
        if not match:
            raise JsonMistake(start, "expected a value")
        self.at = match.end()
        at = self.place(start, self.at - start)
        if match[1] or match[2]:
            return Scalar(float(match[0]), at)
        return Scalar(int(match[0]) if len(match[0]) < 25 else 10**25, at)

    def string(self) -> Scalar:
        start = self.at
        match = STRING.match(self.text, start)
        if not match:
            raise JsonMistake(start, "the string has no end or a wrong escape")
        self.at = match.end()
        at = self.place(start, len(match[0]))
        return Scalar(json.loads(match[0]), at, self.places(match[0], at))

    def places(self, raw: str, at: Place) -> list[tuple[int, int]]:
        if "${" not in raw:
            return []
        column, found = at.column + 1, []
        for piece in PIECE.findall(raw[1:-1]):
            found.append((at.line, column))
            column += len(piece)
        return [*found, (at.line, column)]

    def list(self) -> Items:
        start = self.at
        items: list[Tree] = []
        self.at += 1
        self.space()
        while not self.take("]"):
            if items:
                self.expect(",")
            items.append(self.value())
            self.space()
        return Items(tuple(items), self.place(start))

    def map(self) -> Pairs:
        start = self.at
        pairs: list[tuple[Scalar, Tree]] = []
        names: set[str] = set()
        self.at += 1
        self.space()
        while not self.take("}"):
            if pairs:
                self.expect(",")
            pairs.append(self.pair(names))
            self.space()
        return Pairs(tuple(pairs), self.place(start))

    def pair(self, names: set[str]) -> tuple[Scalar, Tree]:
        self.space()
        if self.text[self.at : self.at + 1] != '"':
            raise JsonMistake(self.at, "expected a key in double quotes")
        key = self.string()
        if key.value in names:
            self.problems.add(key.at, f"duplicate key '{key.value}'")
        names.add(key.value)
        self.space()
        self.expect(":")
        return key, self.value()

    def take(self, character: str) -> bool:
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def expect(self, character: str) -> None:
        if not self.take(character):
            raise JsonMistake(self.at, f"expected '{character}'")


def read_json(text: str, problems: Problems) -> Tree:
    """JsonMistake when the text is not JSON."""
    return JsonReader(text, problems).read()
