"""Executions and their tasks: how they begin, what changes them, and the conditions they show.

Cloud Run Admin API v2, resources `jobs.executions` and `jobs.executions.tasks`. Pure: every
function takes the moment as RFC 3339 text and changes or makes a JSON document.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from emulator.clock import unix
from emulator.cloud import Json
from emulator.host.tasks import Outcome

EXITED = "The container exited with an error."
CANCELLED = "The execution was cancelled."
CONSOLE = "https://console.cloud.google.com/logs/viewer"
Document = dict[str, Json]


def condition(
    kind: str, state: str, moment: str, message: str = "", reason: str = ""
) -> dict[str, Json]:
    made = {"type": kind, "state": f"CONDITION_{state}", "lastTransitionTime": moment}
    if message:
        made["message"] = message
    return {**made, "executionReason": reason} if reason else made


def new_execution(
    name: str, job: Mapping[str, Json], template: Mapping[str, Json], creator: str, moment: str
) -> Document:
    _, project, _, _, _, short, *_ = name.split("/")
    return {
        "name": name,
        "uid": str(uuid.uuid4()),
        "creator": creator,
        "generation": "1",
        "observedGeneration": "1",
        "labels": {**template.get("labels", {}), **job.get("labels", {})},
        "annotations": template.get("annotations", {}),
        "createTime": moment,
        "updateTime": moment,
        "launchStage": job.get("launchStage", "GA"),
        "job": short,
        "parallelism": template.get("parallelism", 0) or template["taskCount"],
        "taskCount": template["taskCount"],
        "template": template["template"],
        "reconciling": True,
        "conditions": [
            condition("Completed", "RECONCILING", moment),
            condition("ResourcesAvailable", "SUCCEEDED", moment),
            condition("Started", "RECONCILING", moment),
            condition("ContainerReady", "SUCCEEDED", moment, "Imported container image."),
        ],
        "logUri": f"{CONSOLE}?project={project}&advancedFilter=resource.type%3D%22cloud_run_job%22"
        f"%0Aresource.labels.job_name%3D%22{short}%22%0Alabels.%22run.googleapis.com/"
        f"execution_name%22%3D%22{name.rpartition('/')[2]}%22",
        "etag": f'"{uuid.uuid4().hex}"',
    }


def new_task(execution: Mapping[str, Json], index: int, moment: str) -> Document:
    short = execution["name"].rpartition("/")[2]
    template = execution["template"]
    kept = ("containers", "maxRetries", "timeout", "serviceAccount", "executionEnvironment")
    return {
        "name": f"{execution['name']}/tasks/{short}-task{index}",
        "uid": str(uuid.uuid4()),
        "generation": "1",
        "observedGeneration": "1",
        "labels": execution["labels"],
        "createTime": moment,
        "scheduledTime": moment,
        "updateTime": moment,
        "job": execution["job"],
        "execution": short,
        **{field: template[field] for field in kept if field in template},
        "reconciling": True,
        "index": index,
        "retried": 0,
        "conditions": [
            condition("Completed", "RECONCILING", moment),
            condition("Started", "PENDING", moment),
        ],
        "logUri": execution["logUri"],
        "etag": f'"{uuid.uuid4().hex}"',
    }


def set_condition(document: Document, new: dict[str, Json]) -> None:
    others = [one for one in document["conditions"] if one["type"] != new["type"]]
    document["conditions"] = sorted([new, *others], key=lambda one: one["type"] != "Completed")


def completed(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Its condition `Completed`."""
    return next(one for one in document["conditions"] if one["type"] == "Completed")


def is_over(document: Mapping[str, Json]) -> bool:
    return "completionTime" in document


def count(execution: Document, field: str, by: int) -> None:
    execution[field] = execution.get(field, 0) + by


# -- what happens ---------------------------------------------------------------------------


def begin(document: Document, moment: str) -> None:
    """An execution or a task, when its first process runs."""
    document.setdefault("startTime", moment)
    document["updateTime"] = moment
    set_condition(document, condition("Started", "SUCCEEDED", moment))


def fail_attempt(task: Document, outcome: Outcome) -> None:
    """What `lastAttemptResult` tells of an attempt."""
    result: dict[str, Any] = {"status": {"code": 2, "message": why(outcome)}}
    if outcome.code is not None:
        result["exitCode"] = outcome.code
    if outcome.signal:
        result["termSignal"] = outcome.signal
    task["lastAttemptResult"] = result


def why(outcome: Outcome) -> str:
    return outcome.message or EXITED


def end_task(task: Document, outcome: Outcome, moment: str) -> None:
    if outcome.good:
        task["lastAttemptResult"] = {"exitCode": 0, "status": {}}
        last = condition("Completed", "SUCCEEDED", moment, "Task completed successfully.")
    elif outcome.cancelled:
        last = condition("Completed", "FAILED", moment, CANCELLED, "CANCELLED")
    else:
        fail_attempt(task, outcome)
        last = condition("Completed", "FAILED", moment, why(outcome), "NON_ZERO_EXIT_CODE")
    _end(task, last, moment)


def end_execution(execution: Document, failure: str, cancelled: bool, moment: str) -> None:
    """`failure` is what is wrong with the first task that failed, or empty."""
    if cancelled:
        last = condition("Completed", "FAILED", moment, CANCELLED, "CANCELLED")
    elif failure:
        last = condition("Completed", "FAILED", moment, failure, "NON_ZERO_EXIT_CODE")
    else:
        took = unix(moment) - unix(str(execution.get("startTime") or execution["createTime"]))
        message = f"Execution completed successfully in {took:.2f}s."
        last = condition("Completed", "SUCCEEDED", moment, message)
    execution.pop("runningCount", None)
    _end(execution, last, moment)


def _end(document: Document, last: dict[str, Json], moment: str) -> None:
    document["completionTime"] = document["updateTime"] = moment
    document["reconciling"] = False
    set_condition(document, last)


def reference(execution: Mapping[str, Json]) -> dict[str, Json]:
    """`latestCreatedExecution` of a job."""
    times = ("createTime", "completionTime")
    return {
        "name": execution["name"].rpartition("/")[2],
        "completionStatus": status_of(execution),
        **{field: execution[field] for field in times if field in execution},
    }


def status_of(execution: Mapping[str, Json]) -> str:
    last = completed(execution)
    if not is_over(execution):
        return "EXECUTION_RUNNING" if "startTime" in execution else "EXECUTION_PENDING"
    if last.get("executionReason") == "CANCELLED":
        return "EXECUTION_CANCELLED"
    succeeded = last["state"] == "CONDITION_SUCCEEDED"
    return "EXECUTION_SUCCEEDED" if succeeded else "EXECUTION_FAILED"
