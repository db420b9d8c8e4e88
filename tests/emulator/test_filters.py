"""Google's filter language, as `entries:list` and other lists take it."""

from __future__ import annotations

import pytest

from emulator.errors import ApiError
from emulator.filters import conjuncts, matches, parse

ENTRY = {
    "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
    "severity": "ERROR",
    "timestamp": "2026-01-02T03:04:05.678901Z",
    "labels": {"blocklift_run": "R-1", "dotted.key": "x"},
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "load"}},
    "jsonPayload": {"message": "Block failed: no such table", "n": 5, "ok": False, "l": ["a", "b"]},
    "httpRequest": {"status": 503},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        'labels.blocklift_run="R-1"',
        'labels.blocklift_run="r-1"',
        'labels."blocklift_run" = "R-1"',
        'labels."dotted.key"="x"',
        "severity>=ERROR",
        "severity = error",
        "severity > WARNING AND severity < CRITICAL",
        "severity >= 500",
        'timestamp>="2026-01-02T00:00:00Z" AND timestamp<"2026-01-02T04:04:05.7+01:00"',
        'timestamp >= "2026-01-02"',
        "jsonPayload.n > 4",
        "jsonPayload.n = 5 jsonPayload.n != 6",
        "jsonPayload.n:5",
        "httpRequest.status >= 500",
        "http_request.status = 503",
        "jsonPayload.ok = false",
        'jsonPayload.message =~ "no such \\w+"',
        'jsonPayload.message !~ "^Other"',
        "jsonPayload.message : table",
        "jsonPayload.l = b",
        "jsonPayload.message:*",
        "NOT jsonPayload.missing:*",
        "-jsonPayload.missing:*",
        'NOT severity=INFO "no such table"',
        "severity=INFO OR severity=ERROR",
        "severity=(INFO OR ERROR)",
        'resource.labels.service_name=("other" OR "load")',
        'jsonPayload.message:("block" AND "table")',
        "failed",
        '"Block failed"',
        'log_id("run.googleapis.com/stdout")',
        'SEARCH("TABLE")',
        "severity=INFO OR severity=ERROR AND labels.blocklift_run=R-1",
        "(severity=INFO AND labels.x=y) OR (severity=ERROR)",
        '-- a comment\nseverity=ERROR -- another\nresource.type="cloud_run_revision"',
        'jsonPayload.missing != "x"',
    ],
)
def test_matches(text: str) -> None:
    assert matches(text, ENTRY)


@pytest.mark.parametrize(
    "text",
    [
        'labels.blocklift_run="R-2"',
        "severity>ERROR",
        'timestamp>"2026-01-02T03:04:05.678901Z"',
        "jsonPayload.n > 5",
        "jsonPayload.n = text",
        'jsonPayload.message =~ "block"',
        "NOT failed",
        "missing.path = 1",
        "jsonPayload.missing:*",
        "severity=INFO OR severity=ERROR AND labels.blocklift_run=R-2",
        'jsonPayload.message:("block" AND "moon")',
        'log_id("other")',
        '-"Block failed"',
    ],
)
def test_does_not_match(text: str) -> None:
    assert not matches(text, ENTRY)


@pytest.mark.parametrize(
    "text",
    ["severity >=", "(severity=ERROR", "severity=ERROR)", 'a =~ "("', '"open', "f(", "= 3", "AND"],
)
def test_what_is_no_filter(text: str) -> None:
    with pytest.raises(ApiError, match="Unparseable filter"):
        parse(text)


def test_conjuncts_are_what_every_match_must_meet() -> None:
    node = parse("a=1 AND (b=2 OR c=3) AND NOT d=4 AND (e=5 f=6)")
    assert [c.path for c in conjuncts(node)] == [("a",), ("e",), ("f",)]
