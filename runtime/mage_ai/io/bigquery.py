"""BigQuery: queries and load jobs, each waited for, so that errors are errors.

Without a key of its own it works as the function's service account. The table that is
replaced keeps the types of the columns it had.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from runtime.google import credentials_from, key_of
from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, BaseIO, ExportWritePolicy
from runtime.mage_ai.io.export_utils import as_frame

if TYPE_CHECKING:
    import pandas as pd

SCOPES = (
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/drive",
)
DISPOSITIONS = {
    ExportWritePolicy.APPEND: "WRITE_APPEND",
    ExportWritePolicy.FAIL: "WRITE_EMPTY",
    ExportWritePolicy.REPLACE: "WRITE_TRUNCATE",
}


class BigQuery(BaseIO):
    """Load, execute and export; `client` is Google's."""

    def __init__(
        self,
        verbose: bool = True,
        credentials: Any = None,
        credentials_mapping: Mapping[str, Any] | None = None,
        path_to_credentials: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(verbose=verbose)
        given = credentials_from(credentials_mapping, path_to_credentials, SCOPES)
        self._credentials = credentials or given
        self._options = kwargs

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        location = {"location": config["GOOGLE_LOCATION"]} if config["GOOGLE_LOCATION"] else {}
        return cls(**key_of(config), **{**location, **kwargs})

    @classmethod
    def with_credentials_file(cls, path_to_credentials: str, **kwargs: Any) -> Self:
        return cls(path_to_credentials=path_to_credentials, **kwargs)

    @classmethod
    def with_credentials_object(cls, credentials: Mapping[str, str], **kwargs: Any) -> Self:
        return cls(credentials_mapping=credentials, **kwargs)

    @cached_property
    def client(self) -> Any:
        bigquery = _bigquery()
        options = {"credentials": self._credentials} if self._credentials else {}
        if project := os.environ.get("GOOGLE_CLOUD_PROJECT"):
            options["project"] = project
        return bigquery.Client(**{**options, **self._options})

    def default_database(self) -> str:
        return str(self.client.project)

    def default_schema(self) -> None:
        """BigQuery has no default dataset."""

    # -- reading --------------------------------------------------------------------------

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
        if limit is not None:
            query = f"WITH subquery AS (\n{query}\n) SELECT * FROM subquery LIMIT {int(limit)}"
        return self._frame(query, **kwargs)

    def sample(
        self, schema: str, table: str, size: int = QUERY_ROW_LIMIT, **kwargs: Any
    ) -> pd.DataFrame:
        return self._frame(f"SELECT * FROM `{schema}.{table}` LIMIT {int(size)}", **kwargs)

    def execute(self, query_string: str, **kwargs: Any) -> None:
        """Waits for the job, and raises what went wrong in it."""
        self.say(f"Executing query {query_string!r}")
        self.client.query(query_string, **kwargs).result()

    def execute_query_raw(self, query: str, **_options: Any) -> list[Any]:
        return list(self.client.query(query).result())

    def execute_queries(
        self,
        queries: Sequence[str],
        fetch_query_at_indexes: Sequence[Any] | None = None,
        **_options: Any,
    ) -> list[Any]:
        return [self._frame(query) for query in queries]

    def _frame(self, query: str, **kwargs: Any) -> pd.DataFrame:
        """With the library for BigQuery's own types where it is installed."""
        rows = self.client.query(query, **kwargs).result()
        try:
            import db_dtypes  # type: ignore[import-not-found]  # noqa: F401  # only asked whether it is there
        except ImportError:
            frame: pd.DataFrame = rows.to_arrow(create_bqstorage_client=False).to_pandas()
            return frame
        typed: pd.DataFrame = rows.to_dataframe(create_bqstorage_client=False)
        return typed

    def table_exists(self, table_id: str) -> bool:
        return self._table(table_id) is not None

    def get_column_types(self, schema: str, table_name: str) -> dict[str, str]:
        table = self._table(f"{schema}.{table_name}")
        return {f.name: f.field_type for f in table.schema} if table is not None else {}

    def _table(self, table_id: str) -> Any:
        errors = library("google.api_core.exceptions", "google-cloud-bigquery", "BigQuery")
        try:
            return self.client.get_table(table_id)
        except errors.NotFound:
            return None

    # -- writing --------------------------------------------------------------------------

    def export(
        self,
        df: Any,
        table_id: str | None = None,
        database: str | None = None,
        if_exists: ExportWritePolicy | str = ExportWritePolicy.REPLACE,
        overwrite_types: Mapping[str, str] | None = None,
        query_string: str | None = None,
        verbose: bool = True,
        unique_conflict_method: str | None = None,
        unique_constraints: Sequence[str] | None = None,
        write_disposition: str | None = None,
        create_dataset: bool = True,
        **kwargs: Any,
    ) -> None:
        """By a load job, or from a query; `table_id` is `dataset.table`."""
        name = self._full(table_id, database)
        policy = ExportWritePolicy(str(if_exists or "replace"))
        if verbose:
            self.say(f"Exporting data to table {name!r}")
        if create_dataset:
            self.client.create_dataset(name.rpartition(".")[0], exists_ok=True)
        table = self._table(name)
        if query_string:
            self._from_query(name, query_string, policy, there=table is not None)
            return
        frame = _with_clean_names(as_frame(df))
        merging = unique_constraints and unique_conflict_method and table is not None
        if merging and policy is ExportWritePolicy.APPEND:
            self._merge(frame, name, table, unique_constraints or (), unique_conflict_method)
            return
        disposition = write_disposition or DISPOSITIONS[policy]
        schema = _schema(frame, table if disposition == "WRITE_TRUNCATE" else None, overwrite_types)
        self._load(frame, name, disposition, schema, **kwargs)

    def _full(self, table_id: str | None, database: str | None) -> str:
        parts = (table_id or "").replace("`", "").split(".")
        if len(parts) not in (2, 3):
            raise ValueError(f"export needs a table_id like dataset.table, not {table_id!r}")
        return ".".join(parts if len(parts) == 3 else [database or self.client.project, *parts])

    def _load(
        self, frame: pd.DataFrame, name: str, disposition: str, schema: list[Any], **kwargs: Any
    ) -> None:
        config = _bigquery().LoadJobConfig(
            write_disposition=disposition, **({"schema": schema} if schema else {}), **kwargs
        )
        self.client.load_table_from_dataframe(frame, name, job_config=config).result()

    def _from_query(self, name: str, query: str, policy: ExportWritePolicy, *, there: bool) -> None:
        if there and policy is ExportWritePolicy.FAIL:
            raise ValueError(f"table {name!r} already exists in the warehouse")
        inserting = there and policy is ExportWritePolicy.APPEND
        start = f"INSERT INTO `{name}`" if inserting else f"CREATE OR REPLACE TABLE `{name}` AS"
        self.client.query(f"{start}\n{query}").result()

    def _merge(
        self,
        frame: pd.DataFrame,
        name: str,
        table: Any,
        keys: Sequence[str],
        method: str | None,
    ) -> None:
        """Through a table of its own, which is dropped in any case."""
        staged = f"{name}_{os.urandom(8).hex()}"
        columns = [str(c) for c in frame.columns]
        try:
            self._load(frame, staged, "WRITE_TRUNCATE", _schema(frame, table, None))
            self.client.query(_merge_statement(name, staged, columns, keys, method)).result()
        finally:
            self.client.delete_table(staged, not_found_ok=True)

    def alter_table(
        self, df: Any, table_id: str, database: str | None = None, verbose: bool = True
    ) -> None:
        """Add the columns that the table lacks."""
        name = self._full(table_id, database)
        table = self._table(name)
        known = {field.name for field in table.schema}
        frame = _with_clean_names(as_frame(df))
        new = [c for c in frame.columns if c not in known]
        if verbose and new:
            self.say(f"Adding columns to {name!r}: {', '.join(map(str, new))}")
        fields = [_bigquery().SchemaField(str(c), _type(frame[c])) for c in new]
        table.schema = [*table.schema, *fields]
        self.client.update_table(table, ["schema"])


def _bigquery() -> Any:
    return library("google.cloud.bigquery", "google-cloud-bigquery", "BigQuery")


def _with_clean_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Spaces become underscores; nothing else is changed, and the caller's frame is not."""
    return frame.set_axis([str(c).replace(" ", "_") for c in frame.columns], axis=1)


def _schema(frame: pd.DataFrame, table: Any, given: Mapping[str, str] | None) -> list[Any]:
    """Types that the user or the table that is there names; empty leaves it to BigQuery."""
    if given:
        field = _bigquery().SchemaField
        return [field(name.replace(" ", "_"), kind) for name, kind in given.items()]
    if table is None:
        return []
    return [field for field in table.schema if field.name in frame.columns]


def _type(series: Any) -> str:
    from pandas.api.types import infer_dtype

    kinds = {
        "boolean": "BOOL", "integer": "INT64", "floating": "FLOAT64", "datetime64": "TIMESTAMP",
        "date": "DATE", "time": "TIME", "bytes": "BYTES", "decimal": "NUMERIC",
    }  # fmt: skip
    return kinds.get(infer_dtype(series, skipna=True), "STRING")


def _merge_statement(
    name: str, staged: str, columns: Sequence[str], keys: Sequence[str], method: str | None
) -> str:
    """Rows are the same when all keys are, or are missing on both sides."""
    same = " AND ".join(
        f"(a.{key} = b.{key} OR (a.{key} IS NULL AND b.{key} IS NULL))" for key in keys
    )
    updates = ", ".join(f"a.{c} = b.{c}" for c in columns)
    matched = f"WHEN MATCHED THEN UPDATE SET {updates}\n" if method == "UPDATE" else ""
    listed = ", ".join(columns)
    values = ", ".join(f"b.{c}" for c in columns)
    return (
        f"MERGE INTO `{name}` AS a USING `{staged}` AS b ON {same}\n{matched}"
        f"WHEN NOT MATCHED THEN INSERT ({listed}) VALUES ({values})"
    )
