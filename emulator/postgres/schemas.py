"""Schemas of the embedded Postgres: a fresh one per test, in one call."""

from __future__ import annotations

import re
import secrets
from typing import Any

from emulator.errors import invalid
from emulator.postgres.cluster import Connection

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_KEPT = frozenset({"public", "information_schema"})


async def create(connection: Connection, given: str) -> dict[str, Any]:
    """How to connect, and the schema's name; a name of its own unless one is given."""
    name = checked(given) if given else f"test_{secrets.token_hex(8)}"
    await _execute(connection, "create schema {}", name)
    return {**connection.to_json(), "schema": name}


async def drop(connection: Connection, given: str) -> dict[str, Any]:
    """With all that is in it."""
    name = checked(given)
    await _execute(connection, "drop schema if exists {} cascade", name)
    return {"schema": name}


def checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("pg_") or name in _KEPT:
        raise invalid(f"'{name}' cannot be the name of a schema of one's own.")
    return name


async def _execute(connection: Connection, statement: str, name: str) -> None:
    import psycopg
    from psycopg import sql

    try:
        async with await psycopg.AsyncConnection.connect(
            host=connection.host,
            port=connection.port,
            dbname=connection.dbname,
            user=connection.user,
            password=connection.password,
            autocommit=True,
        ) as database:
            composed = sql.SQL(statement).format(sql.Identifier(name))
            await database.execute(composed)
    except psycopg.Error as error:
        raise invalid(str(error).strip()) from None
