"""Terraform's configuration language, written the way `terraform fmt` leaves it.

Source: Terraform: "Configuration Syntax" and "Style Guide".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Value = Any
"""str, bool, int, float, None, Raw, or a list or mapping of them."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An expression that stands as it is: a reference or a function's call."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" … { … }`."""

    type: str
    labels: tuple[str, ...] = ()
    arguments: Mapping[str, Value] = field(default_factory=dict)
    blocks: Sequence[Block] = ()
    comment: str = ""

    @property
    def reference(self) -> str:
        """How others name a resource or a data source."""
        labels = ".".join(self.labels)
        return f"data.{labels}" if self.type == "data" else labels


def document(blocks: Sequence[Block]) -> str:
    return "\n\n".join("\n".join(lines_of(block)) for block in blocks) + "\n"


def lines_of(block: Block, depth: int = 0) -> Iterator[str]:
    space = "  " * depth
    for line in block.comment.splitlines():
        yield f"{space}# {line}"
    labels = "".join(f" {quoted(label)}" for label in block.labels)
    parts = [p for p in (short(block, depth + 1), *long(block, depth + 1)) if p]
    parts += [list(lines_of(inner, depth + 1)) for inner in block.blocks]
    if not parts:
        yield f"{space}{block.type}{labels} {{}}"
        return
    yield f"{space}{block.type}{labels} {{"
    for number, part in enumerate(parts):
        if number:
            yield ""
        yield from part
    yield f"{space}}}"


def short(block: Block, depth: int) -> list[str]:
    """Arguments of one line each, their signs below each other."""
    return aligned({k: v for k, v in block.arguments.items() if not is_long(v)}, depth)


def long(block: Block, depth: int) -> Iterator[list[str]]:
    """Arguments of several lines, each on its own."""
    space = "  " * depth
    for name, value in block.arguments.items():
        if is_long(value) and isinstance(value, Mapping):
            quoted_keys = {json.dumps(k): v for k, v in value.items()}
            yield [f"{space}{name} = {{", *aligned(quoted_keys, depth + 1), f"{space}}}"]
        elif is_long(value):
            items = [f"{space}  {text_of(item)}," for item in value]
            yield [f"{space}{name} = [", *items, f"{space}]"]


def is_long(value: Value) -> bool:
    return isinstance(value, Mapping | list) and bool(value)


def aligned(arguments: Mapping[str, Value], depth: int) -> list[str]:
    width = max(map(len, arguments), default=0)
    return [f"{'  ' * depth}{name:<{width}} = {text_of(v)}" for name, v in arguments.items()]


def text_of(value: Value) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return quoted(value)
    return "null" if value is None else json.dumps(value)


def quoted(text: str) -> str:
    """A string in which nothing is a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
