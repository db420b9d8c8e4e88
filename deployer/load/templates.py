"""Jinja before YAML, without losing track of lines.

Mage renders some of its files with a few functions (Mage: "Templating and environment
variables"). Text is marked with its own line number before rendering and the marks are read
back from the result, so that a mistake found afterwards still points into the author's file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import ChainableUndefined, Environment, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

MARK = re.compile("\ue000(\\d+)\ue001")
ASKING = (
    *("env_var", "mage_secret_var", "aws_secret_var", "azure_secret_var"),
    *("gcp_secret_var", "hashicorp_secret_var"),
)
"""Functions that look a name up in the surroundings."""
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


class _Kept:
    """A value of the environment: can be compared, but is written as the template it came from.

    So what `.env` holds decides an `{% if %}` and yet never reaches a bundle.
    """

    def __init__(self, call: str, value: str) -> None:
        self._call = call
        self._value = value

    def __str__(self) -> str:
        return f"\ue002{self._call}\ue003"

    def __eq__(self, other: object) -> bool:
        return self._value == other

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)


def restored(text: str) -> str:
    """The templates of kept values, as they were written."""
    return text.replace("\ue002", "{{ ").replace("\ue003", " }}")


def is_templated(text: str) -> bool:
    return LOOKS_TEMPLATED.search(text) is not None


def render(text: str, environment: Mapping[str, str], *, keep: bool = False) -> Rendered:
    """Render a whole file; TemplateMistake names the line. With `keep`, what comes from the
    environment is marked instead of written: see `restored`.
    """
    jinja = _jinja(environment, keep)
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


def _jinja(environment: Mapping[str, str], keep: bool) -> Environment:
    def asking(function: str) -> Callable[..., Any]:
        def ask(name: str, *default: Any, **_: Any) -> Any:
            value = environment.get(name)
            if value is None:
                return default[0] if default and function == "env_var" else None
            return _Kept(f"{function}('{name}')", value) if keep else value

        return ask

    # Sandboxed: looking at a stranger's project must not run the stranger's code.
    jinja = SandboxedEnvironment(undefined=_AsWritten, keep_trailing_newline=True)
    jinja.globals.update({name: asking(name) for name in ASKING}, json_value=_json_value)
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
