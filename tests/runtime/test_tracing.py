"""Runs as traces, heard by a collector: which spans, of which trace, and at no block's cost."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime import entry, executions, log, tracing
from runtime.record import replace
from tests.runtime.listeners import Webhooks, webhooks
from tests.runtime.project import Project

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{CALLER}-00"
ONE = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    with webhooks() as heard:
        monkeypatch.setenv(entry.COLLECTOR, heard.url)
        yield heard


def spans(heard: Webhooks) -> list[dict[str, Any]]:
    bodies = heard.at("/v1/traces")
    return [span for body in bodies for span in body["resourceSpans"][0]["scopeSpans"][0]["spans"]]


def facts(thing: dict[str, Any]) -> dict[str, Any]:
    return {a["key"]: next(iter(a["value"].values())) for a in thing["attributes"]}


def test_a_block_is_a_span_of_its_run(project: Project, collector: Webhooks) -> None:
    project.block("load", ONE)
    project.block("again", ONE)
    before = time.time_ns()
    assert project.answer("load", attempt=2)[0] == 200
    project.answer("again")
    first, second = spans(collector)
    assert first["name"] == "load"
    assert first["traceId"] == second["traceId"]
    assert first["parentSpanId"] == second["parentSpanId"]
    assert first["spanId"] != second["spanId"]
    assert before <= int(first["startTimeUnixNano"]) <= int(first["endTimeUnixNano"])
    about = facts(first)
    assert (about["blocklift.pipeline"], about["blocklift.run"]) == ("orders", "run-1")
    assert (about["blocklift.attempt"], about["blocklift.status"]) == ("2", "done")
    assert first["status"] == {"code": 1}


def test_the_run_is_above_its_blocks(project: Project, collector: Webhooks) -> None:
    project.block("load", ONE)
    project.answer("load", traceparent=PARENT)
    spec, request = project.specs["load"], project.request(traceparent=PARENT)
    assert not tracing.run_ended(spec, request, {"began": 1_700_000_000.5})
    block, run = spans(collector)
    assert (run["traceId"], run["parentSpanId"]) == (TRACE, CALLER)
    assert (block["traceId"], block["parentSpanId"]) == (TRACE, run["spanId"])
    assert run["startTimeUnixNano"] == "1700000000500000000"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"body": {"error": {"message": "full", "type": "ValueError"}}}, "full"),
        ({"body": "<html>", "message": "HTTP server responded with error code 502"},
         "HTTP server responded with error code 502"),
        ("stopped", "stopped"),
        ({}, "{}"),
    ],
)  # fmt: skip
def test_a_failed_run(project: Project, collector: Webhooks, error: Any, message: str) -> None:
    project.block("load", ONE)
    tracing.run_ended(project.specs["load"], project.request(), {"began": 1.0, "error": error})
    (span,) = spans(collector)
    assert span["status"] == {"code": 2, "message": message}


def test_a_failure_says_what_and_where(project: Project, collector: Webhooks) -> None:
    project.block("load", "@data_loader\ndef load():\n    raise ValueError('bad')\n")
    assert project.answer("load")[0] == 500
    (span,) = spans(collector)
    assert span["status"] == {"code": 2, "message": "bad"}
    about, (event,) = facts(span), span["events"]
    assert (about["error.type"], about["code.line.number"]) == ("ValueError", "3")
    assert facts(event)["exception.message"] == "bad"


def test_log_lines_carry_the_blocks_span(
    project: Project,
    collector: Webhooks,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "shop-1")
    project.block("load", "@data_loader\ndef load():\n    print('hello')\n    return 1\n")
    project.answer("load")
    (span,) = spans(collector)
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert line["logging.googleapis.com/trace"] == f"projects/shop-1/traces/{span['traceId']}"
    assert line["logging.googleapis.com/spanId"] == span["spanId"]


def test_what_a_block_starts_is_in_its_trace(project: Project, cloud: Any) -> None:
    project.block("load", ONE)
    call = log.Call.of(project.specs["load"], project.request())
    with log.capturing(replace(call, traceparent=PARENT)):
        executions.start("projects/p/locations/l/workflows/other", {"variables": {}})
    (execution,) = cloud.executions.values()
    assert execution["argument"] == {"variables": {}, "traceparent": PARENT}


def test_headers_for_collectors_that_ask_for_them(
    project: Project, collector: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x-team = data")
    project.block("load", ONE)
    project.answer("load")
    headers = {name.lower(): value for name, value in collector.posts[0][2].items()}
    assert (headers["api-key"], headers["x-team"]) == ("a b", "data")


def test_a_collector_that_refuses_is_told_once_and_fails_nothing(
    project: Project, collector: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    collector.answers["/v1/traces"] = 403
    project.block("load", ONE)
    for run in ("run-1", "run-2"):
        assert project.answer("load", run=run)[0] == 200
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    warnings = [line["message"] for line in lines if line["severity"] == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].endswith("answered 403")


def test_a_collector_that_says_nothing_holds_up_an_answer_for_a_moment(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv(entry.COLLECTOR, f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(tracing, "PATIENCE", 0.2)
        project.block("load", ONE)
        begun = time.monotonic()
        assert project.answer("load")[0] == 200
        assert time.monotonic() - begun < 20


def test_nothing_is_imported_while_nobody_asks() -> None:
    code = "import sys, runtime.entry; print('runtime.tracing' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert found.stdout == b"False\n"


@pytest.mark.parametrize(
    ("header", "around"),
    [
        ("abc/255;o=1", ("projects/p/traces/abc", "00000000000000ff")),
        ("abc", ("projects/p/traces/abc", "")),
        ("abc/99999999999999999999999", ("projects/p/traces/abc", "")),
        ("", ("", "")),
    ],
)
def test_without_traces_lines_belong_to_the_request(
    header: str, around: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    assert entry._around(header) == around
