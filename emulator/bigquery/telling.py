"""What jobs tell of their statements, and where rows lie that have no table."""

from __future__ import annotations

import time
from typing import Any

from emulator.bigquery.context import Context, Outcome

Json = Any
HIDDEN = "_blocklift_results"
"""The dataset of results of queries without a destination."""
ANON = "anon"
"""What the names of its tables begin with; the job's follows."""


def now() -> str:
    return str(int(time.time() * 1000))


def done(context: Context, outcome: Outcome, source: str) -> None:
    """One more statement is done."""
    outcome.source, outcome.ended = source.strip(), now()
    context.outcomes.append(outcome)


def told_of(outcome: Outcome) -> dict[str, Json]:
    """The statistics of one statement (Google: "JobStatistics2")."""
    told: dict[str, Json] = {
        "statementType": outcome.kind,
        "totalBytesProcessed": str(outcome.bytes),
        "totalBytesBilled": str(outcome.bytes),
        "cacheHit": False,
    }
    if outcome.schema is not None:
        told["schema"] = {"fields": outcome.schema}
    if outcome.affected is not None:
        told["numDmlAffectedRows"] = str(outcome.affected)
        told["dmlStats"] = outcome.stats
    if outcome.operation:
        told["ddlOperationPerformed"] = outcome.operation
        if outcome.target:
            told["ddlTargetTable"] = outcome.target.json()
    return told


def hidden(job: dict[str, Json]) -> dict[str, str]:
    """Where Google would keep the rows of a query without a destination."""
    reference = job["jobReference"]
    return {"projectId": reference["projectId"], "datasetId": HIDDEN,
            "tableId": ANON + reference["jobId"]}  # fmt: skip
