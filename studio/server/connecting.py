"""Whether a profile of io_config.yaml leads anywhere: `python -m studio.server.connecting`.

Runs in a process of its own, with the settings that functions get as environment variables.
One JSON request on stdin, one JSON answer on stdout: for each service of the profile whether a
connection was made, or the kind of error. Values of settings never leave this process.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

SQL = {
    "POSTGRES_HOST": ("Postgres", "postgres", "Postgres"),
    "REDSHIFT_HOST": ("Redshift", "redshift", "Redshift"),
    "MYSQL_HOST": ("MySQL", "mysql", "MySQL"),
    "MSSQL_HOST": ("SQL Server", "mssql", "MSSQL"),
    "SNOWFLAKE_ACCOUNT": ("Snowflake", "snowflake", "Snowflake"),
    "CLICKHOUSE_HOST": ("ClickHouse", "clickhouse", "ClickHouse"),
    "TRINO_HOST": ("Trino", "trino", "Trino"),
    "GOOGLE_SERVICE_ACC_KEY_FILEPATH": ("BigQuery", "bigquery", "BigQuery"),
    "GOOGLE_SERVICE_ACC_KEY": ("BigQuery", "bigquery", "BigQuery"),
}
"""A key of io_config.yaml → what it stands for, and Mage's class that connects with it."""
SHORTEST_SECRET = 4


def main() -> None:
    answer_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    from runtime import alias

    alias.install()
    socket.setdefaulttimeout(10)
    json.dump(answer(request["path"], request["profile"]), answer_to)
    answer_to.flush()


def answer(path: str, profile: str) -> list[dict[str, Any]]:
    """One entry for each service that the profile names."""
    from runtime.mage_ai.io.config import ConfigFileLoader

    try:
        loader = ConfigFileLoader(path, profile)
    except Exception as error:  # noqa: BLE001 (whatever it is, the person is told)
        return [{"service": "io_config.yaml", "ok": False, "said": type(error).__name__}]
    named = {SQL[key][0]: SQL[key][1:] for key in SQL if loader.get(key)}
    if any(str(key).startswith(("GOOGLE_", "BIGQUERY_")) for key in loader.config):
        named.setdefault("BigQuery", ("bigquery", "BigQuery"))  # by the function's own account
    return [tried(title, *place, loader) for title, place in named.items()]


def tried(title: str, module: str, name: str, loader: Any) -> dict[str, Any]:
    """Ask for one row; what is said of a failure holds no value of the profile."""
    from importlib import import_module

    try:
        client: Callable[..., Any] = getattr(import_module(f"mage_ai.io.{module}"), name)
        made: Any = client.with_config(loader)  # type: ignore[attr-defined]  # a class of Mage's
        if hasattr(made, "__enter__"):
            with made as open_one:
                open_one.load("SELECT 1 AS one")
        else:
            made.load("SELECT 1 AS one")
    except Exception as error:  # noqa: BLE001 (whatever it is, the person is told)
        said = without_values(f"{type(error).__name__}: {error}", loader.config)
        return {"service": title, "ok": False, "said": said}
    return {"service": title, "ok": True, "said": "answered SELECT 1"}


def without_values(text: str, config: Mapping[str, Any]) -> str:
    """The message with every value of the profile, and of the environment's settings, hidden."""
    values = {str(value) for value in leaves(config)}
    values |= {os.environ[name] for name in os.environ.get("STUDIO_SECRETS", "").split(",") if name}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, "…")
    return text[:400]


def leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None or isinstance(value, bool) else [value]


if __name__ == "__main__":
    main()
