"""Values of the settings that a project asks for: from the shell, `.env`, or its own Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = Any
POSTGRES = {
    "POSTGRES_HOST": "host",
    "POSTGRES_PORT": "port",
    "POSTGRES_USER": "user",
    "POSTGRES_PASSWORD": "password",
    "POSTGRES_DBNAME": "dbname",
    "POSTGRES_DB": "dbname",
    "POSTGRES_DATABASE": "dbname",
}
"""Names that Mage's templates give a Postgres server's settings → ours for the embedded one."""


def given(names: Iterable[str], *sources: Mapping[str, str]) -> dict[str, str]:
    """The first source that has a name gives its value."""
    values: dict[str, str] = {}
    for name in names:
        for source in sources:
            if name in source:
                values[name] = source[name]
                break
    return values


def with_postgres(
    names: Iterable[str], values: Mapping[str, str], start: Callable[[], Mapping[str, Json]]
) -> dict[str, str]:
    """Who names no server gets the embedded one, started only then."""
    asked = POSTGRES.keys() & set(names)
    if not asked or values.get("POSTGRES_HOST"):
        return dict(values)
    server = start()
    return {**values, **{name: str(server[POSTGRES[name]]) for name in asked}}
