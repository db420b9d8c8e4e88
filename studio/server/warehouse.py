"""A look into the local cloud's BigQuery: its tables, and queries that only read."""

from __future__ import annotations

from typing import Any

from deployer.errors import BlockliftError
from studio.server.errors import StudioError
from studio.server.messages import Column, Page, TableInfo
from studio.server.session import Session

ROW_LIMIT = 1000
PATIENCE_MS = 20_000
MOST_TABLES = 500


class Warehouse:
    """Asked over BigQuery's REST, as any client asks it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def root(self) -> str:
        target = self.session.workspace().target
        if not target.is_local:
            raise StudioError(400, "The console looks into the local cloud only")
        return f"{target.base}/bigquery/v2/projects/{target.project_id}"

    @property
    def http(self) -> Any:
        return self.session.workspace().clients.executions.session

    def tables(self) -> list[TableInfo]:
        """Dataset by dataset, at most 500."""
        found: list[TableInfo] = []
        for dataset in self.http.pages(f"{self.root}/datasets", "listing datasets", "datasets"):
            name = dataset["datasetReference"]["datasetId"]
            url = f"{self.root}/datasets/{name}/tables"
            for table in self.http.pages(url, f"listing tables of {name}", "tables"):
                found.append(TableInfo(name, table["tableReference"]["tableId"], None))
                if len(found) == MOST_TABLES:
                    return found
        return found

    def query(self, sql: str) -> Page:
        """At most 1,000 rows. What would write is refused: a dry run tells what it is."""
        try:
            kind = self._kind(sql)
            if kind != "SELECT":
                raise StudioError(
                    400, f"The query box only reads, and this is {kind or 'no query'}"
                )
            answer = self._asked(sql)
        except BlockliftError as error:
            raise StudioError(400, str(error), error.hint) from None
        columns = [Column(f["name"], f["type"]) for f in answer.get("schema", {}).get("fields", [])]
        rows = [[value_of(cell) for cell in row["f"]] for row in answer.get("rows", [])]
        return Page(columns, rows, 0, int(answer.get("totalRows") or len(rows)))

    def _kind(self, sql: str) -> str:
        body = {"configuration": {"dryRun": True, "query": {"query": sql, "useLegacySql": False}}}
        job = self.http.post(f"{self.root}/jobs", "checking the query", body)
        return str(job.get("statistics", {}).get("query", {}).get("statementType") or "")

    def _asked(self, sql: str) -> Any:
        body = {
            "query": sql,
            "useLegacySql": False,
            "maxResults": ROW_LIMIT,
            "timeoutMs": PATIENCE_MS,
        }
        answer = self.http.post(f"{self.root}/queries", "asking BigQuery", body)
        if not answer.get("jobComplete", True):
            raise StudioError(400, "BigQuery took longer than 20 seconds")
        return answer


def value_of(cell: Any) -> Any:
    """BigQuery's {"v": …}: records and repeated fields hold more of them."""
    value = cell.get("v") if isinstance(cell, dict) and "v" in cell else cell
    if isinstance(value, list):
        return [value_of(item) for item in value]
    if isinstance(value, dict) and "f" in value:
        return [value_of(item) for item in value["f"]]
    return value
