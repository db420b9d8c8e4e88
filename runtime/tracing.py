"""A run as a trace: every call of a block is a span, sent to a collector before it is answered.

Only imported where OTEL_EXPORTER_OTLP_ENDPOINT is set (OpenTelemetry: "OTLP Exporter
Configuration"): any collector that takes OTLP over HTTP as JSON, or Google's own at
https://telemetry.googleapis.com, which is asked as this function's service account.

A run's trace id follows from its name, unless whoever started it says which trace it belongs to
(W3C: "Trace Context"); the id of the run's own span always does. So blocks agree without being
told, and a retry of a failed run adds to the same trace. Whether a caller sampled its own trace
is not asked: Google's front ends mark most requests as not sampled.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from runtime.contract import BlockRequest, BlockSpec
from runtime.record import field, mutable

Json = Any
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
GOOGLE = "telemetry.googleapis.com"
PATIENCE = 2.0
"""Seconds that an answer may be held up."""
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-.{2,}")
INTERNAL, SERVER = 1, 2
FINE, FAILED = 1, 2

_told: set[str] = set()
"""Problems that the log knows already: one line each, not one a call."""


@mutable
class Span:
    """One piece of work from `started` until it is sent."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int = SERVER
    started: float = field(default_factory=time.time)
    attributes: dict[str, Json] = field(default_factory=dict)

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace}-{self.id}-01"

    def done(self, facts: Mapping[str, Json]) -> str:
        """What went wrong with sending it, once; else nothing."""
        self.attributes |= {f"blocklift.{key}": value for key, value in facts.items()}
        return sent(self.record({"code": FINE}))

    def failed(self, failure: Mapping[str, Json]) -> str:
        """`failure` is a BlockFailure, in which secrets are blotted out already."""
        message = str(failure.get("message") or "failed")
        kind = str(failure.get("type") or "")
        about = {
            "code.file.path": failure.get("file"),
            "code.line.number": failure.get("line") or None,
            "error.type": kind,
            "blocklift.failure": failure.get("kind"),
        }
        self.attributes |= about
        stack = "\n".join(map(str, failure.get("traceback") or ()))
        exception = {
            "exception.type": kind, "exception.message": message, "exception.stacktrace": stack,
        }  # fmt: skip
        event = {
            "name": "exception", "timeUnixNano": _nano(time.time()),
            "attributes": list(_attributes(exception)),
        }  # fmt: skip
        return sent(self.record({"code": FAILED, "message": message}) | {"events": [event]})

    def record(self, status: Json) -> dict[str, Json]:
        """As OTLP writes it in JSON."""
        parent = {"parentSpanId": self.parent} if self.parent else {}
        return {
            "traceId": self.trace,
            "spanId": self.id,
            **parent,
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": _nano(self.started),
            "endTimeUnixNano": _nano(time.time()),
            "attributes": list(_attributes(self.attributes)),
            "status": status,
        }


def of_block(spec: BlockSpec, request: BlockRequest) -> Span:
    """Of a call that begins now; the run's own span is above it."""
    trace, _ = _above(spec, request)
    about = _about(spec, request) | {
        "blocklift.block": spec.block,
        "blocklift.kind": spec.type,
        "blocklift.attempt": request.attempt,
        "blocklift.index": "/".join(map(str, request.index)),
    }
    return Span(spec.block, trace, os.urandom(8).hex(), _run_id(spec, request), SERVER,
                attributes=about)  # fmt: skip


def run_ended(spec: BlockSpec, request: BlockRequest, ended: Mapping[str, Json]) -> str:
    """The span of the whole run, which its workflow tells when all is over."""
    trace, caller = _above(spec, request)
    begun = float(ended.get("began") or time.time())
    about = _about(spec, request) | {"blocklift.trigger": request.trigger.get("name")}
    span = Span(spec.pipeline, trace, _run_id(spec, request), caller, INTERNAL, begun, about)
    error = ended.get("error")
    return span.failed(_failure(error)) if error is not None else span.done({})


def _failure(error: Json) -> Mapping[str, Json]:
    """The BlockFailure inside an error of a workflow; else what it says of itself."""
    body = error.get("body") if isinstance(error, dict) else None
    inner = body.get("error") if isinstance(body, dict) else None
    if isinstance(inner, dict):
        return inner
    message = error.get("message") if isinstance(error, dict) else error
    return {"message": message or json.dumps(error)[:1000]}


def _above(spec: BlockSpec, request: BlockRequest) -> tuple[str, str]:
    """Trace id, and the span that started the run, if anybody said."""
    if found := TRACEPARENT.fullmatch(request.traceparent or ""):
        return found[1], found[2]
    return _digest(spec, request)[:32], ""


def _run_id(spec: BlockSpec, request: BlockRequest) -> str:
    return _digest(spec, request)[32:48]


def _digest(spec: BlockSpec, request: BlockRequest) -> str:
    name = f"{request.bucket}/{spec.project}/{spec.pipeline}/{request.run}"
    return sha256(name.encode()).hexdigest()


def _about(spec: BlockSpec, request: BlockRequest) -> dict[str, Json]:
    return {
        "blocklift.project": spec.project,
        "blocklift.pipeline": spec.pipeline,
        "blocklift.run": request.run,
    }


# -- on the wire ----------------------------------------------------------------------------------


def sent(record: Json) -> str:
    """Posted in a thread of its own, which is not waited for longer than PATIENCE."""
    problems = ["the collector did not answer in time"]
    thread = Thread(target=_post, args=(record, problems), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    problem = problems[-1]
    if not problem or problem in _told:
        return ""
    _told.add(problem)
    return f"traces could not be sent: {problem}"


def _post(record: Json, problems: list[str]) -> None:
    try:
        problems.append(_answer(record))
    except Exception as error:  # noqa: BLE001 (a trace that is lost fails no block)
        problems.append(f"{urlsplit(_url()).netloc}: {type(error).__name__}")


def _answer(record: Json) -> str:
    import urllib3

    from runtime.web import pool

    body = {"resourceSpans": [{"resource": _resource(), "scopeSpans": [
        {"scope": {"name": "blocklift"}, "spans": [record]}]}]}  # fmt: skip
    url, wait = _url(), urllib3.Timeout(total=PATIENCE)
    reply = pool().request(
        "POST", url, body=json.dumps(body).encode(), headers=_headers(url), retries=False,
        redirect=False, timeout=wait,
    )  # fmt: skip
    return "" if reply.status < 300 else f"{urlsplit(url).netloc} answered {reply.status}"


def _url() -> str:
    exact = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return exact or os.environ[ENDPOINT].rstrip("/") + "/v1/traces"


def _headers(url: str) -> dict[str, str]:
    given = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS")
    given = given or os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
    pairs = (pair.partition("=") for pair in given.split(",") if "=" in pair)
    headers = {name.strip(): unquote(value.strip()) for name, _, value in pairs}
    if urlsplit(url).netloc == GOOGLE:
        from runtime.web import identity, project_id

        headers["Authorization"] = f"Bearer {identity.token()}"
        headers["x-goog-user-project"] = project_id()
    return headers | {"Content-Type": "application/json"}


def _resource() -> Json:
    """Who speaks (OpenTelemetry: "Semantic conventions for resources")."""
    service = os.environ.get("K_SERVICE") or os.environ.get("CLOUD_RUN_JOB") or "blocklift"
    about = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME") or service,
        "service.version": os.environ.get("K_REVISION"),
        "cloud.provider": "gcp",
        "cloud.platform": "gcp_cloud_run",
        "faas.name": service,
        "gcp.project_id": os.environ.get("GOOGLE_CLOUD_PROJECT"),
    }
    return {"attributes": list(_attributes(about))}


def _attributes(values: Mapping[str, Json]) -> Iterator[Json]:
    for key, value in values.items():
        if value is not None and value != "":
            yield {"key": key, "value": _value(value)}


def _value(value: Json) -> Json:
    """64-bit integers are strings in OTLP's JSON."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _nano(seconds: float) -> str:
    return str(int(seconds * 1e9))
