"""What the Executions API shows of an execution, and what its lists filter and order by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clock import unix
from emulator.rpc.filters import Field
from emulator.rpc.listing import enum

Json = Any
Document = Mapping[str, Json]
VIEWS = ("EXECUTION_VIEW_UNSPECIFIED", "BASIC", "FULL")
BASIC = ("name", "createTime", "startTime", "endTime", "duration", "state", "workflowRevisionId")


def view_of(given: Json, default: str) -> str:
    return enum(given, VIEWS, "view") or default


def shown(document: Document, view: str) -> dict[str, Json]:
    if view == "FULL":
        return dict(document)
    return {field: document[field] for field in BASIC if field in document}


def _time(field: str) -> Field:
    """None for what has not happened: no comparison with it holds."""
    return lambda document: unix(document[field]) if field in document else None


def _text(field: str) -> Field:
    return lambda document: document.get(field, "")


def _seconds(document: Document) -> float | None:
    return float(document["duration"].removesuffix("s")) if "duration" in document else None


def _steps(document: Document) -> list[str]:
    return [step["step"] for step in document.get("status", {}).get("currentSteps", [])]


def _labels(document: Document) -> dict[str, str]:
    labels: dict[str, str] = document.get("labels", {})
    return labels


def _unbuffered(document: Document) -> str:
    return str(document.get("disableConcurrencyQuotaOverflowBuffering", False)).lower()


def _id(document: Document) -> str:
    return str(document["name"]).rpartition("/")[2]


FILTERS: dict[str, Field] = {
    **{f: _time(f) for f in ("createTime", "startTime", "endTime")},
    "executionId": _id,
    "executionID": _id,
    "state": _text("state"),
    "duration": _seconds,
    "workflowRevisionId": _text("workflowRevisionId"),
    "workflowRevisionID": _text("workflowRevisionId"),
    "stepName": _steps,
    "label": _labels,
    "labels": _labels,
    "disableConcurrencyQuotaOverflowBuffering": _unbuffered,
}


def _or_zero(field: Field) -> Field:
    """Sorting needs a value: what has not happened comes first."""
    return lambda document: field(document) or 0.0


ORDERS: dict[str, Field] = {
    **{f: _or_zero(FILTERS[f]) for f in ("createTime", "startTime", "endTime", "duration")},
    **{f: FILTERS[f] for f in ("executionId", "executionID", "state", "workflowRevisionId")},
    "workflowRevisionID": FILTERS["workflowRevisionID"],
}


def newest_first(document: Document) -> float:
    return unix(document.get("startTime") or document["createTime"])
