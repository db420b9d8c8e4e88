"""Putting a query together: `{{ df_1 }}`, then `block_output`, then Jinja, as Mage does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.outputs import is_frame
from runtime.sql.statements import placeholder
from runtime.templates import FUNCTIONS, render

_BLOCK_OUTPUT = re.compile(r"\{\{([ ]*block_output[^{}]*)\}\}", re.IGNORECASE)


_NO_ALIAS = (
    r"(?:where|group|order|limit|having|join|inner|left|right|full|cross|natural|lateral|on|"
    r"using|union|intersect|except|window|fetch|offset|qualify|for|tablesample|pivot)\b"
)
"""What may follow a table in FROM without being another name for it."""
MODULES = ("datetime", "inflection", "json", "math")


def modules_in(text: str) -> dict[str, Any]:
    """The modules that templates may use, those that the text names."""
    from importlib import import_module

    return {name: import_module(name) for name in MODULES if re.search(rf"\b{name}\b", text)}


def with_table(query: str, number: int, table: str) -> str:
    """Every `{{ df_N }}` replaced by a table's name."""
    return re.sub(placeholder(number), lambda _: table, query)


def with_query(query: str, number: int, inner: str, alias: str) -> str:
    """Every `{{ df_N }}` replaced by another block's query; named, unless the text names it."""
    body = inner.strip().rstrip(";").rstrip()
    named = rf"{placeholder(number)}(?=\s+(?:as\s|[\"']|(?!{_NO_ALIAS})[a-z_]))"
    query = re.sub(named, lambda _: f"(\n{body}\n)", query, flags=re.IGNORECASE)
    return re.sub(placeholder(number), lambda _: f"(\n{body}\n) AS {alias}", query)


def with_outputs(
    query: str,
    uuids: Sequence[str],
    value: Callable[[str], Any],
    variables: Mapping[str, Any],
) -> str:
    """Every `{{ block_output(…) }}` replaced by what its Python gives."""

    def replaced(found: re.Match[str]) -> str:
        names = {**FUNCTIONS, **modules_in(found[1])}
        names["block_output"] = _block_output(uuids, value, variables)
        return str(eval(found[1].strip(), names))  # noqa: S307 (the user's own code)

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

    return render(query, {**modules_in(query), **variables, "variables": lookup})
