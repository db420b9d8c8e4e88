"""Jinja before YAML, without losing track of lines.

Mage renders some of its files with a few functions (Mage: "Templating and environment
variables"). Text is marked with its own line number before rendering and the marks are read
back from the result, so that a mistake found afterwards still points into the author's file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import ChainableUndefined, Environment, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

MARK = re.compile("\ue000(\\d+)\ue001")
LOOKS_TEMPLATED = re.compile(r"\{\{|\{%|\{#")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Text after templating, and where its lines came from."""

    text: str
    origins: tuple[int, ...] = ()
    """Source line of each line; empty when nothing was templated."""

    def source_line(self, line: int) -> int:
        if not self.origins:
            return line
        return self.origins[min(max(line, 1), len(self.origins)) - 1]


class TemplateMistake(Exception):
    """A template that cannot be rendered."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _AsWritten(ChainableUndefined):
    """A name that only a run knows stays as it was written."""

    def __str__(self) -> str:
        return "{{ " + str(self._undefined_name) + " }}"


def is_templated(text: str) -> bool:
    return LOOKS_TEMPLATED.search(text) is not None


def render(text: str, environment: Mapping[str, str]) -> Rendered:
    """Render a whole file; TemplateMistake names the line."""
    jinja = _jinja(environment)
    try:
        return _unmarked(jinja.from_string(_marked(jinja, text)).render())
    except TemplateSyntaxError as mistake:
        raise TemplateMistake(mistake.message or "bad template", mistake.lineno) from mistake
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as mistake:
        raise TemplateMistake(str(mistake), 1) from mistake


def render_value(value: Any, environment: Mapping[str, str]) -> Any:
    """Render the strings inside a parsed value; what cannot be rendered stays as written."""
    if isinstance(value, str) and is_templated(value):
        try:
            return render(value, environment).text
        except TemplateMistake:
            return value
    if isinstance(value, Mapping):
        return {key: render_value(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [render_value(item, environment) for item in value]
    return value


def _jinja(environment: Mapping[str, str]) -> Environment:
    # Sandboxed: looking at a stranger's project must not run the stranger's code.
    jinja = SandboxedEnvironment(undefined=_AsWritten, keep_trailing_newline=True)
    jinja.globals.update(
        env_var=lambda name, default=None: environment.get(name, default),
        mage_secret_var=environment.get,
        aws_secret_var=lambda name, *_: environment.get(name),
        azure_secret_var=environment.get,
        gcp_secret_var=lambda name, *_: environment.get(name),
        hashicorp_secret_var=lambda name, *_: environment.get(name),
        json_value=_json_value,
    )
    return jinja


def _json_value(text: str, key: str) -> Any:
    try:
        return json.loads(text)[key]
    except (ValueError, TypeError, LookupError):
        return None


def _marked(jinja: Environment, text: str) -> str:
    """The template with a mark at the start of each line that is plain text."""
    parts = ["\ue0001\ue001"]
    for line, kind, value in jinja.lex(text):
        if kind != "data":
            parts.append(value)
            continue
        pieces = value.split("\n")
        parts.append(pieces[0])
        parts += [f"\n\ue000{line + n}\ue001{piece}" for n, piece in enumerate(pieces[1:], 1)]
    return "".join(parts)


def _unmarked(text: str) -> Rendered:
    origins: list[int] = []
    lines = []
    for line in text.split("\n"):
        found = MARK.findall(line)
        origins.append(int(found[0]) if found else (origins[-1] if origins else 1))
        lines.append(MARK.sub("", line))
    return Rendered("\n".join(lines), tuple(origins))


def calls(text: str, functions: frozenset[str]) -> tuple[tuple[str, str, int], ...]:
    """(function, first argument, line) of each call with a literal name, e.g. env_var('X')."""
    names = "|".join(sorted(functions))
    pattern = re.compile(rf"\b({names})\s*\(\s*(['\"])([^'\"\n]+)\2")
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return tuple(
        (match[1], match[3], bisect_right(starts, match.start()))
        for match in pattern.finditer(text)
        if not _is_comment(text, match.start())
    )


def _is_comment(text: str, position: int) -> bool:
    begin = text.rfind("\n", 0, position) + 1
    return text[begin:position].lstrip().startswith(("#", "--"))
