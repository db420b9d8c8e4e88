"""BigQuery: queries and load jobs, each waited for, so that errors are errors.

Without a key of its own it works as the function's service account. The table that is
replaced keeps the types of the columns it had.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from runtime.appends import Append, announced, emptied, emptied_by
from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT, ExportWritePolicy
from runtime.mage_ai.io.bigquery_frames import (
    bigquery,
    fields,
    fields_of,
    fitted,
    frame_of,
    load_job,
    merge_statement,
    new_fields,
    same_kinds,
    with_clean_names,
)
from runtime.mage_ai.io.bigquery_once import once
from runtime.mage_ai.io.export_utils import as_frame
from runtime.mage_ai.io.google_io import GoogleIO

if TYPE_CHECKING:
    import pandas as pd

DISPOSITIONS = {
    ExportWritePolicy.APPEND: "WRITE_APPEND",
    ExportWritePolicy.FAIL: "WRITE_EMPTY",
    ExportWritePolicy.REPLACE: "WRITE_TRUNCATE",
}


class BigQuery(GoogleIO):
    """Load, execute and export; `client` is Google's."""

    scopes: ClassVar[tuple[str, ...]] = (
        "https://www.googleapis.com/auth/bigquery",
        "https://www.googleapis.com/auth/drive",
    )
    usually_verbose: ClassVar[bool] = True

    @classmethod
    def with_config(cls, config: Any, **kwargs: Any) -> Self:
        location = {"location": config["GOOGLE_LOCATION"]} if config["GOOGLE_LOCATION"] else {}
        return super().with_config(config, **{**location, **kwargs})

    @cached_property
    def client(self) -> Any:
        options = self._identity()
        if project := os.environ.get("GOOGLE_CLOUD_PROJECT"):
            options["project"] = project
        return bigquery().Client(**{**options, **self._options})

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
        self._done(query_string, **kwargs)

    def execute_query_raw(self, query: str, **_options: Any) -> list[Any]:
        return list(self._done(query))

    def execute_queries(
        self,
        queries: Sequence[str],
        fetch_query_at_indexes: Sequence[Any] | None = None,
        **_options: Any,
    ) -> list[Any]:
        return [self._frame(query) for query in queries]

    def _done(self, query: str, **kwargs: Any) -> Any:
        rows = self.client.query(query, **kwargs).result()
        emptied(emptied_by(query))
        return rows

    def _frame(self, query: str, **kwargs: Any) -> pd.DataFrame:
        return frame_of(self._done(query, **kwargs))

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
        disposition = write_disposition or DISPOSITIONS[policy]
        append = announced(name, replaces=disposition == "WRITE_TRUNCATE")
        if query_string:
            self._from_query(name, query_string, policy, append, there=table is not None)
            return
        frame = with_clean_names(as_frame(df))
        merging = unique_constraints and unique_conflict_method and table is not None
        if merging and policy is ExportWritePolicy.APPEND:
            self._merge(frame, name, table, unique_constraints or (), unique_conflict_method)
            return
        schema = fields(frame, table if disposition == "WRITE_TRUNCATE" else None, overwrite_types)
        self._load(frame, name, disposition, schema, append, **kwargs)

    def _full(self, table_id: str | None, database: str | None) -> str:
        parts = (table_id or "").replace("`", "").split(".")
        if len(parts) not in (2, 3):
            raise ValueError(f"export needs a table_id like dataset.table, not {table_id!r}")
        return ".".join(parts if len(parts) == 3 else [database or self.client.project, *parts])

    def _load(
        self,
        frame: pd.DataFrame,
        name: str,
        disposition: str,
        schema: list[Any],
        append: Append | None = None,
        **kwargs: Any,
    ) -> None:
        config = bigquery().LoadJobConfig(
            write_disposition=disposition, **({"schema": schema} if schema else {}), **kwargs
        )
        ready = fitted(frame, schema)

        def start(**given: Any) -> Any:
            return load_job(self.client, ready, name, job_config=config, **given)

        once(self.client, name, append, start)

    def load_file(
        self, uri: str, table_id: str, database: str | None, kinds: Mapping[str, str]
    ) -> bool:
        """Parquet in a bucket in place of a table's rows; False if the table has other types."""
        name = self._full(table_id, database)
        self.client.create_dataset(name.rpartition(".")[0], exists_ok=True)
        table = self._table(name)
        if table is not None and not same_kinds(table, kinds):
            return False
        announced(name, replaces=True)
        config = bigquery().LoadJobConfig(
            source_format="PARQUET",
            write_disposition="WRITE_TRUNCATE",
            schema=fields_of(kinds),
        )
        self.client.load_table_from_uri(uri, name, job_config=config).result()
        return True

    def _from_query(
        self,
        name: str,
        query: str,
        policy: ExportWritePolicy,
        append: Append | None,
        *,
        there: bool,
    ) -> None:
        if there and policy is ExportWritePolicy.FAIL:
            raise ValueError(f"table {name!r} already exists in the warehouse")
        inserting = there and policy is ExportWritePolicy.APPEND
        begin = f"INSERT INTO `{name}`" if inserting else f"CREATE OR REPLACE TABLE `{name}` AS"
        text = f"{begin}\n{query}"

        def start(**given: Any) -> Any:
            """A failed job cannot be retried under the id that it had."""
            alone = {"job_retry": None} if given else {}
            return self.client.query(text, **given, **alone)

        once(self.client, name, append, start)

    def _merge(
        self,
        frame: pd.DataFrame,
        name: str,
        table: Any,
        keys: Sequence[str],
        method: str | None,
    ) -> None:
        """Through a table of its own, which is dropped in any case. Merging again is harmless."""
        staged = f"{name}_{os.urandom(8).hex()}"
        columns = [str(c) for c in frame.columns]
        try:
            self._load(frame, staged, "WRITE_TRUNCATE", fields(frame, table, None))
            self.client.query(merge_statement(name, staged, columns, keys, method)).result()
        finally:
            self.client.delete_table(staged, not_found_ok=True)

    def alter_table(
        self, df: Any, table_id: str, database: str | None = None, verbose: bool = True
    ) -> None:
        """Add the columns that the table lacks."""
        name = self._full(table_id, database)
        table = self._table(name)
        new = new_fields(with_clean_names(as_frame(df)), table)
        if verbose and new:
            listed = ", ".join(field.name for field in new)
            self.say(f"Adding columns to {name!r}: {listed}")
        table.schema = [*table.schema, *new]
        self.client.update_table(table, ["schema"])
