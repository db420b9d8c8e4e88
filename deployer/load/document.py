"""A YAML file of the author's as plain values that remember their lines."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deployer.errors import Problem
from deployer.load.templates import Rendered, TemplateMistake, is_templated, render, restored
from deployer.model import Place

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML without libyaml: the same, slower
    from yaml import SafeLoader  # type: ignore[assignment]  # two classes, one protocol

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping read from a file."""

    path: Path
    value: Mapping[str, Any]
    lines: Mapping[Keys, int] = field(default_factory=dict)

    def line(self, *keys: str | int) -> int:
        """Line of the value at these keys, or of the nearest one around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def place(self, *keys: str | int) -> Place:
        return Place(self.path, self.line(*keys))

    def problem(self, message: str, *keys: str | int, hint: str = "") -> Problem:
        return Problem(self.path, self.line(*keys), message, hint)


def read(path: Path, environment: Mapping[str, str]) -> Document | Problem:
    """The file's mapping; an empty file is an empty one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(path, 0, f"is not UTF-8 text (byte {error.start})", "save it as UTF-8")
    except OSError as error:
        return Problem(path, 0, f"cannot be read: {error.strerror or error}")
    return parse(path, text, environment)


def parse(path: Path, text: str, environment: Mapping[str, str]) -> Document | Problem:
    """YAML as it stands; only when that fails and there is Jinja in it, what Jinja makes of it.

    So a template inside quotes reaches the run unrendered, as Mage leaves it.
    """
    parsed = _parse(path, Rendered(text))
    if isinstance(parsed, Document) or not is_templated(text):
        return parsed
    try:
        return _parse(path, render(text, environment, keep=True))
    except TemplateMistake as mistake:
        return Problem(path, mistake.line, f"template: {mistake}", "mend the {{ … }} expression")


def _parse(path: Path, source: Rendered) -> Document | Problem:
    loader = SafeLoader(source.text)
    try:
        node = loader.get_single_node()
        value = jsonable(loader.construct_document(node)) if node else {}
        lines = {keys: source.source_line(line) for keys, line in _lines(node, ())}
    except yaml.YAMLError as error:
        return _yaml_problem(path, source, error)
    except (ValueError, TypeError, RecursionError) as error:
        return Problem(path, 1, f"is not valid YAML: {error}")
    finally:
        loader.dispose()
    if not isinstance(value, dict):
        found = type(value).__name__
        return Problem(path, 1, f"should hold keys and values, but is a {found}")
    return Document(path, value, lines)


def _yaml_problem(path: Path, source: Rendered, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or str(error).split("\n")[0]
    line = source.source_line(mark.line + 1) if mark else 1
    hint = "check the indentation and the quotes around this line"
    if "\t" in source.text:
        hint = "YAML allows no tabs for indentation: use spaces"
    return Problem(path, line, f"is not valid YAML: {what}", hint)


def _lines(node: yaml.Node | None, keys: Keys) -> Iterator[tuple[Keys, int]]:
    if node is None:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*keys, str(key.value))
            yield place, key.start_mark.line + 1
            if not isinstance(value, yaml.ScalarNode):
                yield from _lines(value, place)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*keys, index), value.start_mark.line + 1
            if not isinstance(value, yaml.ScalarNode):
                yield from _lines(value, (*keys, index))


def jsonable(value: Any) -> Any:
    """YAML's values as JSON has them: dates become ISO texts, keys become strings."""
    if isinstance(value, Mapping):
        return {restored(str(key)): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str):
        return restored(value)
    return value if value is None or isinstance(value, int | float | bool) else str(value)


def text_of(value: Any) -> str:
    return "" if value is None else str(value).strip()


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping; anything else counts as absent."""
    return value if isinstance(value, Mapping) else {}
