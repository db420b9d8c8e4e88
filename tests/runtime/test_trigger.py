"""API triggers: Mage's URLs, its answers, and who gets in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from runtime import trigger
from tests.runtime.fakes import FakeCloud

WORKFLOW = "projects/p/locations/europe-west1/workflows/orders"
LISTED = [
    {
        "id": 100001, "pipeline": "orders", "workflow": WORKFLOW, "name": "by hand",
        "variables": {"a": 1, "b": 1}, "token_env": "TRIGGER_TOKEN_ORDERS_BY_HAND",
        "limits": {"run_limit": 1, "over_limit": "skip"},
    },
    {"id": 100002, "pipeline": "orders", "workflow": WORKFLOW, "token_env": "TRIGGER_TOKEN_EMPTY"},
]  # fmt: skip


@pytest.fixture
def post(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TRIGGER_TOKEN_ORDERS_BY_HAND", "s3cret")
    monkeypatch.setenv("TRIGGER_TOKEN_EMPTY", "")
    (tmp_path / "triggers.json").write_text(json.dumps(LISTED))
    known = trigger.triggers(tmp_path)
    monkeypatch.setattr(trigger, "triggers", lambda: known)
    app = Flask("function")
    app.add_url_rule(
        "/<path:_path>", view_func=lambda _path: trigger.handle(request), methods=["GET", "POST"]
    )
    return app.test_client().post


def test_a_run_by_token_in_the_path(post: Any, cloud: FakeCloud) -> None:
    body = {"pipeline_run": {"variables": {"b": 2}}, "order": 7}
    reply = post("/api/pipeline_schedules/100001/pipeline_runs/s3cret", json=body)
    run = reply.json["pipeline_run"]
    assert (reply.status_code, run["status"]) == (200, "initial")
    assert run["pipeline_uuid"] == "orders"
    assert run["variables"] | {"execution_partition": ""} == {
        "a": 1, "b": 2, "execution_partition": "",
    }  # fmt: skip
    assert run["event_variables"] == {"order": 7}
    (execution,) = cloud.executions.values()
    assert execution["name"].endswith(run["id"])
    argument = execution["argument"]
    assert argument["variables"] == {"a": 1, "b": 2}
    assert argument["trigger"]["run_limit"] == 1
    assert {k: argument["trigger"][k] for k in ("id", "name", "type", "event")} == {
        "id": 100001, "name": "by hand", "type": "api", "event": {"order": 7},
    }  # fmt: skip


def test_a_run_by_bearer_token_and_without_a_body(post: Any, cloud: FakeCloud) -> None:
    headers = {"Authorization": "Bearer s3cret"}
    assert post("/api/pipeline_schedules/100001/api_trigger", headers=headers).status_code == 200
    assert len(cloud.executions) == 1


@pytest.mark.parametrize(
    ("path", "token", "body", "code"),
    [
        ("/api/pipeline_schedules/100001/pipeline_runs/wrong", "", "", 403),
        ("/api/pipeline_schedules/100009/pipeline_runs/s3cret", "", "", 403),
        ("/api/pipeline_schedules/100001/api_trigger", "Basic s3cret", "", 403),
        ("/api/pipeline_schedules/100001/api_trigger", "", "", 403),
        ("/api/pipeline_schedules/100002/api_trigger", "Bearer ", "", 403),
        ("/api/pipeline_schedules/100001/pipeline_runs/s3cret", "", "{", 400),
        ("/api/pipeline_schedules/100001/pipeline_runs/s3cret", "", "[1]", 400),
        ("/api/pipeline_schedules/100001/pipeline_runs/s3cret", "",
         '{"pipeline_run": {"variables": 3}}', 400),
        ("/api/anything", "", "", 404),
    ],
)  # fmt: skip
def test_refusals_have_mages_shape(
    post: Any, cloud: FakeCloud, path: str, token: str, body: str, code: int
) -> None:
    reply = post(path, data=body, headers={"Authorization": token})
    assert (reply.status_code, reply.json["error"]["code"]) == (code, code)
    assert not cloud.executions


def test_a_workflow_that_does_not_start_is_no_secret_told(
    post: Any, cloud: FakeCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.refuse = lambda method, path: 403 if "executions" in path else None
    reply = post("/api/pipeline_schedules/100001/pipeline_runs/s3cret")
    assert reply.status_code == 502
    assert "refused by the test" not in reply.text
    assert "refused by the test" in json.loads(capsys.readouterr().out)["message"]


def test_a_run_is_in_the_trace_of_whoever_calls(post: Any, cloud: FakeCloud) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for header in (parent, "nonsense"):
        headers = {"Authorization": "Bearer s3cret", "traceparent": header}
        post("/api/pipeline_schedules/100001/api_trigger", headers=headers)
    told = [execution["argument"].get("traceparent") for execution in cloud.executions.values()]
    assert told == [parent, None]
