"""What a job does, by its kind: query, load, copy or extract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.bigquery import extracting, loading, queries
from emulator.bigquery.catalog import Ref
from emulator.bigquery.context import Context
from emulator.bigquery.errors import BigQueryError, invalid
from emulator.bigquery.parameters import values_of
from emulator.bigquery.results import Results
from emulator.bigquery.telling import hidden, told_of
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Principal

Json = Any


class Performer:
    """All of it blocks."""

    def __init__(
        self, cloud: Cloud, warehouse: Warehouse, buckets: extracting.Buckets, results: Results
    ) -> None:
        self._cloud = cloud
        self._warehouse = warehouse
        self._buckets = buckets
        self._results = results

    def run(self, job: dict[str, Json], caller: Principal, upload: Path | None) -> None:
        """Into `job` goes what came of it; `outcomes` in it are those of its statements."""
        config = job["configuration"]
        if "query" in config:
            self._query(job, config["query"], caller)
        elif "load" in config:
            self._load(job, config["load"], caller, upload)
        elif "copy" in config:
            self._copy(config["copy"], caller)
        else:
            made = extracting.extract(self._warehouse, config["extract"], self._buckets, caller,
                                      self._allow(caller))  # fmt: skip
            job["statistics"]["extract"] = made

    def _allow(self, caller: Principal) -> Callable[[str, str], None]:
        def allow(permission: str, resource: str) -> None:
            if not self._cloud.access.holds(caller, permission, resource):
                raise _denied(permission, resource)

        return allow

    # -- queries --------------------------------------------------------------------------------

    def _query(self, job: dict[str, Json], config: dict[str, Json], caller: Principal) -> None:
        if config.get("useLegacySql"):
            raise invalid("This emulator has GoogleSQL only: set useLegacySql to false.")
        context = self._context(job, config, caller)
        job["outcomes"] = context.outcomes
        dry = bool(job["configuration"].get("dryRun"))
        queries.run(self._warehouse, context, config, dry)
        self._tell(job, context)

    def _context(self, job: dict[str, Json], config: dict[str, Json], caller: Principal) -> Context:
        default = config.get("defaultDataset")
        project = job["jobReference"]["projectId"]
        numbers = iter(range(1_000_000))
        return Context(
            source=config.get("query") or "",
            project=project,
            default=(default.get("projectId") or project, default["datasetId"])
            if default
            else None,
            region=self._cloud.settings.region,
            files=lambda uri: self._buckets.found(uri, caller),
            allow=self._allow(caller),
            values=values_of(config.get("queryParameters") or []),
            externals=config.get("tableDefinitions") or {},
            put=lambda uri, file, kind: self._buckets.put(uri, file, kind, caller),
            limits=config,
            keep=lambda rows: self._results.keep(f"{job['id']}#{next(numbers)}", rows),
        )

    def _tell(self, job: dict[str, Json], context: Context) -> None:
        outcomes = context.outcomes
        last = next((o for o in reversed(outcomes) if o.schema is not None), outcomes[-1])
        told = {
            **told_of(last),
            "statementType": last.kind if len(outcomes) == 1 else "SCRIPT",
            "referencedTables": [ref.json() for ref in dict.fromkeys(context.referenced)],
        }
        config = job["configuration"]
        if last.schema is not None and "destinationTable" not in config["query"]:
            config["query"] = {**config["query"], "destinationTable": hidden(job)}
        elif outcomes[-1].kind == "CREATE_TABLE_AS_SELECT" and (made := outcomes[-1].target):
            config["query"] = {**config["query"], "destinationTable": made.json()}
        job["statistics"] |= {"query": told, "totalBytesProcessed": told["totalBytesProcessed"]}

    # -- loads and copies -----------------------------------------------------------------------

    def _load(
        self, job: dict[str, Json], config: dict[str, Json], caller: Principal, upload: Path | None
    ) -> None:
        ref = Ref.of(config["destinationTable"])
        self._allow(caller)(
            "bigquery.tables.updateData", f"projects/{ref.project}/datasets/{ref.dataset}"
        )
        found = [("", upload)] if upload else [
            one for uri in config.get("sourceUris") or []
            for one in self._buckets.found(uri, caller, must=True)]  # fmt: skip
        told, errors = loading.load(self._warehouse, config, found)
        job["statistics"]["load"] = told
        if errors:
            job["status"] = {"errors": errors}

    def _copy(self, config: dict[str, Json], caller: Principal) -> None:
        target = Ref.of(config["destinationTable"])
        sources = [Ref.of(t) for t in config.get("sourceTables") or [config["sourceTable"]]]
        allow = self._allow(caller)
        for source in sources:
            allow("bigquery.tables.getData", source.resource)
        allow("bigquery.tables.create", f"projects/{target.project}/datasets/{target.dataset}")
        extracting.copy(self._warehouse, sources, target, config)


def _denied(permission: str, resource: str) -> BigQueryError:
    kind = "Table" if "/tables/" in resource else "Dataset"
    name = resource.removeprefix("projects/").replace("/datasets/", ":").replace("/tables/", ".")
    return BigQueryError(
        "accessDenied",
        f"Access Denied: {kind} {name}: User does not have permission {permission} on "
        f"resource {resource} (or it may not exist).",
    )
