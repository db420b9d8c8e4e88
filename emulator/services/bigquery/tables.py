"""tables.* and tabledata.*."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.bigquery import catalog, inserting, partitions, sizes
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context
from emulator.bigquery.dialect.parse import parse
from emulator.bigquery.errors import invalid
from emulator.bigquery.failures import in_googles_words
from emulator.bigquery.jobs import Jobs
from emulator.bigquery.pages import CHUNK, page_of, pieces_from, pieces_of
from emulator.bigquery.partitions import SUMMARY, SUMMARY_FIELDS
from emulator.bigquery.reading import described, external_sql, query_sql
from emulator.bigquery.telling import HIDDEN
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud
from emulator.services.bigquery.ask import BASE, Asking, flag, nothing, number, paged, worker
from emulator.services.bigquery.buckets import CloudBuckets
from emulator.wire import body, route

Json = Any
ALL = BASE + "/datasets/{dataset}/tables"
ONE = ALL + "/{table}"
EVERY = 1 << 62


class Tables(Asking):
    def __init__(self, cloud: Cloud, warehouse: Warehouse, jobs: Jobs) -> None:
        super().__init__(cloud)
        self._jobs = jobs
        self._warehouse = warehouse
        self._buckets = CloudBuckets(cloud)

    def routes(self) -> list[BaseRoute]:
        return [
            route("GET", ALL, self.list),
            route("POST", ALL, self.create),
            route("GET", ONE, self.get),
            route("PATCH", ONE, self.patch),
            route("PUT", ONE, self.patch),
            route("DELETE", ONE, self.delete),
            route("GET", ONE + "/data", self.data),
            route("POST", ONE + "/insertAll", self.insert_all),
        ]

    async def list(self, request: Request) -> Json:
        project, dataset = request.path_params["project"], request.path_params["dataset"]
        self.allow(request, "bigquery.tables.list", f"projects/{project}/datasets/{dataset}")

        def work() -> Json:
            with self._warehouse.read() as cursor:
                return catalog.list_tables(cursor, project, dataset)

        kept = ("id", "tableReference", "type", "labels", "timePartitioning", "clustering",
                "creationTime", "friendlyName")  # fmt: skip
        found = [
            {"kind": "bigquery#table", **{k: t[k] for k in kept if k in t}}
            for t in await worker(work)
        ]
        answer = paged(request, found, "tables", "bigquery#tableList")
        return {**answer, "totalItems": len(found)}

    async def create(self, request: Request) -> Json:
        params, given = request.path_params, await body(request)
        table = (given.get("tableReference") or {}).get("tableId", "")
        ref = Ref(params["project"], params["dataset"], table)
        self.allow(request, "bigquery.tables.create",
                   f"projects/{ref.project}/datasets/{ref.dataset}")  # fmt: skip
        context = self._context(request, given)

        def work() -> Json:
            with self._warehouse.write() as cursor, in_googles_words(context.source):
                if context.source:
                    sql = query_sql(cursor, context, parse(context.source)[0])
                    given["schema"] = {"fields": described(cursor, sql)}
                if config := given.get("externalDataConfiguration"):
                    given["schema"] = _external_schema(cursor, context, given, config)
                return catalog.create_table(cursor, ref, given)

        return await worker(work)

    def _context(self, request: Request, given: dict[str, Json]) -> Context:
        """For the query of a view."""
        caller, access = self.caller(request), self.cloud.access
        return Context(
            source=(given.get("view") or {}).get("query", ""),
            project=request.path_params["project"],
            default=None,
            region=self.cloud.settings.region,
            files=lambda uri: self._buckets.found(uri, caller),
            allow=lambda permission, resource: access.require(caller, permission, resource),
        )

    async def get(self, request: Request) -> Json:
        if request.path_params["dataset"] == HIDDEN:
            return await worker(lambda: self._result(request))
        ref = self._named(request, "bigquery.tables.get")

        def work() -> Json:
            with self._warehouse.read() as cursor:
                if "$" in ref.table:
                    return _partition(cursor, ref)
                return catalog.sized(cursor, catalog.get_table(cursor, ref), sizes.of_table)

        return await worker(work)

    async def patch(self, request: Request) -> Json:
        ref, given = self._named(request, "bigquery.tables.update"), await body(request)
        etag = request.headers.get("if-match", "")

        def work() -> Json:
            with self._warehouse.write() as cursor:
                return catalog.change_table(cursor, ref, given, etag)

        return await worker(work)

    async def delete(self, request: Request) -> Json:
        ref = self._named(request, "bigquery.tables.delete")

        def work() -> None:
            base, partition = partitions.split(ref)
            with self._warehouse.write() as cursor:
                if partition:
                    partitions.make_room(cursor, base, partition, "WRITE_TRUNCATE")
                    catalog.touch(cursor, base)
                else:
                    catalog.delete_table(cursor, ref)

        await worker(work)
        return nothing()

    async def data(self, request: Request) -> Json:
        """tabledata.list."""
        params = request.path_params
        hidden = params["dataset"] == HIDDEN
        ref = (Ref(params["project"], HIDDEN, params["table"]) if hidden
               else self._named(request, "bigquery.tables.getData"))  # fmt: skip
        start = number(request, "pageToken", number(request, "startIndex", 0))
        most = number(request, "maxResults", EVERY)
        exact = flag(request, "formatOptions.useInt64Timestamp")
        return await worker(lambda: self._rows(ref, start, most, exact, request))

    def _result(self, request: Request) -> Json:
        """The table in which Google keeps a query's rows: clients ask it how many there are."""
        ref = Ref(request.path_params["project"], HIDDEN, request.path_params["table"])
        schema, kept = self._jobs.rows_of(ref.json(), self.caller(request))
        return {
            "kind": "bigquery#table",
            "id": f"{ref.project}:{ref.dataset}.{ref.table}",
            "tableReference": ref.json(),
            "schema": {"fields": schema},
            "numRows": str(kept.num_rows),
            "numBytes": str(kept.nbytes),
            "type": "TABLE",
        }

    def _rows(self, ref: Ref, start: int, most: int, exact: bool, request: Request) -> Json:
        chosen = [n for n in request.query_params.get("selectedFields", "").split(",") if n]
        if ref.dataset == HIDDEN:
            schema, kept = self._jobs.rows_of(ref.json(), self.caller(request))
            pieces = pieces_of(kept.slice(start, most))
            return _listed(pieces, schema, chosen, kept.num_rows, start, exact)
        with self._warehouse.read() as cursor:
            base, partition = partitions.split(ref)
            table = catalog.get_table(cursor, base)
            if table["type"] != "TABLE":
                raise invalid(f"Cannot list a table of type {table['type']}.")
            if partition == SUMMARY:
                return _summary(cursor, table, base, chosen)
            schema = table["schema"]["fields"]
            total = partitions.count(cursor, table, base, partition)
            sql = partitions.rows_sql(table, base, partition)
            found = cursor.sql(f"{sql} limit {most} offset {start}")
            pieces = pieces_from(found.to_arrow_reader(CHUNK))
            return _listed(pieces, schema, chosen, total, start, exact)

    async def insert_all(self, request: Request) -> Json:
        ref, given = self._named(request, "bigquery.tables.updateData"), await body(request)

        def work() -> Json:
            return inserting.insert_all(self._warehouse, ref, given)

        errors = await worker(work)
        answer: dict[str, Json] = {"kind": "bigquery#tableDataInsertAllResponse"}
        return {**answer, "insertErrors": errors} if errors else answer

    def _named(self, request: Request, permission: str) -> Ref:
        params = request.path_params
        ref = Ref(params["project"], params["dataset"], params["table"])
        self.allow(request, permission, partitions.split(ref)[0].resource)
        return ref


def _listed(
    pieces: Iterable[Any], schema: list[Json], chosen: list[str], total: int, start: int,
    exact: bool,
) -> dict[str, Json]:  # fmt: skip
    """One page."""
    if chosen:
        schema = [f for f in schema if f["name"] in chosen]
        pieces = (piece.select([f["name"] for f in schema]) for piece in pieces)
    page = page_of(pieces if schema else (), schema, exact)
    answer = {"kind": "bigquery#tableDataList", "etag": "", "totalRows": str(total)}
    if start + page.count < total and page.count:
        answer["pageToken"] = str(start + page.count)
    return {**answer, "rows": page.json}


def _partition(cursor: Any, ref: Ref) -> Json:
    """The resource of `table$partition`: the table's, as that alone."""
    base, partition = partitions.split(ref)
    table = catalog.get_table(cursor, base)
    told = {**table, "id": ref.name, "tableReference": ref.json()}
    if partition == SUMMARY:
        rows, told["schema"] = len(partitions.names(cursor, table, base)), {
            "fields": SUMMARY_FIELDS}  # fmt: skip
    else:
        rows = partitions.count(cursor, table, base, partition)
    return {**told, "numRows": str(rows)}


def _summary(cursor: Any, table: Json, ref: Ref, chosen: list[str]) -> dict[str, Json]:
    import pyarrow as pa

    where = {"project_id": ref.project, "dataset_id": ref.dataset, "table_id": ref.table}
    rows = [{**where, "partition_id": name} for name in partitions.names(cursor, table, ref)]
    schema = pa.schema([(field["name"], pa.string()) for field in SUMMARY_FIELDS])
    arrow = pa.Table.from_pylist(rows, schema=schema)
    return _listed(pieces_of(arrow), SUMMARY_FIELDS, chosen, len(rows), 0, True)


def _external_schema(cursor: Any, context: Context, given: Json, config: Json) -> Json:
    """As it is declared, or found in the files."""
    declared = given.get("schema") or config.get("schema")
    return declared or {"fields": described(cursor, external_sql(context, config))}
