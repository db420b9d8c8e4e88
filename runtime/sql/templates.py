"""Putting a query together: `{{ df_1 }}`, then `block_output`, then Jinja, as Mage does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.outputs import is_frame
from runtime.sql.statements import placeholder
from runtime.templates import FUNCTIONS, render

_BLOCK_OUTPUT = re.compile(r"\{\{([ ]*block_output[^{}]*)\}\}", re.IGNORECASE)


class Modules(dict[str, Any]):
    """The modules that templates may use, each imported when it is named."""

    NAMES = ("datetime", "inflection", "json", "math")

    def __missing__(self, name: str) -> Any:
        if name not in self.NAMES:
            raise KeyError(name)
        from importlib import import_module

        self[name] = import_module(name)
        return self[name]


def with_table(query: str, number: int, table: str) -> str:
    """Every `{{ df_N }}` replaced by a table's name."""
    return re.sub(placeholder(number), lambda _: table, query)


def with_query(query: str, number: int, inner: str, alias: str) -> str:
    """Every `{{ df_N }}` replaced by another block's query; named, unless the text names it."""
    body = inner.strip().rstrip(";").rstrip()
    named = (
        rf"{placeholder(number)}(?=\s+as\s+)",
        rf"{placeholder(number)}(?=\s+[\"'])",
        rf"{placeholder(number)}(?=\s+\S+\s+ON\b)",
    )
    for pattern in named:
        query = re.sub(pattern, lambda _: f"(\n{body}\n)", query, flags=re.IGNORECASE)
    return re.sub(placeholder(number), lambda _: f"(\n{body}\n) AS {alias}", query)


def with_outputs(
    query: str,
    uuids: Sequence[str],
    value: Callable[[str], Any],
    variables: Mapping[str, Any],
) -> str:
    """Every `{{ block_output(…) }}` replaced by what its Python gives."""

    def replaced(found: re.Match[str]) -> str:
        names = Modules(FUNCTIONS)
        names["block_output"] = _block_output(uuids, value, variables)
        return str(eval(found[1].strip(), {"__builtins__": __builtins__}, names))  # noqa: S307 (the user's own code)

    return _BLOCK_OUTPUT.sub(replaced, query)


def _block_output(
    uuids: Sequence[str], value: Callable[[str], Any], variables: Mapping[str, Any]
) -> Callable[..., Any]:
    def block_output(block_uuid: str | None = None, parse: Any = None) -> Any:
        """Without `parse`, all inputs by name, whatever uuid is given."""
        everything = {uuid: value(uuid) for uuid in uuids}
        everything |= {f"df_{n}": everything[uuid] for n, uuid in enumerate(uuids, 1)}
        if parse is None:
            return everything
        try:
            if block_uuid:
                return parse(everything.get(block_uuid), variables)
            return parse([_rows(everything[uuid]) for uuid in uuids], variables)
        except Exception as error:  # noqa: BLE001 (Mage prints the error and goes on)
            print(f"[ERROR] parsing block_output: {error}")
            return everything

    return block_output


def _rows(value: Any) -> Any:
    return value.to_dict(orient="records") if is_frame(value) else value


def with_variables(query: str, variables: Mapping[str, Any]) -> str:
    """Jinja with every keyword argument as a name; unknown names become nothing."""

    def lookup(name: str, parse: str | None = None) -> Any:
        found = variables.get(name)
        return eval(parse)(found) if parse else found  # noqa: S307 (the user's own code)

    modules = Modules()
    used = {name: modules[name] for name in Modules.NAMES if re.search(rf"\b{name}\b", query)}
    return render(query, {**used, **variables, "variables": lookup})
