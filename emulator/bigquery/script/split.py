"""A script's text → its statements and blocks. Statements themselves stay text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emulator.bigquery.dialect.locate import at_offset
from emulator.bigquery.errors import BigQueryError, invalid_query

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<text>[rRbB]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''
        |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|`[^`]*`)
    |(?P<word>@{0,2}[A-Za-z_]\w*)|(?P<number>\d[\w.]*)|(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        return self.text.upper()


@dataclass(slots=True)
class Node:
    """A statement (`kind` is its first word, or SQL) or a block."""

    kind: str
    text: str = ""
    """With what stands before it as blanks, so that places in it are places in the script."""
    condition: str = ""
    branches: list[tuple[str, list[Node]]] = field(default_factory=list)
    """(condition, body) of IF and CASE; "" is ELSE."""
    body: list[Node] = field(default_factory=list)
    handler: list[Node] | None = None
    name: str = ""


PLAIN = frozenset(["DECLARE", "SET", "EXECUTE", "RAISE", "RETURN", "LEAVE", "BREAK", "CONTINUE",
                   "ITERATE", "ASSERT", "COMMIT", "ROLLBACK"])  # fmt: skip


def split(source: str) -> list[Node]:
    return Splitter(source).script()


def is_plain(nodes: list[Node]) -> bool:
    """No more than statements of SQL."""
    return all(node.kind == "SQL" for node in nodes)


class Splitter:
    """Recursive descent over tokens that know nothing of SQL but its brackets."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = [
            Token(found[0], found.start(), found.end())
            for found in _TOKEN.finditer(source)
            if not found["space"]
        ]
        self._at = 0

    def script(self) -> list[Node]:
        made = self._statements(())
        if self._peek():
            raise self._unexpected()
        return made

    # -- tokens ---------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].word if at < len(self._tokens) else ""

    def _unexpected(self) -> BigQueryError:
        if self._at >= len(self._tokens):
            return invalid_query("Syntax error: Unexpected end of script",
                                 at_offset(self._source, len(self._source)))  # fmt: skip
        token = self._tokens[self._at]
        return invalid_query(f"Syntax error: Unexpected {token.text}",
                             at_offset(self._source, token.start))  # fmt: skip

    def _take(self, *words: str) -> None:
        for word in words:
            if self._peek() != word:
                raise self._unexpected()
            self._at += 1

    def _until(self, *words: str) -> str:
        """The text up to one of these words outside of brackets and CASE … END."""
        first, depth, cases = self._at, 0, 0
        while True:
            word = self._peek()
            if not word or (word in words and depth == 0 and cases == 0):
                break
            depth += (word in "([") - (word in ")]")
            cases += (word == "CASE") - (word == "END" and cases > 0)
            self._at += 1
        if not self._peek() and ";" not in words:
            raise self._unexpected()
        if first == self._at:
            return ""
        start, end = self._tokens[first].start, self._tokens[self._at - 1].end
        return re.sub(r"[^\n]", " ", self._source[:start]) + self._source[start:end]

    # -- statements -----------------------------------------------------------------------------

    def _statements(self, ends: tuple[str, ...]) -> list[Node]:
        made: list[Node] = []
        while True:
            while self._peek() == ";":
                self._at += 1
            if not self._peek() or self._peek() in ends:
                return made
            made.append(self._statement())
            if self._peek() and self._peek() != ";":
                raise self._unexpected()

    def _statement(self) -> Node:
        word = self._peek()
        if word == "BEGIN" and self._peek(1) not in ("TRANSACTION", ";", ""):
            return self._begin()
        blocks = {"IF": self._if, "LOOP": self._loop, "WHILE": self._while, "CASE": self._case,
                  "REPEAT": self._repeat, "FOR": self._for}  # fmt: skip
        if word in blocks:
            return blocks[word]()
        kind = word if word in PLAIN else "BEGIN" if word == "BEGIN" else "SQL"
        return Node(kind, self._until(";"))

    def _begin(self) -> Node:
        self._take("BEGIN")
        node = Node("BLOCK", body=self._statements(("END", "EXCEPTION")))
        if self._peek() == "EXCEPTION":
            self._take("EXCEPTION", "WHEN", "ERROR", "THEN")
            node.handler = self._statements(("END",))
        self._take("END")
        return node

    def _if(self) -> Node:
        self._take("IF")
        node = Node("IF")
        while True:
            condition = self._until("THEN")
            self._take("THEN")
            body = self._statements(("ELSEIF", "ELSE", "END"))
            node.branches.append((condition, body))
            if self._peek() != "ELSEIF":
                break
            self._take("ELSEIF")
        self._else(node)
        self._take("END", "IF")
        return node

    def _else(self, node: Node) -> None:
        if self._peek() == "ELSE":
            self._take("ELSE")
            node.branches.append(("", self._statements(("END",))))

    def _case(self) -> Node:
        self._take("CASE")
        of = self._until("WHEN") if self._peek() != "WHEN" else ""
        node = Node("IF")
        while self._peek() == "WHEN":
            self._take("WHEN")
            condition = self._until("THEN")
            self._take("THEN")
            body = self._statements(("WHEN", "ELSE", "END"))
            node.branches.append((f"({of}) = ({condition})" if of else condition, body))
        self._else(node)
        self._take("END", "CASE")
        return node

    def _loop(self) -> Node:
        self._take("LOOP")
        node = Node("LOOP", body=self._statements(("END",)))
        self._take("END", "LOOP")
        return node

    def _while(self) -> Node:
        self._take("WHILE")
        condition = self._until("DO")
        self._take("DO")
        node = Node("WHILE", condition=condition, body=self._statements(("END",)))
        self._take("END", "WHILE")
        return node

    def _repeat(self) -> Node:
        self._take("REPEAT")
        body = self._statements(("UNTIL",))
        self._take("UNTIL")
        node = Node("REPEAT", condition=self._until("END"), body=body)
        self._take("END", "REPEAT")
        return node

    def _for(self) -> Node:
        self._take("FOR")
        name = self._tokens[self._at].text
        self._at += 1
        self._take("IN")
        query = self._until("DO")
        self._take("DO")
        node = Node("FOR", name=name, condition=query, body=self._statements(("END",)))
        self._take("END", "FOR")
        return node
