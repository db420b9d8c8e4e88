"""profiles.yml as dbt gets it: rendered, with the function's own identity where no key came.

Mage renders the file with its template functions, and so do we; dbt's own filters for numbers
are known too, since the same file may serve dbt alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.errors import SettingsProblem
from runtime.libraries import library
from runtime.templates import FUNCTIONS, load_yaml

NUMBERS = frozenset({"port", "threads", "connect_timeout", "keepalives_idle", "retries"})
KEYS = frozenset({"keyfile", "keyfile_json"})
SCHEMAS = ("schema", "dataset")


@dataclass(frozen=True, slots=True)
class Connection:
    """One output of the project's profile."""

    profile: str
    target: str
    settings: Mapping[str, Any]

    @property
    def schema(self) -> str:
        named = (str(self.settings[name]) for name in SCHEMAS if self.settings.get(name))
        return next(named, "main" if self.adapter == "duckdb" else "public")

    @property
    def adapter(self) -> str:
        return str(self.settings.get("type") or "")

    def to_yaml(self) -> str:
        output = {self.target: dict(self.settings)}
        whole = {self.profile: {"target": self.target, "outputs": output}}
        text: str = library("yaml", "pyyaml", "a dbt block").safe_dump(whole, sort_keys=True)
        return text


def rendered(text: str, variables: Mapping[str, Any]) -> str:
    """Templates with Mage's functions, `variables('x')`, and dbt's filters."""
    environment = library("jinja2", feature="a dbt block").Environment(keep_trailing_newline=True)
    for name in ("as_bool", "as_native", "as_number", "as_text"):
        environment.filters[name] = lambda value: value
    names = {**FUNCTIONS, "variables": variables.get}
    result: str = environment.from_string(text).render(names)
    return result


def connection(
    text: str, profile: str, target: str, variables: Mapping[str, Any], file: str
) -> Connection:
    """The output that is asked for; `target` may be empty: the profile's own default."""
    every = load_yaml(rendered(text, variables))
    found = every.get(profile) if isinstance(every, Mapping) else None
    if not isinstance(found, Mapping):
        raise SettingsProblem(f"profiles.yml has no profile {profile!r}", file=file, line=1)
    outputs = found.get("outputs") or {}
    name = target or str(found.get("target") or "default")
    if not isinstance(outputs.get(name), Mapping):
        known = ", ".join(map(str, outputs)) or "none"
        message = f"profile {profile!r} has no output {name!r}; it has: {known}"
        raise SettingsProblem(message, file=file, line=1)
    return Connection(profile, name, settled(outputs[name]))


def settled(output: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as numbers; BigQuery without a key as the identity that the function has."""
    found = {name: _number(value) if name in NUMBERS else value for name, value in output.items()}
    if found.get("type") == "bigquery" and not _has_key(found):
        kept = {name: value for name, value in found.items() if name not in KEYS}
        return {**kept, "method": "oauth"}
    return found


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.strip().isdigit() else value


def _has_key(output: Mapping[str, Any]) -> bool:
    """A key file never leaves the machine of its owner, so elsewhere it is not there."""
    if str(output.get("method")) not in ("service-account", "service-account-json"):
        return True
    return bool(output.get("keyfile_json")) or os.path.isfile(str(output.get("keyfile") or ""))  # noqa: PTH113 (pathlib costs every cold start)
