"""LOAD DATA and EXPORT DATA (Google: "Load statements", "Export statements")."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from emulator.bigquery import catalog, loading, queries
from emulator.bigquery.columns import columns_of
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect import names
from emulator.bigquery.errors import invalid, unsupported
from emulator.bigquery.exporting import TYPES, write
from emulator.bigquery.options import external_of, options_of
from emulator.bigquery.reading import described, normal, query_sql

Tree = Any


def load(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    from sqlglot import exp

    table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    ref = names.ref_in(context, table)
    context.allow("bigquery.tables.updateData", f"projects/{ref.project}/datasets/{ref.dataset}")
    catalog.get_dataset(cursor, ref.project, ref.dataset)
    config = external_of(options_of(tree.args["files"].expressions))
    config |= config.pop("csvOptions")
    config["writeDisposition"] = "WRITE_TRUNCATE" if tree.args.get("overwrite") else "WRITE_APPEND"
    columns = columns_of(tree)
    config |= {"autodetect": not columns, "schema": {"fields": columns}}
    found = [one for uri in config["sourceUris"] for one in context.files(uri)]
    if not found:
        raise invalid(f"Not found: Uris {', '.join(config['sourceUris'])}")
    sql, schema = loading.source(cursor, ref, config, found)
    made = Outcome("LOAD_DATA", target=ref)
    if not dry:
        made.affected = queries.put_rows(cursor, ref, sql, schema, config)
    return made


def export(cursor: Any, context: Context, tree: Tree, dry: bool) -> Outcome:
    options = options_of(tree.args["options"].expressions)
    kind = str(options.get("format", "")).upper()
    kind = {"JSON": "NEWLINE_DELIMITED_JSON"}.get(kind, kind)
    if kind not in TYPES:
        raise unsupported(f"EXPORT DATA with the format {kind or 'NULL'}")
    uri = str(options.get("uri") or "")
    if uri.count("*") != 1:
        raise invalid("Option 'uri' value must be a wild card URI.")
    if not options.get("overwrite") and context.files(uri):
        raise invalid(f"Destination {uri} is not empty: set overwrite to true.")
    sql = query_sql(cursor, context, tree.this)
    schema = described(cursor, sql)
    if not dry:
        config = {"printHeader": options.get("header", False),
                  "fieldDelimiter": options.get("field_delimiter") or ",",
                  "compression": options.get("compression") or "NONE"}  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "part"
            write(cursor, normal(sql, schema), schema, file, kind, config)
            context.put(uri.replace("*", "000000000000"), file, TYPES[kind])
    return Outcome("EXPORT_DATA")
