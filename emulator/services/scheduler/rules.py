"""What a Job may hold, in Cloud Scheduler's words, and what is filled in when it is silent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from emulator.errors import ApiError, invalid
from emulator.rpc.listing import enum
from emulator.services.scheduler.moments import UTC, next_tick, seconds

Json = Any
TARGETS = ("httpTarget", "pubsubTarget", "appEngineHttpTarget")
SETTABLE = (
    "description", "httpTarget", "pubsubTarget", "schedule", "timeZone", "retryConfig",
    "attemptDeadline",
)  # fmt: skip
ELSEWHERE = {"appEngineHttpTarget": "App Engine"}
METHODS = (
    "HTTP_METHOD_UNSPECIFIED", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS",
)  # fmt: skip
WITH_BODY = ("POST", "PUT", "PATCH")
DEADLINES = (15.0, 1800.0)
MOST_RETRIES = 5
LONGEST_DESCRIPTION = 500
RETRY = {
    "retryCount": 0,
    "maxRetryDuration": "0s",
    "minBackoffDuration": "5s",
    "maxBackoffDuration": "3600s",
    "maxDoublings": 5,
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")


def job_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise invalid(f"Job ID '{text}' must match {_ID.pattern}.")
    return text


def completed(job: Mapping[str, Json], now: float) -> dict[str, Json]:
    """The job with Google's defaults; ApiError for what Google would refuse."""
    for field, name in ELSEWHERE.items():
        if field in job:
            message = f"{name} targets are not served by this emulator: use an HTTP target."
            raise ApiError("UNIMPLEMENTED", message)
    if sum(field in job for field in TARGETS) != 1:
        raise invalid("A job must have one target: httpTarget or pubsubTarget.")
    if len(job.get("description", "")) > LONGEST_DESCRIPTION:
        raise invalid("Job.description must be at most 500 characters long.")
    whole = {
        **job,
        "timeZone": job.get("timeZone") or UTC,
        "retryConfig": _retries(job.get("retryConfig") or {}),
        **_delivery(job),
    }
    next_tick(whole, now)
    return whole


def _delivery(job: Mapping[str, Json]) -> dict[str, Json]:
    """The deadline of attempts is for URLs alone (Cloud Scheduler: Job.attemptDeadline)."""
    if "pubsubTarget" in job:
        return {"pubsubTarget": _message(job["pubsubTarget"])}
    deadline = _deadline(job.get("attemptDeadline") or "180s")
    return {"httpTarget": _target(job["httpTarget"]), "attemptDeadline": deadline}


def _message(given: Mapping[str, Json]) -> dict[str, Json]:
    """Cloud Scheduler: PubsubTarget."""
    if not _TOPIC.fullmatch(given.get("topicName", "")):
        raise invalid("PubsubTarget.topicName must look like projects/PROJECT_ID/topics/TOPIC_ID.")
    if not given.get("data") and not given.get("attributes"):
        raise invalid("PubsubTarget must have data or at least one attribute.")
    return {**given, **({"data": _usual(given["data"])} if given.get("data") else {})}


def _target(given: Mapping[str, Json]) -> dict[str, Json]:
    method = enum(given.get("httpMethod"), METHODS, "job.http_target.http_method") or "POST"
    parts = urlsplit(given.get("uri", ""))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("HttpTarget.uri must be an absolute http:// or https:// URL.")
    if given.get("body") and method not in WITH_BODY:
        raise invalid(f"HttpTarget.body is not allowed with HTTP method {method}.")
    if "oauthToken" in given and "oidcToken" in given:
        raise invalid("HttpTarget may have an oauthToken or an oidcToken, not both.")
    body = {"body": _usual(given["body"])} if "body" in given else {}
    return {**given, **body, "httpMethod": method, **_token(given)}


def _usual(text: str) -> str:
    """Bytes in JSON may be base64 of either alphabet."""
    return text.translate(str.maketrans("-_", "+/"))


def _token(given: Mapping[str, Json]) -> dict[str, Json]:
    """Defaults of the token that the call shall carry."""
    uri = given["uri"]
    for field, extra, default in (
        ("oauthToken", "scope", "https://www.googleapis.com/auth/cloud-platform"),
        ("oidcToken", "audience", uri),
    ):
        if token := given.get(field):
            if not token.get("serviceAccountEmail"):
                raise invalid(f"HttpTarget.{field}.serviceAccountEmail is required.")
            return {field: {extra: default, **{k: v for k, v in token.items() if v}}}
    return {}


def account_of(job: Mapping[str, Json]) -> str:
    """Whose token the target gets; empty for none."""
    target = job.get("httpTarget") or {}
    token = target.get("oauthToken") or target.get("oidcToken") or {}
    return str(token.get("serviceAccountEmail", ""))


def _retries(given: Mapping[str, Json]) -> dict[str, Json]:
    config = {**RETRY, **{k: v for k, v in given.items() if v is not None}}
    if not 0 <= config["retryCount"] <= MOST_RETRIES:
        raise invalid(f"RetryConfig.retryCount must be between 0 and {MOST_RETRIES}.")
    if config["maxDoublings"] < 0:
        raise invalid("RetryConfig.maxDoublings must not be negative.")
    least, most = (_span(config, f) for f in ("minBackoffDuration", "maxBackoffDuration"))
    _span(config, "maxRetryDuration")
    if not 0 < least <= most:
        raise invalid("RetryConfig.minBackoffDuration must be positive and at most the maximum.")
    return config


def _span(config: Mapping[str, Json], field: str) -> float:
    return seconds(config[field], f"retryConfig.{field}")


def _deadline(text: str) -> str:
    least, most = DEADLINES
    if not least <= seconds(text, "attemptDeadline") <= most:
        raise invalid("Job.attemptDeadline must be between 15 seconds and 30 minutes.")
    return text
