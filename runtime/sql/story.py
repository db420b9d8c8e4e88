"""One SQL block, from its text to its output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runtime.context import Context
from runtime.errors import SettingsProblem
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT
from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.outputs import is_frame
from runtime.record import record
from runtime.sql import in_place, statements, templates
from runtime.sql.names import Place, Upstream, table_name, upstream_of, upstream_place
from runtime.sql.providers import Provider, provider
from runtime.templates import render

Values = Callable[[str], Any]
READ_BACK = frozenset({"custom", "data_exporter", "data_loader", "dbt", "transformer"})
RAW_ROWS = 1000


@record
class Work:
    """What is needed all along the way."""

    context: Context
    provider: Provider
    loader: Any
    profile: Any
    kwargs: Mapping[str, Any]
    values: Values
    upstream: tuple[Upstream, ...]

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.context.spec.configuration

    @property
    def dynamic(self) -> bool:
        return self.context.spec.dynamic or bool(self.context.request.index)


def run_sql(context: Context, values: Values, kwargs: Mapping[str, Any]) -> Any:
    """The block's output: a frame, or nothing. `values` reads an upstream block's output."""
    settings = context.spec.configuration
    kind = provider(settings.get("data_provider"))
    config = _profile(
        context, render(str(settings.get("data_provider_profile") or "default"), kwargs)
    )
    text = Path(context.file).read_text(encoding="utf-8-sig")
    with _opened(kind.loader(config)) as loader:
        work = Work(context, kind, loader, config, kwargs, values, upstream_of(context.spec))
        if not work.dynamic or kind.dynamic_uploads:
            _upload(work, text)
        query = _query(work, text)
        return _raw(work, query) if settings.get("use_raw_sql") else _plain(work, query)


@contextmanager
def _opened(loader: Any) -> Iterator[Any]:
    if not hasattr(loader, "__enter__"):
        yield loader
        return
    with loader:
        yield loader


def _profile(context: Context, name: str) -> ConfigFileLoader:
    return ConfigFileLoader(f"{context.project}/io_config.yaml", name)


# -- upstream data --------------------------------------------------------------------------


def _upload(work: Work, text: str) -> None:
    """Frames of the upstream blocks that the text mentions become tables."""
    for number in statements.mentioned(text, len(work.upstream)):
        upstream = work.upstream[number - 1]
        if upstream.type in ("sensor", "dbt") or _lies_here(work, upstream):
            continue
        if work.provider.name == "bigquery" and _loads(work, upstream):
            continue
        data = work.values(upstream.uuid)
        if len(data) == 0 if hasattr(data, "__len__") else not data:
            print(f"No data in upstream block {upstream.uuid}.")
            continue
        _upload_one(work, upstream, data)


def _upload_one(work: Work, upstream: Upstream, data: Any) -> None:
    place = _place(work, upstream)
    schema = None if work.provider.no_schema else place.schema or _default_schema(work)
    print(f"Exporting data from upstream block {upstream.uuid} to {place.table}.")
    if work.provider.name == "bigquery":
        database = place.database or _database(work)
        work.loader.export(
            data, f"{schema}.{place.table}", database=database, if_exists="replace", verbose=False
        )
        return
    names: dict[str, Any] = {"table_name": place.table}
    if work.provider.name in ("redshift", "snowflake"):
        names["schema"] = schema
    elif work.provider.name != "clickhouse":
        names["schema_name"] = schema
    if work.provider.name != "snowflake":
        names |= {"index": False}
    if work.provider.name not in ("clickhouse", "snowflake"):
        names["drop_table_on_replace"] = True
    work.loader.export(data, if_exists="replace", verbose=False, **names)


def _loads(work: Work, upstream: Upstream) -> bool:
    """Whether BigQuery fetches the upstream block's table from the bucket itself."""
    place, modes = _place(work, upstream), work.context.spec.upstream_modes
    schema = place.schema or _default_schema(work)
    if not schema or modes.get(upstream.uuid, "whole") != "whole":
        return False
    table, database = f"{schema}.{place.table}", place.database or _database(work)
    return in_place.loaded(work.loader, work.context.artifacts, upstream.uuid, table, database)


def _lies_here(work: Work, upstream: Upstream) -> bool:
    """Whether the upstream block's result is in this very database already."""
    if _inlined(work, upstream):
        return True
    if upstream.language != "sql" or not _same(work, upstream) or not _shared(work):
        return False
    other = _profile(work.context, str(upstream.settings.get("data_provider_profile") or "default"))
    keys = work.provider.same
    if work.provider.name == "bigquery":  # any one credential, or the function's own identity
        return all(work.profile[key] == other[key] for key in keys)
    return all(work.profile[key] and work.profile[key] == other[key] for key in keys)


def _shared(work: Work) -> bool:
    """A DuckDB file lies on one function's own disk; only at MotherDuck do others see it."""
    database = str(work.profile["DUCKDB_DATABASE"])
    return work.provider.name != "duckdb" or database.startswith("md:")


def _same(work: Work, upstream: Upstream) -> bool:
    return bool(upstream.settings.get("data_provider") == work.provider.name)


def _inlined(work: Work, upstream: Upstream) -> bool:
    """A raw SELECT on the same provider leaves no table: its text stands in for it."""
    return bool(
        upstream.language == "sql"
        and _same(work, upstream)
        and _shared(work)
        and upstream.settings.get("use_raw_sql")
        and upstream.content
        and statements.is_select(upstream.content)
    )


# -- the query ------------------------------------------------------------------------------


def _query(work: Work, text: str) -> str:
    query = _with_upstream(work, text, work.upstream, work.settings)
    uuids = [upstream.uuid for upstream in work.upstream]
    query = templates.with_outputs(query, uuids, work.values, work.kwargs)
    return templates.with_variables(query, work.kwargs)


def _with_upstream(
    work: Work, text: str, above: tuple[Upstream, ...], settings: Mapping[str, Any]
) -> str:
    for number in statements.mentioned(text, len(above)):
        upstream = above[number - 1]
        _check_raw(work, settings, upstream)
        if _inlined(work, upstream):
            inner = _with_upstream(
                work, upstream.content or "", upstream.upstream, upstream.settings
            )
            text = templates.with_query(text, number, inner, _place(work, upstream).table)
        else:
            text = templates.with_table(text, number, _reference(work, upstream))
    return text


def _check_raw(work: Work, settings: Mapping[str, Any], upstream: Upstream) -> None:
    elsewhere = upstream.language == "sql" and upstream.type != "dbt" and not _same(work, upstream)
    if settings.get("use_raw_sql") and elsewhere:
        raise SettingsProblem(
            f"a raw SQL block on {work.provider.name} cannot use the result of {upstream.uuid}, "
            f"which is on {upstream.settings.get('data_provider')}; switch off use_raw_sql"
        )


def _place(work: Work, upstream: Upstream) -> Place:
    default = table_name(
        work.context.spec.pipeline, upstream.uuid, upstream.settings, work.kwargs.get("env")
    )
    place = upstream_place(work.settings, upstream, default, no_schema=work.provider.no_schema)
    index = work.context.request.index
    table = f"{place.table}__dynamic_{index[-1]}" if index else place.table
    return Place(place.database, place.schema, table.upper() if work.provider.upper else table)


def _reference(work: Work, upstream: Upstream) -> str:
    place = _place(work, upstream)
    settings = upstream.settings if _same(work, upstream) else work.settings
    database = place.database or settings.get("data_provider_database") or _database(work)
    schema = place.schema or settings.get("data_provider_schema") or _default_schema(work)
    if work.provider.upper:
        database, schema = (part.upper() if part else part for part in (database, schema))
    return work.provider.spelled(Place(database, schema, place.table))


def _database(work: Work) -> str | None:
    found: str | None = work.settings.get("data_provider_database")
    return found or work.loader.default_database()


def _default_schema(work: Work) -> str | None:
    default = getattr(work.loader, "default_schema", lambda: None)
    found: str | None = work.settings.get("data_provider_schema")
    return found or default()


# -- running it -----------------------------------------------------------------------------


def _plain(work: Work, query: str) -> Any:
    """One SELECT into the block's table; the table's rows are the output."""
    spec = work.context.spec
    name = table_name(spec.pipeline, spec.block, work.settings, work.kwargs.get("env"))
    name = name.upper() if work.provider.upper else name
    policy = str(work.settings.get("export_write_policy") or "append")
    verbose = spec.type == "data_exporter"
    table = _write(work, name, query.strip().rstrip(";"), policy, verbose)
    if spec.type not in READ_BACK or spec.in_warehouse:
        return None
    limit = int(work.settings.get("limit_in_pipeline_run") or QUERY_ROW_LIMIT)
    rows = min(limit, QUERY_ROW_LIMIT)
    if work.provider.top:
        return work.loader.load(f"SELECT TOP {rows} * FROM {table}", limit=None, verbose=False)
    limits = {"limit": rows} if work.provider.limited else {}
    return work.loader.load(f"SELECT * FROM {table}", verbose=False, **limits)


def _write(work: Work, name: str, query: str, policy: str, verbose: bool) -> str:
    """Export the query's result; the table as it is spelled when it is read back."""
    schema, database, kind = _default_schema(work), _database(work), work.provider.name
    options: dict[str, Any] = {"query_string": query, "if_exists": policy, "verbose": verbose}
    if kind == "bigquery":
        if not schema:
            raise SettingsProblem("a BigQuery block needs data_provider_schema, its dataset")
        work.loader.export(None, f"{schema}.{name}", database=database, **options)
        return f"{database}.{schema}.{name}"
    if kind == "snowflake":
        work.loader.export(None, name, database, schema, **options)
        return work.provider.spelled(Place(_upper(database), _upper(schema), name))
    if kind == "clickhouse":
        work.loader.export(None, table_name=name, database=database, **options)
        return f"{database}.{name}"
    if kind == "redshift":
        work.loader.export(None, name, schema=schema, drop_table_on_replace=True, **options)
    else:
        schema = None if kind in ("mysql", "druid") else schema
        work.loader.export(None, schema, name, drop_table_on_replace=True, **options)
    return f"{schema}.{name}" if schema else name


def _upper(name: str | None) -> str | None:
    return name.upper() if name else name


def _raw(work: Work, query: str) -> Any:
    """Statements as they are; the output is a table's rows, or the last result."""
    if work.settings.get("disable_query_preprocessing"):
        work.loader.execute_query_raw(query)
        if hasattr(work.loader, "commit"):
            work.loader.commit()
        return None
    if work.context.spec.type not in READ_BACK:
        return None
    listed = statements.read(query)
    texts = [statement.text for statement in listed]
    if not texts:
        return None
    if not statements.changes_tables(listed):
        results = work.loader.execute_queries(
            texts, commit=True, fetch_query_at_indexes=[True] * len(texts)
        )
        return _only_rows(results[-1])
    table = statements.result_table(listed)
    fetched: list[Any] = [False] * len(texts)
    if table and not work.context.spec.in_warehouse:
        texts.append(work.provider.first(table, RAW_ROWS))
        fetched.append(table)
    results = work.loader.execute_queries(texts, commit=True, fetch_query_at_indexes=fetched)
    return _only_rows(results[-1])


def _only_rows(result: Any) -> Any:
    """A driver's row count or cursor is nobody's data."""
    return result if is_frame(result) else None
