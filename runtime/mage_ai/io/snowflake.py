"""Snowflake. Names are quoted, so they are what they are written as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame, infer_dtypes
from runtime.mage_ai.io.rows import spans, texts
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_types import SNOWFLAKE, type_for

if TYPE_CHECKING:
    import pandas as pd


class Snowflake(BaseSQL):
    """Load, execute and export; keyword arguments are the connector's."""

    @classmethod
    def with_config(
        cls, config: Any, database: str | None = None, schema: str | None = None, **kwargs: Any
    ) -> Self:
        settings = {
            "user": config["SNOWFLAKE_USER"],
            "account": config["SNOWFLAKE_ACCOUNT"],
            "warehouse": config["SNOWFLAKE_DEFAULT_WH"],
            "database": database or config["SNOWFLAKE_DEFAULT_DB"],
            "schema": schema or config["SNOWFLAKE_DEFAULT_SCHEMA"],
            "role": config["SNOWFLAKE_ROLE"],
            "login_timeout": 20,
            "network_timeout": int(config["SNOWFLAKE_TIMEOUT"] or 300),
        }
        return cls(**settings, **_secret(config), **kwargs)

    def connect(self) -> Any:
        connector = library("snowflake.connector", "snowflake-connector-python", "Snowflake")
        return connector.connect(**{k: v for k, v in self.settings.items() if v is not None})

    def _loaded(self, query: str, **kwargs: Any) -> pd.DataFrame:
        with self.cursor() as cursor:
            cursor.execute(query, **kwargs)
            frame: pd.DataFrame = cursor.fetch_pandas_all()
            return frame

    def load(
        self,
        query_string: str,
        limit: int | None = QUERY_ROW_LIMIT,
        display_query: str | None = None,
        verbose: bool = True,
        database: str | None = None,
        schema: str | None = None,
        table_name: str | None = None,
        full_table_name: str | None = None,
        **kwargs: Any,
    ) -> pd.DataFrame:
        return super().load(query_string, limit, display_query, verbose, **kwargs)

    def export(  # type: ignore[override]  # Mage's own order of arguments
        self,
        df: Any,
        table_name: str | None = None,
        database: str | None = None,
        schema: str | None = None,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.APPEND,
        query_string: str | None = None,
        unique_conflict_method: str | None = None,
        unique_constraints: Sequence[str] | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        """`replace` drops the table; with constraints, rows are merged by them."""
        if table_name is None:
            raise ValueError("export needs a table_name")
        place = [
            database or self.default_database(),
            schema or self.default_schema(),
            table_name,
        ]
        if verbose:
            self.say(f"Exporting data to {'.'.join(str(part) for part in place)!r}")
        with self.cursor() as cursor:
            there = self._make_room(cursor, place, str(if_exists))
            if query_string:
                start = "INSERT INTO" if there else "CREATE TABLE IF NOT EXISTS"
                link = "" if there else " AS"
                cursor.execute(f"{start} {_full(place)}{link}\n{query_string}")
            elif there and unique_constraints and unique_conflict_method:
                self._merge(cursor, place, as_frame(df), unique_constraints, unique_conflict_method)
            else:
                self._write(cursor, place, as_frame(df), there, **kwargs)
        self.commit()

    def _make_room(self, cursor: Any, place: Sequence[Any], policy: str) -> bool:
        """Whether the table is there for rows to be added."""
        database, schema, table = place
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{database}"."{schema}"')
        cursor.execute(
            f'SELECT 1 FROM "{database}".information_schema.tables '
            "WHERE table_schema = %s AND table_name = %s",
            (schema, table),
        )
        if not cursor.fetchall():
            return False
        if policy == ExportWritePolicy.FAIL:
            raise ValueError(f"table {_full(place)} already exists in the database")
        if policy == ExportWritePolicy.REPLACE:
            cursor.execute(f"DROP TABLE {_full(place)}")
            return False
        return True

    def _write(
        self, cursor: Any, place: Sequence[Any], frame: pd.DataFrame, there: bool, **kwargs: Any
    ) -> None:
        if not there:
            kinds = infer_dtypes(frame)
            columns = ", ".join(
                f'"{c}" {type_for(SNOWFLAKE, kinds[str(c)], "VARCHAR")}' for c in frame.columns
            )
            cursor.execute(f"CREATE TABLE {_full(place)} ({columns})")
        tools = library(
            "snowflake.connector.pandas_tools", "snowflake-connector-python", "Snowflake"
        )
        database, schema, table = place
        tools.write_pandas(
            self.conn, _taken(frame), table, database=database, schema=schema,
            **{"use_logical_type": True, **kwargs},
        )  # fmt: skip

    def _merge(
        self, cursor: Any, place: Sequence[Any], frame: pd.DataFrame, keys: Sequence[str], how: str
    ) -> None:
        staged = [place[0], place[1], f"temp_{place[2]}"]
        self._write(cursor, staged, frame, there=False)
        columns = [f'"{c}"' for c in frame.columns]
        same = " AND ".join(f'a."{key}" = b."{key}"' for key in keys)
        updates = ", ".join(f"a.{c} = b.{c}" for c in columns)
        matched = f"WHEN MATCHED THEN UPDATE SET {updates} " if how == "UPDATE" else ""
        cursor.execute(
            f"MERGE INTO {_full(place)} AS a USING {_full(staged)} AS b ON {same} {matched}"
            f"WHEN NOT MATCHED THEN INSERT ({', '.join(columns)}) "
            f"VALUES ({', '.join(f'b.{c}' for c in columns)})"
        )
        cursor.execute(f"DROP TABLE IF EXISTS {_full(staged)}")


def _taken(frame: pd.DataFrame) -> pd.DataFrame:
    """Spans as numbers, and as texts what Parquet has no one type for."""
    kinds = infer_dtypes(frame)
    changed: dict[str, Any] = {
        name: spans(frame[name]) if "timedelta" in kind else texts(frame[name])
        for name, kind in kinds.items()
        if "timedelta" in kind or kind == "mixed-integer"
    }
    return frame.assign(**changed) if changed else frame


def _full(place: Sequence[Any]) -> str:
    return ".".join(f'"{part}"' for part in place if part)


def _secret(config: Any) -> dict[str, Any]:
    """A password, else a private key."""
    if config["SNOWFLAKE_PASSWORD"]:
        return {"password": config["SNOWFLAKE_PASSWORD"]}
    if not config["SNOWFLAKE_PRIVATE_KEY_PATH"]:
        return {}
    phrase = config["SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"]
    return {
        "private_key_file": config["SNOWFLAKE_PRIVATE_KEY_PATH"],
        **({"private_key_file_pwd": phrase} if phrase else {}),
    }
