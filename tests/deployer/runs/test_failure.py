"""Finding the block's own words in whatever Workflows wrapped them."""

from __future__ import annotations

import json

import pytest

from deployer.runs.failure import failure_of

REPORT = {
    "block": "load",
    "kind": "exception",
    "type": "KeyError",
    "message": "'fare'",
    "file": "data_loaders/load.py",
    "line": 7,
    "traceback": ["data_loaders/load.py:7 in load"],
}
HTTP_ERROR = {
    "code": 500,
    "message": "HTTP server responded with error code 500",
    "tags": ["HttpError"],
    "body": {"error": REPORT},
}
WRAPPINGS = [
    HTTP_ERROR,
    {"branches": [{"error": {"context": "…", "payload": json.dumps(HTTP_ERROR)}}]},
    {"message": "callback", "cause": HTTP_ERROR},
    [{"nothing": 1}, json.dumps({"body": json.dumps({"error": REPORT})})],
]


@pytest.mark.parametrize("payload", WRAPPINGS)
def test_a_blocks_report_is_found_however_it_is_wrapped(payload: object) -> None:
    failure = failure_of({"payload": json.dumps(payload)}, {})
    assert (failure.block, failure.type, failure.message) == ("load", "KeyError", "'fare'")
    assert failure.place == "data_loaders/load.py:7"
    assert str(failure) == "load: KeyError: 'fare'"


def test_without_a_report_the_step_tells_the_block() -> None:
    error = {
        "payload": json.dumps({"code": 503, "message": "HTTP 503", "body": "instance crashed"}),
        "stackTrace": {"elements": [{"step": "retry"}, {"step": "load"}, {"step": "all"}]},
    }
    failure = failure_of(error, {"load": "load"})
    assert (failure.block, failure.message) == ("load", "HTTP 503: instance crashed")


def test_a_raised_string_and_an_empty_error_still_say_something() -> None:
    assert failure_of({"payload": '"no trips"'}, {}).message == "no trips"
    assert failure_of({"context": "ran out of memory"}, {}).message == "ran out of memory"
    assert failure_of({}, {}).message
