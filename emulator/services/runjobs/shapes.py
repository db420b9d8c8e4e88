"""Jobs, executions and overrides between version 2 of the Admin API, which we keep, and version 1.

Cloud Run Admin API v1, resources `namespaces.jobs`, `namespaces.executions`, `namespaces.tasks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.cloud import Json, project_number

VERSION = "run.googleapis.com/v1"
STATUS = {"CONDITION_SUCCEEDED": "True", "CONDITION_FAILED": "False"}
REASONS = {"NON_ZERO_EXIT_CODE": "NonZeroExitCode", "CANCELLED": "Cancelled"}
COUNTS = ("runningCount", "succeededCount", "failedCount", "cancelledCount", "retriedCount")
TIMES = ("startTime", "completionTime")
Document = Mapping[str, Json]


def metadata(document: Document, labels: Mapping[str, str]) -> dict[str, Json]:
    _, project, _, location, *_ = document["name"].split("/")
    return {
        "name": document["name"].rpartition("/")[2],
        "namespace": project_number(project),
        "uid": document["uid"],
        "generation": int(document["generation"]),
        "creationTimestamp": document["createTime"],
        "resourceVersion": document["etag"].strip('"'),
        "labels": {
            **document.get("labels", {}),
            "cloud.googleapis.com/location": location,
            **labels,
        },
        "annotations": {
            "run.googleapis.com/creator": document.get("creator", ""),
            **document.get("annotations", {}),
        },
    }


def condition(one: Document) -> dict[str, Json]:
    made = {
        "type": one["type"],
        "status": STATUS.get(one["state"], "Unknown"),
        "lastTransitionTime": one["lastTransitionTime"],
    }
    if reason := one.get("executionReason"):
        made["reason"] = REASONS.get(reason, reason)
    return {**made, "message": one["message"]} if "message" in one else made


def job(document: Document) -> dict[str, Json]:
    template = document["template"]
    status: dict[str, Any] = {
        "conditions": [condition(document["terminalCondition"])],
        "executionCount": document.get("executionCount", 0),
        "observedGeneration": int(document["generation"]),
    }
    if latest := document.get("latestCreatedExecution"):
        times = {"creationTimestamp": latest["createTime"]}
        if "completionTime" in latest:
            times["completionTimestamp"] = latest["completionTime"]
        status["latestCreatedExecution"] = {"name": latest["name"], **times}
    return {
        "apiVersion": VERSION,
        "kind": "Job",
        "metadata": metadata(document, {}),
        "spec": {"template": {"spec": execution_spec(template, template["template"])}},
        "status": status,
    }


def execution(document: Document) -> dict[str, Json]:
    kept = (*COUNTS, *TIMES, "logUri")
    return {
        "apiVersion": VERSION,
        "kind": "Execution",
        "metadata": metadata(document, {"run.googleapis.com/job": document["job"]}),
        "spec": execution_spec(document, document["template"]),
        "status": {
            **{field: document[field] for field in kept if field in document},
            "observedGeneration": 1,
            "conditions": [condition(one) for one in document["conditions"]],
        },
    }


def task(document: Document) -> dict[str, Json]:
    kept = (*TIMES, "logUri", "retried", "lastAttemptResult", "index")
    labels = {
        "run.googleapis.com/job": document["job"],
        "run.googleapis.com/execution": document["execution"],
    }
    return {
        "apiVersion": VERSION,
        "kind": "Task",
        "metadata": metadata(document, labels),
        "spec": task_spec(document),
        "status": {
            **{field: document[field] for field in kept if field in document},
            "observedGeneration": 1,
            "conditions": [condition(one) for one in document["conditions"]],
        },
    }


def execution_spec(counts: Document, template: Document) -> dict[str, Json]:
    kept = {f: counts[f] for f in ("taskCount", "parallelism") if f in counts}
    return {**kept, "template": {"spec": task_spec(template)}}


def task_spec(template: Document) -> dict[str, Json]:
    return {
        "containers": [container(one) for one in template["containers"]],
        "maxRetries": template["maxRetries"],
        "timeoutSeconds": template["timeout"].removesuffix("s"),
        "serviceAccountName": template["serviceAccount"],
    }


def container(one: Document) -> dict[str, Json]:
    kept = {f: one[f] for f in ("name", "image", "command", "args", "workingDir") if f in one}
    return {
        **kept,
        "env": [variable(each) for each in one.get("env", ())],
        "resources": {"limits": one["resources"]["limits"]},
    }


def variable(one: Document) -> dict[str, Json]:
    if "valueSource" not in one:
        return dict(one)
    reference = one["valueSource"]["secretKeyRef"]
    named = {"name": reference["secret"], "key": reference.get("version", "latest")}
    return {"name": one["name"], "valueFrom": {"secretKeyRef": named}}


# -- the other way --------------------------------------------------------------------------


def overrides(given: Document) -> dict[str, Json]:
    """Those of version 1 as version 2 writes them."""
    kept = {f: given[f] for f in ("taskCount", "delayExecution") if given.get(f)}
    if seconds := given.get("timeoutSeconds"):
        kept["timeout"] = f"{seconds}s"
    if containers := given.get("containerOverrides"):
        kept["containerOverrides"] = [container_override(one) for one in containers]
    return kept


def container_override(one: Document) -> dict[str, Json]:
    if "env" not in one:
        return dict(one)
    return {**one, "env": [variable_back(each) for each in one["env"]]}


def variable_back(one: Document) -> dict[str, Json]:
    reference = (one.get("valueFrom") or {}).get("secretKeyRef")
    if not reference:
        return dict(one)
    named = {"secret": reference["name"], "version": reference.get("key", "latest")}
    return {"name": one["name"], "valueSource": {"secretKeyRef": named}}
