"""Names, parameters, their order and defaults of mage_ai.io, as Mage's classes have them.

Each line is what Mage documents of one method (Mage: Data loading; its source where that is
silent). More parameters may follow where Mage takes keyword arguments.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

LIMIT = 10_000_000
NEEDED = inspect.Parameter.empty
LOAD = {"query_string": NEEDED, "limit": LIMIT, "display_query": None, "verbose": True}
EXPORT = {
    "df": NEEDED, "schema_name": None, "table_name": None, "if_exists": "replace", "index": False,
    "verbose": True, "allow_reserved_words": False, "auto_clean_name": True,
    "case_sensitive": False, "cascade_on_drop": False, "drop_table_on_replace": False,
    "overwrite_types": None, "query_string": None, "unique_conflict_method": None,
    "unique_constraints": None, "skip_semicolon_at_end": False,
}  # fmt: skip
FILE_LOAD = {"format": None, "limit": None}
"""What `limit` is does not matter: Mage does not hold file reads to it."""
SHEET = {"sheet_url": None, "sheet_id": None, "sheet_name": None, "worksheet_name": None,
         "worksheet_position": 0}  # fmt: skip
MERGED = {"unique_conflict_method": None, "unique_constraints": None}
QUERIES = {"queries": NEEDED, "query_variables": None, "commit": False,
           "fetch_query_at_indexes": None}  # fmt: skip
SIGNATURES: dict[str, dict[str, Any]] = {
    "postgres.Postgres.__init__": {
        "dbname": NEEDED, "user": NEEDED, "password": NEEDED, "host": NEEDED, "port": None,
        "schema": None, "connection_method": "direct", "ssh_host": None, "ssh_port": None,
        "ssh_username": None, "ssh_password": None, "ssh_pkey": None, "verbose": True,
        "connect_timeout": None,
    },
    "postgres.Postgres.load": LOAD,
    "postgres.Postgres.export": EXPORT,
    "postgres.Postgres.execute_queries": QUERIES,
    "postgres.Postgres.sample": {"schema": NEEDED, "table": NEEDED, "size": LIMIT},
    "mysql.MySQL.__init__": {
        "database": NEEDED, "host": NEEDED, "password": NEEDED, "user": NEEDED, "port": 3306,
        "allow_local_infile": False, "verbose": True,
    },
    "mysql.MySQL.load": LOAD,
    "mysql.MySQL.export": EXPORT,
    "mssql.MSSQL.__init__": {
        "database": NEEDED, "host": NEEDED, "password": NEEDED, "user": NEEDED,
        "authentication": None, "schema": None, "port": 1433, "verbose": True,
    },
    "mssql.MSSQL.export": EXPORT,
    "duckdb.DuckDB.__init__": {"database": NEEDED, "motherduck_token": None, "schema": None},
    "duckdb.DuckDB.export": EXPORT,
    "redshift.Redshift.with_temporary_credentials": {
        "database": NEEDED, "host": NEEDED, "user": NEEDED, "password": NEEDED, "port": 5439,
    },
    "redshift.Redshift.with_iam": {
        "cluster_identifier": NEEDED, "database": NEEDED, "db_user": NEEDED, "profile": "default",
    },
    "redshift.Redshift.export": {
        "df": NEEDED, "table_name": None, "schema": None, "schema_name": None,
        "if_exists": "append", "index": False, "verbose": True, "query_string": None,
        "drop_table_on_replace": False, "cascade_on_drop": False, "create_schema": False,
        "overwrite_types": None,
    },
    "bigquery.BigQuery.load": LOAD,
    "bigquery.BigQuery.export": {
        "df": NEEDED, "table_id": None, "database": None, "if_exists": "replace",
        "overwrite_types": None, "query_string": None, "verbose": True, **MERGED,
        "write_disposition": None, "create_dataset": True,
    },
    "bigquery.BigQuery.alter_table": {
        "df": NEEDED, "table_id": NEEDED, "database": None, "verbose": True,
    },
    "bigquery.BigQuery.get_column_types": {"schema": NEEDED, "table_name": NEEDED},
    "bigquery.BigQuery.with_credentials_file": {"path_to_credentials": NEEDED},
    "bigquery.BigQuery.with_credentials_object": {"credentials": NEEDED},
    "snowflake.Snowflake.with_config": {"config": NEEDED, "database": None, "schema": None},
    "snowflake.Snowflake.load": {
        **LOAD, "database": None, "schema": None, "table_name": None, "full_table_name": None,
    },
    "snowflake.Snowflake.export": {
        "df": NEEDED, "table_name": None, "database": None, "schema": None, "if_exists": "append",
        "query_string": None, **MERGED, "verbose": True,
    },
    "clickhouse.ClickHouse.execute_query": {"query": NEEDED, "parameters": None},
    "clickhouse.ClickHouse.export": {
        "df": NEEDED, "table_name": None, "database": None, "if_exists": "append", "index": False,
        "query_string": None, "create_table_statement": None, "verbose": True,
        "overwrite_types": None,
    },
    "trino.Trino.__init__": {
        "catalog": NEEDED, "host": NEEDED, "user": NEEDED, "password": None, "port": 8080,
        "schema": None,
    },
    "oracledb.OracleDB.__init__": {
        "user": NEEDED, "password": NEEDED, "host": NEEDED, "port": 1521, "service_name": None,
        "mode": "thin",
    },
    "oracledb.OracleDB.export": {"df": NEEDED, "table_name": NEEDED, "if_exists": "replace"},
    "mongodb.MongoDB.__init__": {
        "connection_string": None, "host": None, "port": 27017, "user": None, "password": None,
        "database": None, "collection": None,
    },
    "mongodb.MongoDB.load": {"collection": None, "query": None},
    "mongodb.MongoDB.export": {"data": NEEDED, "collection": None},
    "s3.S3.load": {"bucket_name": NEEDED, "object_key": NEEDED, **FILE_LOAD},
    "s3.S3.export": {"data": NEEDED, "bucket_name": NEEDED, "object_key": NEEDED, "format": None},
    "s3.S3.exists": {"bucket_name": NEEDED, "prefix": NEEDED},
    "google_cloud_storage.GoogleCloudStorage.load": {
        "bucket_name": NEEDED, "object_key": NEEDED, **FILE_LOAD,
    },
    "google_cloud_storage.GoogleCloudStorage.export": {
        "data": NEEDED, "bucket_name": NEEDED, "object_key": NEEDED, "format": None,
    },
    "azure_blob_storage.AzureBlobStorage.load": {
        "container_name": NEEDED, "blob_path": NEEDED, **FILE_LOAD,
    },
    "azure_blob_storage.AzureBlobStorage.export": {
        "df": NEEDED, "container_name": NEEDED, "blob_path": NEEDED, "format": None,
    },
    "google_sheets.GoogleSheets.load": {**SHEET, "header_rows": 1},
    "google_sheets.GoogleSheets.export": {"df": NEEDED, **SHEET},
    "file.FileIO.load": {"filepath": None, "format": None, "file_directories": None},
    "file.FileIO.export": {"df": NEEDED, "filepath": NEEDED, "format": None},
    "airtable.Airtable.load": {"base_id": NEEDED, "table_name": NEEDED},
    "config.ConfigFileLoader.__init__": {"filepath": None, "profile": "default", "config": None},
}  # fmt: skip


def signature(name: str) -> dict[str, Any]:
    module, kind, method = name.split(".")
    found = getattr(getattr(import_module(f"runtime.mage_ai.io.{module}"), kind), method)
    parameters = inspect.signature(found).parameters
    return {p: given.default for p, given in parameters.items() if p != "self"}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_call_that_mage_takes_is_taken(name: str) -> None:
    """The same parameters first, in the same order, with the same defaults."""
    ours = list(signature(name).items())
    wanted = list(SIGNATURES[name].items())
    assert ours[: len(wanted)] == wanted
