"""Datasets and tables: their resources, and the schemas and tables of DuckDB behind them."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.bigquery import fields
from emulator.bigquery.errors import BigQueryError, duplicate, invalid, not_found
from emulator.bigquery.warehouse import drop_meta, get_meta, list_meta, put_meta

Json = Any
_DATASET = re.compile(r"\w{1,1024}")
_TABLE = re.compile(r"[\w\- ]{1,1024}")


@dataclass(frozen=True, slots=True)
class Ref:
    """A table's full name."""

    project: str
    dataset: str
    table: str

    @classmethod
    def of(cls, given: Mapping[str, Json]) -> Ref:
        return cls(given["projectId"], given["datasetId"], given["tableId"])

    @property
    def home(self) -> str:
        """Of its dataset."""
        return f"{self.project}:{self.dataset}"

    @property
    def name(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"

    @property
    def duck(self) -> str:
        return f"{schema_name(self.project, self.dataset)}.{fields.quoted(self.table)}"

    @property
    def resource(self) -> str:
        """IAM's name."""
        return f"projects/{self.project}/datasets/{self.dataset}/tables/{self.table}"

    def json(self) -> dict[str, str]:
        return {"projectId": self.project, "datasetId": self.dataset, "tableId": self.table}


def schema_name(project: str, dataset: str) -> str:
    return fields.quoted(f"{project}.{dataset}")


# -- datasets -----------------------------------------------------------------------------------


def create_dataset(cursor: Any, project: str, given: dict[str, Json], region: str) -> Json:
    dataset = (given.get("datasetReference") or {}).get("datasetId", "")
    if not _DATASET.fullmatch(dataset):
        raise invalid(
            f'Invalid dataset ID "{dataset}". Dataset IDs must be alphanumeric (plus underscores) '
            "and must be at most 1024 characters long."
        )
    name = f"{project}:{dataset}"
    if get_meta(cursor, "dataset", name):
        raise duplicate("Dataset", name)
    made = {
        **given,
        "kind": "bigquery#dataset",
        "id": name,
        "datasetReference": {"projectId": project, "datasetId": dataset},
        "location": given.get("location") or region,
        "creationTime": _now(),
        "type": "DEFAULT",
    }
    cursor.execute(f"create schema if not exists {schema_name(project, dataset)}")
    return _keep(cursor, "dataset", name, made)


def get_dataset(cursor: Any, project: str, dataset: str) -> dict[str, Json]:
    found = get_meta(cursor, "dataset", f"{project}:{dataset}")
    if found is None:
        raise not_found("Dataset", f"{project}:{dataset}")
    return found


def need_etag(live: dict[str, Json], etag: str) -> None:
    if etag and etag.strip('"') != live["etag"]:
        raise BigQueryError("conditionNotMet", "Precondition Failed")


def change_dataset(
    cursor: Any, project: str, dataset: str, given: dict[str, Json], etag: str = ""
) -> Json:
    live = get_dataset(cursor, project, dataset)
    need_etag(live, etag)
    given.pop("datasetReference", None)
    return _keep(cursor, "dataset", live["id"], _patched(live, given))


def delete_dataset(cursor: Any, project: str, dataset: str, contents: bool) -> None:
    name = get_dataset(cursor, project, dataset)["id"]
    tables = list_tables(cursor, project, dataset)
    if tables and not contents:
        raise BigQueryError("resourceInUse", f"Dataset {name} is still in use")
    for table in tables:
        delete_table(cursor, Ref.of(table["tableReference"]))
    cursor.execute(f"drop schema if exists {schema_name(project, dataset)} cascade")
    drop_meta(cursor, "dataset", name)


def list_datasets(cursor: Any, project: str) -> list[dict[str, Json]]:
    """Those that begin with `_` are hidden (Google: "Datasets")."""
    found = list_meta(cursor, "dataset", f"{project}:")
    return [d for d in found if not d["datasetReference"]["datasetId"].startswith("_")]


# -- tables -------------------------------------------------------------------------------------


def create_table(cursor: Any, ref: Ref, given: dict[str, Json], rows: str = "") -> Json:
    """With the rows of the query `rows` (DuckDB's SQL), in the order of its schema."""
    home = get_dataset(cursor, ref.project, ref.dataset)
    if not _TABLE.fullmatch(ref.table):
        raise invalid(f'Invalid table ID "{ref.table}".')
    if get_meta(cursor, "table", ref.name):
        raise duplicate("Table", ref.name)
    made = _table(ref, given, home)
    if made["type"] == "TABLE":
        _create_columns(cursor, ref, made["schema"]["fields"])
        if rows:
            cursor.execute(f"insert into {ref.duck} {rows}")
    return _keep(cursor, "table", ref.name, made)


def _table(ref: Ref, given: dict[str, Json], home: dict[str, Json]) -> dict[str, Json]:
    made = {
        **given,
        "kind": "bigquery#table",
        "id": ref.name,
        "tableReference": ref.json(),
        "location": home["location"],
        "creationTime": _now(),
        "type": kind_of(given),
    }
    schema = given.get("schema") or {}
    made["schema"] = {**schema, "fields": fields.canonical(schema.get("fields") or [])}
    if home.get("defaultTableExpirationMs") and "expirationTime" not in made:
        made["expirationTime"] = str(int(_now()) + int(home["defaultTableExpirationMs"]))
    return made


def kind_of(given: Mapping[str, Json]) -> str:
    if given.get("materializedView"):
        return "MATERIALIZED_VIEW"
    if given.get("view"):
        return "VIEW"
    return "EXTERNAL" if given.get("externalDataConfiguration") else "TABLE"


def _create_columns(cursor: Any, ref: Ref, schema: list[fields.Field]) -> None:
    """DuckDB has no table without columns, BigQuery has: one that nothing shows stands in."""
    columns = ", ".join(fields.column(field) for field in schema) or '"_no columns_" BOOLEAN'
    cursor.execute(f"create table {ref.duck} ({columns})")


def find_table(cursor: Any, ref: Ref) -> dict[str, Json] | None:
    found = get_meta(cursor, "table", ref.name)
    expires = found and found.get("expirationTime")
    return None if expires and int(expires) < int(_now()) else found


def get_table(cursor: Any, ref: Ref) -> dict[str, Json]:
    found = find_table(cursor, ref)
    if found is None:
        get_dataset(cursor, ref.project, ref.dataset)
        raise not_found("Table", ref.name)
    return found


def sized(
    cursor: Any, table: dict[str, Json], size: Callable[[Any, dict[str, Json]], int]
) -> dict[str, Json]:
    """With numRows and numBytes, as `tables.get` answers."""
    if table["type"] != "TABLE":
        return table
    ref = Ref.of(table["tableReference"])
    rows = cursor.execute(f"select count(*) from {ref.duck}").fetchall()[0][0]
    return {**table, "numRows": str(rows), "numBytes": str(size(cursor, table)),
            "numLongTermBytes": "0"}  # fmt: skip


def list_tables(cursor: Any, project: str, dataset: str) -> list[dict[str, Json]]:
    get_dataset(cursor, project, dataset)
    return list_meta(cursor, "table", f"{project}:{dataset}.")


def delete_table(cursor: Any, ref: Ref) -> None:
    table = get_meta(cursor, "table", ref.name)
    if table is None:
        raise not_found("Table", ref.name)
    if table["type"] == "TABLE":
        cursor.execute(f"drop table if exists {ref.duck}")
    drop_meta(cursor, "table", ref.name)


def change_table(cursor: Any, ref: Ref, given: dict[str, Json], etag: str = "") -> Json:
    """`etag`: only if the table is still that one."""
    live = get_table(cursor, ref)
    need_etag(live, etag)
    for key in ("tableReference", "type", "id", "kind"):
        given.pop(key, None)
    if "schema" in given and live["type"] == "TABLE":
        new = fields.canonical((given["schema"] or {}).get("fields") or [])
        _widen(cursor, ref, live["schema"]["fields"], new)
        given["schema"] = {"fields": new}
    return _keep(cursor, "table", ref.name, _patched(live, given))


def _widen(cursor: Any, ref: Ref, old: list[fields.Field], new: list[fields.Field]) -> None:
    """Columns may be added and relaxed, nothing else (Google: "Modifying table schemas")."""
    by_name = {field["name"].lower(): field for field in new}
    for field in old:
        kept = by_name.pop(field["name"].lower(), None)
        if kept is None:
            raise invalid(f"Provided Schema does not match Table {ref.name}. "
                          f"Field {field['name']} is missing in new schema")  # fmt: skip
        if kept["type"] != field["type"] or (kept["mode"] == "REPEATED") != (
            field["mode"] == "REPEATED"
        ):
            raise invalid(f"Provided Schema does not match Table {ref.name}. Field "
                          f"{field['name']} has changed type from {field['type']} to "
                          f"{kept['type']}")  # fmt: skip
        _relax(cursor, ref, field, kept)
    for field in by_name.values():
        add_column(cursor, ref, field, first=not old)


def _relax(cursor: Any, ref: Ref, old: fields.Field, new: fields.Field) -> None:
    name = fields.quoted(old["name"])
    if old["mode"] == "REQUIRED" and new["mode"] == "NULLABLE":
        cursor.execute(f"alter table {ref.duck} alter column {name} drop not null")
    elif old["mode"] != new["mode"]:
        raise invalid(f"Provided Schema does not match Table {ref.name}. Field {old['name']} has "
                      f"changed mode from {old['mode']} to {new['mode']}")  # fmt: skip
    if fields.duck_type(old) != fields.duck_type(new):
        cursor.execute(f"alter table {ref.duck} alter column {name} type {fields.duck_type(new)}")


def add_column(cursor: Any, ref: Ref, field: fields.Field, first: bool = False) -> None:
    if field["mode"] == "REQUIRED" and not first:
        raise invalid(f"Provided Schema does not match Table {ref.name}. Cannot add required "
                      f"fields to an existing schema. (field: {field['name']})")  # fmt: skip
    cursor.execute(f"alter table {ref.duck} add column {fields.column(field)}")
    if first:
        cursor.execute(f'alter table {ref.duck} drop column if exists "_no columns_"')


def replace_schema(cursor: Any, ref: Ref, schema: list[fields.Field]) -> Json:
    """A new, empty table in the place of the old one, whose other properties stay."""
    live = get_table(cursor, ref)
    cursor.execute(f"drop table if exists {ref.duck}")
    _create_columns(cursor, ref, schema)
    return _keep(cursor, "table", ref.name, {**live, "schema": {"fields": schema}})


def touch(cursor: Any, ref: Ref) -> None:
    """Rows were changed."""
    _keep(cursor, "table", ref.name, get_table(cursor, ref))


def keep_table(cursor: Any, ref: Ref, table: dict[str, Json]) -> Json:
    return _keep(cursor, "table", ref.name, table)


# -- small things -------------------------------------------------------------------------------


def _keep(cursor: Any, kind: str, name: str, value: dict[str, Json]) -> dict[str, Json]:
    value["lastModifiedTime"] = _now()
    value.pop("etag", None)
    value["etag"] = hashlib.sha256(orjson.dumps(value)).hexdigest()[:22]
    put_meta(cursor, kind, name, value)
    return value


def _patched(live: dict[str, Json], given: dict[str, Json]) -> dict[str, Json]:
    """Null clears; labels are changed one by one."""
    made = {**live, **{k: v for k, v in given.items() if k != "etag"}}
    if isinstance(given.get("labels"), dict):
        labels = {**(live.get("labels") or {}), **given["labels"]}
        made["labels"] = {k: v for k, v in labels.items() if v is not None}
    return {key: value for key, value in made.items() if value is not None}


def _now() -> str:
    return str(int(time.time() * 1000))
