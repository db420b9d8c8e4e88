"""Step entries as Google's API gives them."""

from __future__ import annotations

import json
from typing import Any

from studio.server.steps import step_of

DONE: dict[str, Any] = {
    "name": "projects/p/locations/l/workflows/w/executions/e/stepEntries/7",
    "createTime": "2024-01-01T00:00:00.500Z",
    "updateTime": "2024-01-01T00:00:02Z",
    "routine": "main",
    "step": "load",
    "stepType": "STEP_CALL",
    "state": "STATE_SUCCEEDED",
    "entryId": "7",
}


def test_a_step_that_ended() -> None:
    step = step_of(DONE)
    assert (step.routine, step.step, step.kind, step.state) == ("main", "load", "call", "succeeded")
    assert step.ended is not None
    assert step.ended - step.started == 1.5


def test_a_step_that_runs_has_no_end() -> None:
    step = step_of({**DONE, "state": "STATE_IN_PROGRESS"})
    assert (step.state, step.ended) == ("in progress", None)


def test_a_failure_says_what_was_raised() -> None:
    payload = json.dumps({"message": "HTTP server responded with error code 500", "tags": []})
    step = step_of({**DONE, "state": "STATE_FAILED", "exception": {"payload": payload}})
    assert step.note == "HTTP server responded with error code 500"


def test_a_retry_says_which_one_it_is() -> None:
    metadata = {"progressType": "PROGRESS_TYPE_RETRY", "progressNumber": "2"}
    assert step_of({**DONE, "stepEntryMetadata": metadata}).note == "retry 2"
