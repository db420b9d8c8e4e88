"""ClickHouse, through its HTTP interface. New tables have the Memory engine, as in Mage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, BaseIO, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame, infer_dtypes
from runtime.mage_ai.io.rows import spans, texts
from runtime.mage_ai.io.sql_types import CLICKHOUSE, type_for

if TYPE_CHECKING:
    import pandas as pd

TEXTS = frozenset({"String", "Nullable(String)"})


class ClickHouse(BaseIO):
    """Load, execute and export; `client` is clickhouse-connect's."""

    def __init__(self, verbose: bool = True, **kwargs: Any) -> None:
        super().__init__(verbose=verbose)
        connect = library("clickhouse_connect", "clickhouse-connect", "ClickHouse")
        self.database = kwargs.get("database") or "default"
        self.client = connect.get_client(**kwargs)

    @classmethod
    def with_config(cls, config: Any) -> Self:
        if not config["CLICKHOUSE_HOST"]:
            raise ValueError("CLICKHOUSE_HOST is missing in io_config.yaml")
        settings = {
            "host": config["CLICKHOUSE_HOST"],
            "database": config["CLICKHOUSE_DATABASE"],
            "interface": config["CLICKHOUSE_INTERFACE"],
            "password": config["CLICKHOUSE_PASSWORD"],
            "port": config["CLICKHOUSE_PORT"],
            "username": config["CLICKHOUSE_USERNAME"],
        }
        return cls(**{key: value for key, value in settings.items() if value is not None})

    def default_database(self) -> str:
        return str(self.database)

    def execute(self, command_string: str, **kwargs: Any) -> Any:
        self.say(f"Executing query {command_string!r}")
        return self.client.command(command_string, **kwargs)

    def execute_query(self, query: str, parameters: Mapping[str, Any] | None = None) -> Any:
        return self.client.query_df(query.strip().rstrip(";"), parameters=parameters)

    def execute_query_raw(self, query: str, **kwargs: Any) -> Any:
        return self.client.command(query, **kwargs)

    def execute_queries(
        self,
        queries: Sequence[str],
        fetch_query_at_indexes: Sequence[Any] | None = None,
        **_options: Any,
    ) -> list[Any]:
        fetched = list(fetch_query_at_indexes or ())
        return [
            self.execute_query(q) if n < len(fetched) and fetched[n] else self.client.command(q)
            for n, q in enumerate(queries)
        ]

    def load(
        self,
        query_string: str,
        limit: int | None = QUERY_ROW_LIMIT,
        display_query: str | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> pd.DataFrame:
        query = query_string.strip().rstrip(";")
        if verbose:
            self.say(f"Loading data with query\n{display_query or query}")
        limited = query if limit is None else f"SELECT * FROM ({query}) LIMIT {int(limit)}"
        frame: pd.DataFrame = self.client.query_df(limited, **kwargs)
        return frame

    def export(
        self,
        df: Any,
        table_name: str | None = None,
        database: str | None = None,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.APPEND,
        index: bool = False,
        query_string: str | None = None,
        create_table_statement: str | None = None,
        verbose: bool = True,
        overwrite_types: Mapping[str, str] | None = None,
        **_options: Any,
    ) -> None:
        """`replace` drops the table."""
        if table_name is None:
            raise ValueError("export needs a table_name")
        name = f"{database or self.database}.{table_name}"
        if verbose:
            self.say(f"Exporting data to {name!r}")
        there = self._make_room(name, str(if_exists))
        if query_string:
            self._from_query(name, query_string, there)
            return
        frame = as_frame(df)
        frame = frame.reset_index() if index else frame
        if not there:
            self.client.command(
                create_table_statement or _create(name, frame, overwrite_types or {})
            )
        self.client.insert_df(name, _taken(frame, self._types(name)))

    def _types(self, name: str) -> dict[str, str]:
        rows = self.client.query(f"DESCRIBE TABLE {name}").result_rows
        return {str(column): str(kind) for column, kind, *_ in rows}

    def _make_room(self, name: str, policy: str) -> bool:
        if not int(self.client.command(f"EXISTS TABLE {name}")):
            return False
        if policy == ExportWritePolicy.FAIL:
            raise ValueError(f"table {name!r} already exists in the database")
        if policy == ExportWritePolicy.REPLACE:
            self.client.command(f"DROP TABLE {name}")
            return False
        return True

    def _from_query(self, name: str, query: str, there: bool) -> None:
        start = f"INSERT INTO {name}" if there else f"CREATE TABLE {name} ENGINE = Memory AS"
        self.client.command(f"{start}\n{query}")


def _create(name: str, frame: pd.DataFrame, given: Mapping[str, str]) -> str:
    kinds = infer_dtypes(frame)
    columns = ", ".join(
        f"`{c}` {given.get(c) or _nullable(type_for(CLICKHOUSE, kinds[str(c)], 'String'))}"
        for c in frame.columns
    )
    return f"CREATE TABLE {name} ({columns}) ENGINE = Memory"


def _taken(frame: pd.DataFrame, types: Mapping[str, str]) -> pd.DataFrame:
    """Columns of Python objects as the table wants them: its texts want nothing but texts.

    Arrays, maps and the like take lists and dicts as they are.
    """
    kinds = infer_dtypes(frame)
    changed: dict[str, Any] = {}
    for name, kind in kinds.items():
        target = types.get(name, "")
        if "timedelta" in kind and "Int64" in target:
            changed[name] = spans(frame[name])
        elif target in TEXTS and kind not in ("string", "bytes", "categorical", "empty"):
            changed[name] = texts(frame[name])
    return frame.assign(**changed) if changed else frame


def _nullable(kind: str) -> str:
    return f"Nullable({kind})"
