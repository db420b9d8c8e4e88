"""Child jobs: one for each statement of a script (Google: "Work with multi-statement queries")."""

from __future__ import annotations

import hashlib
from typing import Any

from emulator.bigquery.context import Outcome
from emulator.bigquery.results import Results
from emulator.bigquery.telling import hidden, now, told_of
from emulator.store import Store

Json = Any
KIND = "bigquery-job"


class Children:
    """Made when their script has ended, well or not."""

    def __init__(self, store: Store, results: Results) -> None:
        self._store = store
        self._results = results

    def keep(self, parent: dict[str, Json], outcomes: list[Outcome]) -> None:
        last = next((one for one in reversed(outcomes) if one.kept), None)
        if last:
            self._results.link(last.kept, parent["id"])
        if parent["statistics"].get("query", {}).get("statementType", "SCRIPT") == "SCRIPT":
            for number, outcome in enumerate(outcomes):
                self._child(parent, outcome, number)
            if outcomes:
                parent["statistics"]["numChildJobs"] = str(len(outcomes))
        for outcome in outcomes:
            if outcome.kept:
                self._results.drop(outcome.kept)

    def _child(self, parent: dict[str, Json], outcome: Outcome, number: int) -> None:
        digest = hashlib.sha256(parent["id"].encode()).hexdigest()[:32]
        reference = {**parent["jobReference"], "jobId": f"script_job_{digest}_{number}"}
        name = f"{reference['projectId']}:{reference['location']}.{reference['jobId']}"
        query: dict[str, Json] = {"query": outcome.source, "useLegacySql": False}
        child = {
            **parent,
            "id": name,
            "jobReference": reference,
            "configuration": {"jobType": "QUERY", "query": query},
            "status": {"state": "DONE"},
        }
        if outcome.kept:
            self._results.link(outcome.kept, name)
            query["destinationTable"] = hidden(child)
        child["statistics"] = {
            "creationTime": outcome.began,
            "startTime": outcome.began,
            "endTime": outcome.ended or now(),
            "parentJobId": parent["jobReference"]["jobId"],
            "query": told_of(outcome),
        }
        self._store.put(KIND, name, child)
