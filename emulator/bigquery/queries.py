"""A whole query: parsed, its statements run in their order, its rows kept."""

from __future__ import annotations

from typing import Any

from emulator.bigquery import catalog, definitions, fields, partitions, statements
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context, Outcome
from emulator.bigquery.dialect.parse import google_sql, parse
from emulator.bigquery.errors import duplicate, invalid, not_found
from emulator.bigquery.failures import in_googles_words
from emulator.bigquery.script.run import Script
from emulator.bigquery.script.split import Node, is_plain, split
from emulator.bigquery.telling import done, told_of
from emulator.bigquery.warehouse import Warehouse, note

Json = Any


def run(
    warehouse: Warehouse, context: Context, config: dict[str, Json], dry: bool
) -> list[Outcome]:
    """The outcome of every statement; `config` is the job's `configuration.query`."""
    with in_googles_words(context.source):
        nodes = split(context.source)
        if nodes and not is_plain(nodes):
            _script(warehouse, context, nodes, dry)
        else:
            _statements(warehouse, context, config, dry)
        return context.outcomes


def _script(warehouse: Warehouse, context: Context, nodes: list[Node], dry: bool) -> None:
    if not dry:
        Script(warehouse, context).run(nodes)
    if dry or not context.outcomes:
        context.outcomes.append(Outcome("SCRIPT"))


def _statements(warehouse: Warehouse, context: Context, config: dict[str, Json], dry: bool) -> None:
    trees = parse(context.source)
    if any(definitions.makes_temporary(tree) for tree in trees):
        _script(warehouse, context, split(context.source), dry)
    elif len(trees) == 1:
        _only(warehouse, context, config, trees[0], dry)
    else:
        _each(warehouse, context, trees, dry)


def _only(
    warehouse: Warehouse, context: Context, config: dict[str, Json], tree: Any, dry: bool
) -> None:
    target = config.get("destinationTable") if statements.reads_only(tree) else None
    writes = not dry and (bool(target) or not statements.reads_only(tree))
    with warehouse.write() if writes else warehouse.read() as cursor:
        outcome = statements.run(cursor, context, tree, dry or bool(target))
        if target and not dry:
            deliver(cursor, Ref.of(target), outcome, config, context)
        done(context, outcome, context.source)
        if writes:
            note(cursor, {"query": told_of(outcome)})


def _each(warehouse: Warehouse, context: Context, trees: list[Any], dry: bool) -> None:
    for tree in trees:
        writes = not dry and not statements.reads_only(tree)
        with warehouse.write() if writes else warehouse.read() as cursor:
            outcome = statements.run(cursor, context, tree, dry)
        done(context, outcome, tree.sql(dialect=google_sql()))


def deliver(
    cursor: Any, ref: Ref, outcome: Outcome, config: dict[str, Json], context: Context
) -> None:
    """A query's rows into its destination table; the job's rows are that table's."""
    assert outcome.schema is not None
    put_rows(
        cursor, ref, outcome.sql, outcome.schema, {"writeDisposition": "WRITE_EMPTY", **config}
    )
    base, partition = partitions.split(ref)
    table = catalog.get_table(cursor, base)
    sql = partitions.rows_sql(table, base, partition)
    statements.keep(cursor, context, outcome, sql, table["schema"]["fields"])
    outcome.target = ref


def put_rows(
    cursor: Any, ref: Ref, sql: str, schema: list[fields.Field], config: dict[str, Json]
) -> int:
    """Rows of `sql` into `ref` by WRITE_* and CREATE_*; how many there were."""
    ref, partition = partitions.split(ref)
    if partition:
        return _put_partition(cursor, ref, partition, sql, schema, config)
    live = catalog.find_table(cursor, ref)
    write = config.get("writeDisposition") or "WRITE_APPEND"
    if live is None:
        return _create(cursor, ref, sql, schema, config)
    if write == "WRITE_EMPTY" and not _is_empty(cursor, ref):
        raise duplicate("Table", ref.name)
    if write == "WRITE_TRUNCATE":
        catalog.replace_schema(cursor, ref, fields.canonical(schema))
    elif write == "WRITE_TRUNCATE_DATA":
        cursor.execute(f"delete from {ref.duck}")
    columns = _matching(cursor, ref, schema, config)
    return _insert(cursor, ref, sql, columns)


def _put_partition(
    cursor: Any, ref: Ref, partition: str, sql: str, schema: list[fields.Field],
    config: dict[str, Json],
) -> int:  # fmt: skip
    """Into `table$partition`, where nothing else may be touched."""
    if catalog.find_table(cursor, ref) is None:
        _create(cursor, ref, f"select * from ({sql}) limit 0", schema, config)
    write = config.get("writeDisposition") or "WRITE_APPEND"
    partitions.make_room(cursor, ref, partition, write)
    before = partitions.sizes_of(cursor, ref, partition)
    count = _insert(cursor, ref, sql, _matching(cursor, ref, schema, config))
    partitions.need_inside(cursor, ref, partition, before)
    return count


def _create(
    cursor: Any, ref: Ref, sql: str, schema: list[fields.Field], config: dict[str, Json]
) -> int:
    if config.get("createDisposition") == "CREATE_NEVER":
        raise not_found("Table", ref.name)
    kept = ("timePartitioning", "rangePartitioning", "clustering")
    given = {key: config[key] for key in kept if config.get(key)}
    given["schema"] = {"fields": schema}
    catalog.create_table(cursor, ref, given)
    return _insert(cursor, ref, sql, schema)


def _insert(cursor: Any, ref: Ref, sql: str, schema: list[fields.Field]) -> int:
    columns = ", ".join(fields.quoted(field["name"]) for field in schema)
    row = cursor.execute(f"insert into {ref.duck} ({columns}) {sql}").fetchall()
    catalog.touch(cursor, ref)
    return int(row[0][0]) if row else 0


def _is_empty(cursor: Any, ref: Ref) -> bool:
    return not cursor.execute(f"select 1 from {ref.duck} limit 1").fetchall()


def _matching(
    cursor: Any, ref: Ref, schema: list[fields.Field], config: dict[str, Json]
) -> list[fields.Field]:
    """The columns that are given; unknown ones are added only where the job allows it."""
    live = {f["name"].lower(): f for f in catalog.get_table(cursor, ref)["schema"]["fields"]}
    new = [f for f in schema if f["name"].lower() not in live]
    if new and "ALLOW_FIELD_ADDITION" not in (config.get("schemaUpdateOptions") or []):
        raise invalid(f"Provided Schema does not match Table {ref.name}. Cannot add fields "
                      f"(field: {new[0]['name']})")  # fmt: skip
    for field in schema:
        old = live.get(field["name"].lower())
        if old and old["type"] != field["type"]:
            raise invalid(
                f"Provided Schema does not match Table {ref.name}. Field {field['name']} has "
                f"changed type from {old['type']} to {field['type']}"
            )
    if new:
        both = [*live.values(), *({**f, "mode": "NULLABLE"} for f in new)]
        catalog.change_table(cursor, ref, {"schema": {"fields": both}})
    return schema
