"""Amazon Redshift. Names are kept as they are; rows go in as many-rowed INSERTs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import ExportWritePolicy
from runtime.mage_ai.io.rows import rows_of
from runtime.mage_ai.io.sql import BaseSQL
from runtime.mage_ai.io.sql_export import Export, named
from runtime.mage_ai.io.sql_once import Marks
from runtime.mage_ai.io.sql_types import REDSHIFT, type_for

if TYPE_CHECKING:
    import pandas as pd

ROWS = 500
"""Rows of one INSERT."""


class Redshift(BaseSQL):
    """Load, execute and export."""

    marks = Marks("public")

    @classmethod
    def with_config(cls, config: Any) -> Self:
        """By an IAM profile if one is given, else by temporary credentials."""
        database, schema = config["REDSHIFT_DBNAME"], config["REDSHIFT_SCHEMA"]
        if config["REDSHIFT_CLUSTER_ID"] and config["REDSHIFT_DBUSER"]:
            return cls.with_iam(
                config["REDSHIFT_CLUSTER_ID"],
                database,
                config["REDSHIFT_DBUSER"],
                config["REDSHIFT_IAM_PROFILE"] or "default",
                schema=schema,
            )
        return cls.with_temporary_credentials(
            database,
            config["REDSHIFT_HOST"],
            config["REDSHIFT_TEMP_CRED_USER"],
            config["REDSHIFT_TEMP_CRED_PASSWORD"],
            int(config["REDSHIFT_PORT"] or 5439),
            schema=schema,
        )

    @classmethod
    def with_temporary_credentials(
        cls, database: str, host: str, user: str, password: str, port: int = 5439, **kwargs: Any
    ) -> Self:
        return cls(database=database, host=host, user=user, password=password, port=port, **kwargs)

    @classmethod
    def with_iam(
        cls,
        cluster_identifier: str,
        database: str,
        db_user: str,
        profile: str = "default",
        **kwargs: Any,
    ) -> Self:
        return cls(
            iam=True,
            cluster_identifier=cluster_identifier,
            database=database,
            db_user=db_user,
            profile=profile,
            **kwargs,
        )

    def connect(self) -> Any:
        connector = library("redshift_connector", feature="Redshift")
        settings = {k: v for k, v in self.settings.items() if k != "schema"}
        return connector.connect(**settings)

    def default_schema(self) -> str:
        return self.settings.get("schema") or "public"

    def export(  # type: ignore[override]  # Mage's own order of arguments
        self,
        df: Any,
        table_name: str | None = None,
        schema: str | None = None,
        schema_name: str | None = None,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.APPEND,
        index: bool = False,
        verbose: bool = True,
        query_string: str | None = None,
        drop_table_on_replace: bool = False,
        cascade_on_drop: bool = False,
        create_schema: bool = False,
        overwrite_types: Mapping[str, str] | None = None,
        **_options: Any,
    ) -> None:
        work = Export(
            schema=schema or schema_name or self.default_schema(),
            table=named(table_name),
            if_exists=str(if_exists),
            cascade=cascade_on_drop,
            drop=drop_table_on_replace,
            types=dict(overwrite_types or {}),
            query=query_string,
        )
        self.perform(work, df, lambda frame: frame, index=index, verbose=verbose)

    def table_exists(self, schema_name: str | None, table_name: str) -> bool:
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM information_schema.tables "
                "WHERE table_schema = %s AND table_name = %s",
                (schema_name or self.default_schema(), table_name.strip('"').lower()),
            )
            return bool(cursor.fetchall())

    def get_type(self, column: Any, dtype: str) -> str:
        return type_for(REDSHIFT, dtype, "VARCHAR(MAX)")

    def upload(self, cursor: Any, work: Export, frame: pd.DataFrame) -> None:
        names = ", ".join(self.quoted(str(c)) for c in frame.columns)
        one = f"({', '.join(['%s'] * frame.shape[1])})"
        rows = rows_of(frame)
        for start in range(0, len(rows), ROWS):
            piece = rows[start : start + ROWS]
            values = ", ".join([one] * len(piece))
            flat = [value for row in piece for value in row]
            cursor.execute(f"INSERT INTO {work.full_name} ({names}) VALUES {values}", flat)
