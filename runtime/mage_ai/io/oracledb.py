"""Oracle Database, through python-oracledb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame
from runtime.mage_ai.io.rows import rows_of
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export
from runtime.mage_ai.io.sql_types import type_for

if TYPE_CHECKING:
    import pandas as pd

TYPES = {
    "boolean": "NUMBER(1)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "datetime64": "TIMESTAMP",
    "decimal": "NUMBER",
    "floating": "BINARY_DOUBLE",
    "integer": "NUMBER(19)",
    "bytes": "BLOB",
}


class OracleDB(BaseSQL):
    """Load and export."""

    def __init__(
        self,
        user: str,
        password: str,
        host: str,
        port: int | str = 1521,
        service_name: str | None = None,
        mode: str = "thin",
        verbose: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            verbose=verbose, user=user, password=password, host=host, port=int(port or 1521),
            service_name=service_name, mode=mode, **kwargs,
        )  # fmt: skip

    @classmethod
    def with_config(cls, config: Any) -> Self:
        return cls(
            user=config["ORACLEDB_USER"],
            password=config["ORACLEDB_PASSWORD"],
            host=config["ORACLEDB_HOST"],
            port=config["ORACLEDB_PORT"],
            service_name=config["ORACLEDB_SERVICE"],
            mode=config["ORACLEDB_MODE"] or "thin",
        )

    def connect(self) -> Any:
        oracledb = library("oracledb", feature="Oracle")
        settings = {k: v for k, v in self.settings.items() if k != "mode"}
        if self.settings["mode"] == "thick":
            oracledb.init_oracle_client()
        return oracledb.connect(**settings)

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"SELECT * FROM (\n{query}\n) FETCH FIRST {int(limit)} ROWS ONLY"

    def _first(self, name: str, rows: int) -> str:
        return f"SELECT * FROM {name} FETCH FIRST {rows} ROWS ONLY"

    def export(  # type: ignore[override]  # Mage's own order of arguments
        self,
        df: Any,
        table_name: str,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.REPLACE,
        **_options: Any,
    ) -> None:
        self.write_frame(Export(None, table_name, str(if_exists), drop=True), as_frame(df))

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM user_tables WHERE table_name = :name", name=table_name.upper()
            )
            return cursor.fetchone() is not None

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(TYPES, dtype, "VARCHAR2(4000)")

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        names = ", ".join(self.quoted(c) for c in frame.columns)
        marks = ", ".join(f":{n}" for n in range(1, frame.shape[1] + 1))
        if not frame.empty:
            cursor.executemany(
                f"INSERT INTO {work.full_name} ({names}) VALUES ({marks})", rows_of(frame)
            )
