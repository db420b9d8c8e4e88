"""How each database spells a table in a query, and which settings make two blocks neighbours."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from runtime.errors import SettingsProblem
from runtime.record import record
from runtime.sql.names import Place

Spelling = Callable[[Place], str]


@record
class Provider:
    """One `data_provider` of SQL blocks."""

    name: str
    module: str
    class_name: str
    same: tuple[str, ...]
    """Keys of io_config: equal and present in both profiles means the same database."""
    spelled: Spelling
    no_schema: bool = False
    upper: bool = False
    limited: bool = True
    """Whether the block's row limit applies when the result is read back."""
    top: bool = False
    """SELECT TOP n instead of LIMIT n."""
    dynamic_uploads: bool = False

    def loader(self, config: Any, **options: Any) -> Any:
        module = import_module(f"runtime.mage_ai.io.{self.module}")
        return getattr(module, self.class_name).with_config(config, **options)

    def first(self, table: str, rows: int) -> str:
        """The first rows of a table."""
        if self.top:
            return f"SELECT TOP({rows}) * FROM {table}"
        return f"SELECT * FROM {table} LIMIT {rows}"


def _dotted(*parts: str | None) -> str:
    return ".".join(part for part in parts if part)


def _all(place: Place) -> str:
    return _dotted(place.database, place.schema, place.table)


def _postgres(place: Place) -> str:
    """The database is quoted; without a schema it would be taken for one."""
    database = f'"{place.database}"' if place.database and place.schema else None
    return _dotted(database, place.schema, place.table)


def _schema_and_table(place: Place) -> str:
    return _dotted(place.schema, place.table)


def _table(place: Place) -> str:
    return place.table


def _snowflake(place: Place) -> str:
    return _dotted(*(f'"{part}"' for part in (place.database, place.schema, place.table) if part))


_KNOWN = (
    Provider(
        "postgres", "postgres", "Postgres",
        ("POSTGRES_DBNAME", "POSTGRES_HOST", "POSTGRES_PORT"), _postgres,
    ),
    Provider(
        "bigquery", "bigquery", "BigQuery",
        ("GOOGLE_SERVICE_ACC_KEY", "GOOGLE_SERVICE_ACC_KEY_FILEPATH"), _all,
    ),
    Provider(
        "clickhouse", "clickhouse", "ClickHouse",
        ("CLICKHOUSE_DATABASE", "CLICKHOUSE_HOST", "CLICKHOUSE_PORT"), _table,
        no_schema=True, limited=False,
    ),
    Provider("druid", "druid", "Druid", ("DRUID_HOST", "DRUID_PORT", "DRUID_PATH"), _table,
             no_schema=True),
    Provider(
        "duckdb", "duckdb", "DuckDB", ("DUCKDB_DATABASE", "DUCKDB_SCHEMA"), _table,
        no_schema=True, limited=False,
    ),
    Provider(
        "mysql", "mysql", "MySQL", ("MYSQL_DATABASE", "MYSQL_HOST", "MYSQL_PORT"), _table,
        no_schema=True, dynamic_uploads=True,
    ),
    Provider(
        "sqlserver", "mssql", "MSSQL",
        ("MSSQL_DATABASE", "MSSQL_SCHEMA", "MSSQL_HOST", "MSSQL_PORT"), _table, top=True,
    ),
    Provider(
        "redshift", "redshift", "Redshift",
        ("REDSHIFT_CLUSTER_ID", "REDSHIFT_DBNAME", "REDSHIFT_HOST", "REDSHIFT_PORT",
         "REDSHIFT_SCHEMA"), _schema_and_table,
    ),
    Provider(
        "snowflake", "snowflake", "Snowflake",
        ("SNOWFLAKE_ACCOUNT", "SNOWFLAKE_DEFAULT_WH", "SNOWFLAKE_DEFAULT_DB"), _snowflake,
        upper=True,
    ),
    Provider(
        "trino", "trino", "Trino",
        ("TRINO_CATALOG", "TRINO_HOST", "TRINO_PORT", "TRINO_SCHEMA"), _all,
    ),
)  # fmt: skip

PROVIDERS = {provider.name: provider for provider in _KNOWN}


def provider(name: Any) -> Provider:
    if name not in PROVIDERS:
        raise SettingsProblem(
            f"data_provider {name!r} is not known; one of {', '.join(sorted(PROVIDERS))}"
        )
    return PROVIDERS[name]
