"""PARTITION BY, CLUSTER BY and OPTIONS(…) → the fields of a table's resource."""

from __future__ import annotations

from typing import Any

from emulator.bigquery.errors import unsupported

Tree = Any
PLAIN = {"description": "description", "friendly_name": "friendlyName", "location": "location"}


def properties_of(tree: Tree) -> dict[str, Any]:
    from sqlglot import exp

    made: dict[str, Any] = {}
    options: dict[str, Any] = {}
    found = tree.args.get("properties")
    every = [p for group in ([found] if found else tree.expressions or [])
             if group for p in group.expressions]  # fmt: skip
    for one in every:
        if isinstance(one, exp.PartitionedByProperty):
            made |= _partition(one.this)
        elif isinstance(one, exp.ClusteredByProperty | exp.Cluster | exp.ClusterProperty):
            made["clustering"] = {"fields": [c.name for c in one.expressions]}
        elif isinstance(one, exp.FileFormatProperty):
            options["format"] = one.this.name
        elif isinstance(one, exp.LocationProperty):
            options["location"] = one.this.name
        elif isinstance(one, exp.ExternalProperty):
            options["external"] = True
        elif isinstance(one, exp.MaterializedProperty):
            raise unsupported("CREATE MATERIALIZED VIEW")
        elif isinstance(one, exp.SchemaCommentProperty):
            options["description"] = one.this.name
        elif type(one) is exp.Property:
            options[one.name.lower()] = value_of(one.args["value"])
    return {**made, **_options(options)}


def value_of(tree: Tree) -> Any:
    from sqlglot import exp

    if isinstance(tree, exp.Array | exp.Tuple):
        return [value_of(item) for item in tree.expressions]
    if isinstance(tree, exp.Boolean):
        return bool(tree.this)
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return float(tree.name) if "." in tree.name else int(tree.name)
    return tree.name


def _options(options: dict[str, Any]) -> dict[str, Any]:
    made = {to: options[of] for of, to in PLAIN.items() if of in options}
    if "require_partition_filter" in options:
        made["requirePartitionFilter"] = options["require_partition_filter"]
    if "labels" in options:
        made["labels"] = dict(options["labels"])
    if options.get("external"):
        made["external"] = external_of(options)
    return made


def external_of(options: dict[str, Any]) -> dict[str, Any]:
    """Google's ExternalDataConfiguration."""
    csv = {"skipLeadingRows": str(options.get("skip_leading_rows", 0)),
           "fieldDelimiter": options.get("field_delimiter", ",")}  # fmt: skip
    kind = options.get("format", "CSV").upper()
    made = {
        "sourceFormat": {"JSON": "NEWLINE_DELIMITED_JSON"}.get(kind, kind),
        "sourceUris": options.get("uris") or [],
        "csvOptions": csv,
    }
    if prefix := options.get("hive_partition_uri_prefix"):
        made["hivePartitioningOptions"] = {"sourceUriPrefix": prefix, "mode": "AUTO"}
    return made


def options_of(properties: list[Tree]) -> dict[str, Any]:
    """Of a list of `name = value`."""
    from sqlglot import exp

    return {
        "format" if isinstance(p, exp.FileFormatProperty) else p.name.lower():
        p.this.name if isinstance(p, exp.FileFormatProperty) else value_of(p.args["value"])
        for p in properties
    }  # fmt: skip


def _range(tree: Any) -> dict[str, Any]:
    """RANGE_BUCKET(column, GENERATE_ARRAY(start, end, interval))."""
    from sqlglot import exp

    array = next(tree.find_all(exp.GenerateSeries))
    step = array.args.get("step")
    return {"field": next(tree.find_all(exp.Column)).name, "range": {
        "start": array.args["start"].sql(), "end": array.args["end"].sql(),
        "interval": step.sql() if step is not None else "1"}}  # fmt: skip


def _partition(tree: Tree) -> dict[str, Any]:
    from sqlglot import exp

    inner = tree.expressions[0] if isinstance(tree, exp.Schema | exp.Tuple) else tree
    text = inner.sql(dialect="bigquery").upper()
    if text.startswith("RANGE_BUCKET"):
        return {"rangePartitioning": _range(inner)}
    unit = next((u for u in ("HOUR", "MONTH", "YEAR") if f", {u}" in text), "DAY")
    column = next((c.name for c in inner.find_all(exp.Column)), inner.name)
    where = {} if column.upper() == "_PARTITIONDATE" else {"field": column}
    return {"timePartitioning": {"type": unit, **where}}
