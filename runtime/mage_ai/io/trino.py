"""Trino."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, ExportWritePolicy
from runtime.mage_ai.io.rows import rows_of
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.mage_ai.io.sql_types import TRINO, type_for

if TYPE_CHECKING:
    import pandas as pd

ROWS = 200
NAMES = ("catalog", "host", "user", "password", "port", "schema")
MORE = ("http_headers", "http_scheme", "session_properties", "source", "verify")


class Trino(BaseSQL):
    """Load, execute and export. Statements are committed as they run."""

    def __init__(
        self,
        catalog: str,
        host: str,
        user: str,
        password: str | None = None,
        port: int | str = 8080,
        schema: str | None = None,
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            verbose=verbose, catalog=catalog, host=host, user=user, password=password,
            port=int(port or 8080), schema=schema, **kwargs,
        )  # fmt: skip

    @classmethod
    def with_config(cls, config: Any) -> Self:
        """From the map `trino:` if there is one, else from the flat keys."""
        nested = config["trino"]
        if nested:
            return cls(**{k: nested[k] for k in (*NAMES, *MORE) if nested.get(k) is not None})
        return cls(**{name: config[f"TRINO_{name.upper()}"] for name in NAMES})

    def connect(self) -> Any:
        trino = library("trino", feature="Trino")
        settings = {k: v for k, v in self.settings.items() if v is not None}
        password = settings.pop("password", None)
        if password:
            settings["auth"] = trino.auth.BasicAuthentication(settings["user"], password)
            settings.setdefault("http_scheme", "https")
        return trino.dbapi.connect(**settings)

    def commit(self) -> None:
        """Nothing is pending."""

    def rollback(self) -> None:
        """What ran stays."""

    def default_database(self) -> str:
        return str(self.settings["catalog"])

    def execute(self, query_string: str, **query_vars: Any) -> None:
        with self.cursor() as cursor:
            cursor.execute(self._clean_query(query_string), **query_vars)
            cursor.fetchall()

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"SELECT * FROM (\n{query}\n) AS subquery LIMIT {int(limit)}"

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                (schema_name, table_name.strip('"')),
            )
            return bool(cursor.fetchall())

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(TRINO, dtype, "VARCHAR")

    def make_room(self, cursor: Any, work: Export) -> bool:
        """Statements have to be read to their end; there is no CASCADE."""
        there = self.table_exists(work.schema, work.table)
        if there and work.if_exists == ExportWritePolicy.FAIL:
            raise ValueError(f"table {work.full_name!r} already exists in the database")
        if there and work.if_exists == ExportWritePolicy.REPLACE:
            verb = "DROP TABLE" if work.drop else "DELETE FROM"
            cursor.execute(f"{verb} {work.full_name}")
            cursor.fetchall()
            return not work.drop
        return there

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        names = ", ".join(self.quoted(c) for c in frame.columns)
        one = f"({', '.join('?' * frame.shape[1])})"
        rows = rows_of(frame)
        for start in range(0, len(rows), ROWS):
            piece = rows[start : start + ROWS]
            values = ", ".join([one] * len(piece))
            flat = [value for row in piece for value in row]
            cursor.execute(f"INSERT INTO {work.full_name} ({names}) VALUES {values}", flat)
            cursor.fetchall()
