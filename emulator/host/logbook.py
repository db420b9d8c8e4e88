"""Everything about services that goes to Cloud Logging: output, requests, the host's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.cloud import Answer, Call, Cloud
from emulator.host.instance import Sink
from emulator.host.records import Revision, uri_of


class Logbook:
    """Writes LogEntries of `cloud_run_revision`."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def of_instance(self, revision: Revision, instance: str) -> Sink:
        labels = {"instanceId": instance, "goog-managed-by": "cloudfunctions"}

        def sink(stream: str, entry: dict[str, Any]) -> None:
            mine = {**labels, **entry.pop("labels", {})}
            self._write(revision, stream, {**entry, "labels": mine})

        return sink

    def system(self, revision: Revision, severity: str, text: str) -> None:
        self._write(revision, "varlog/system", {"severity": severity, "textPayload": text})

    def request(
        self,
        revision: Revision,
        call: Call,
        answer: Answer,
        seconds: float,
        headers: Mapping[str, str],
    ) -> None:
        request = {
            "requestMethod": call.method,
            "requestUrl": f"{uri_of(revision.service)}{call.path}",
            "requestSize": str(len(call.body)),
            "status": answer.code,
            "responseSize": str(len(answer.body)),
            "userAgent": headers.get("user-agent", ""),
            "latency": f"{seconds:.6f}s",
            "protocol": "HTTP/1.1",
        }
        trace = headers.get("x-cloud-trace-context", "").partition("/")[0]
        entry: dict[str, Any] = {"httpRequest": request, "severity": severity_of(answer.code)}
        if trace:
            entry["trace"] = f"projects/{revision.project}/traces/{trace}"
        self._write(revision, "requests", entry)

    def _write(self, revision: Revision, log: str, entry: Mapping[str, Any]) -> None:
        path = f"run.googleapis.com/{log}".replace("/", "%2F")
        self._cloud.logs.write(
            {
                "severity": "DEFAULT",
                **entry,
                "logName": f"projects/{revision.project}/logs/{path}",
                "resource": {"type": "cloud_run_revision", "labels": labels_of(revision)},
            }
        )


def labels_of(revision: Revision) -> dict[str, str]:
    return {
        "project_id": revision.project,
        "location": revision.location,
        "service_name": revision.short,
        "configuration_name": revision.short,
        "revision_name": revision.name,
    }


def severity_of(code: int) -> str:
    return "ERROR" if code >= 500 else "WARNING" if code >= 400 else "INFO"
