"""Writes studio/web/src/api/messages.gen.ts from `messages`, so that the two never differ.

Run it with `python -m studio.server.generate`; a test fails when the file is stale.
"""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from studio.server import messages

TARGET = Path(__file__).parents[1] / "web" / "src" / "api" / "messages.gen.ts"
HEADER = (
    "// Made from studio/server/messages by `python -m studio.server.generate`.\n"
    "export type Json = any;\n"
)
SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def main() -> None:
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(typescript())


def typescript() -> str:
    """The whole file: one exported interface for each dataclass, one type for each Literal."""
    body = [declaration(name, value) for name, value in vars(messages).items()]
    return HEADER + "\n" + "\n".join(text for text in body if text)


def declaration(name: str, value: Any) -> str:
    if get_origin(value) is Literal:
        return f"export type {name} = {type_of(value)};\n"
    if isinstance(value, type) and is_dataclass(value):
        hints = typing.get_type_hints(value)
        lines = (f"  {f.name}{mark(f)}: {type_of(hints[f.name])};\n" for f in fields(value))
        return f"export interface {name} {{\n{''.join(lines)}}}\n"
    return ""


def mark(field: Field[Any]) -> str:
    """A field with a default may be left out by the sender."""
    return "?" if field.default is not MISSING or field.default_factory is not MISSING else ""


def type_of(hint: Any) -> str:
    """A Python annotation as TypeScript; literal sets and dataclasses keep their names."""
    if hint is Any:
        return "Json"
    if hint in SCALARS:
        return SCALARS[hint]
    return generic(get_origin(hint), get_args(hint)) or str(hint.__name__)


def generic(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is Literal:
        return " | ".join(f'"{text}"' for text in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(type_of(argument) for argument in arguments)
    if origin is list:
        return f"{grouped(type_of(arguments[0]))}[]"
    return f"Record<string, {type_of(arguments[1])}>" if origin is dict else ""


def grouped(text: str) -> str:
    return f"({text})" if " | " in text else text


if __name__ == "__main__":
    main()
