"""What a workflow says of a run, and who hears what of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from runtime import notify
from runtime.notify_text import cause, filled
from tests.runtime.listeners import Webhooks, webhooks

REPORT = {
    "block": "load", "kind": "exception", "type": "KeyError", "message": "'price'",
    "traceback": ["line one", "line two"],
}  # fmt: skip
NESTED = {
    "branches": [{"error": {"payload": json.dumps({"code": 500, "body": {"error": REPORT}})}}],
    "message": "UnhandledBranchError",
}
WORKFLOW = "projects/p/locations/europe-west1/workflows/daily"
TOLD: dict[str, Any] = {
    "pipeline": "daily", "run": "r1", "execution": "e1", "seconds": 5.0, "outcome": "failure",
    "trigger": {"name": "every day", "execution_date": "2024-05-01T00:00:00Z"}, "error": NESTED,
}  # fmt: skip


@pytest.fixture
def heard() -> Iterator[Webhooks]:
    with webhooks() as listening:
        yield listening


@pytest.fixture
def tell(heard: Webhooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls the function as functions-framework does."""
    monkeypatch.setenv("HOOK", f"{heard.url}/slack")
    monkeypatch.delenv("API_ENDPOINT_OVERRIDE", raising=False)

    def call(told: dict[str, Any], **about: Any) -> dict[str, str]:
        config = {"slack_config": {"webhook_url": "{{ env_var('HOOK') }}"}} | about.pop(
            "config", {}
        )
        triggers = {"every day": {"id": 7, "description": "mornings", "sla": 60}}
        entry = {"config": config, "workflow": WORKFLOW, "triggers": triggers}
        entry |= {"alert_on": ["trigger_failure", "trigger_passed_sla"]} | about
        (tmp_path / "notifications.json").write_text(json.dumps({"daily": entry}))
        notify.notifications.cache_clear()
        known = notify.notifications(tmp_path)
        monkeypatch.setattr(notify, "notifications", lambda: known)
        app = Flask("function")
        app.add_url_rule("/", view_func=lambda: notify.handle(request), methods=["POST"])
        reply = app.test_client().post("/", json=told)
        assert reply.status_code == 200
        return dict(reply.json["sent"])

    original = notify.notifications

    def again(told: dict[str, Any], **about: Any) -> dict[str, str]:
        monkeypatch.setattr(notify, "notifications", original)
        return call(told, **about)

    return again


def texts(heard: Webhooks, path: str = "/slack") -> list[str]:
    return [body["blocks"][2]["text"]["text"] for body in heard.at(path)]


def test_a_failure_names_the_block_the_trigger_and_the_run(tell: Any, heard: Webhooks) -> None:
    assert tell(TOLD) == {"slack": "sent"}
    (text,) = texts(heard)
    assert "block load: KeyError: 'price'" in text
    assert "`daily` with trigger 7 `every day`" in text
    assert "console.cloud.google.com/workflows/workflow/europe-west1/daily/execution/e1" in text


def test_a_success_is_told_only_to_who_asked(tell: Any, heard: Webhooks) -> None:
    fine = {**TOLD, "outcome": "success", "error": None}
    assert tell(fine) == {}
    assert tell(fine, alert_on=["trigger_success"]) == {"slack": "sent"}
    assert len(heard.posts) == 1


def test_a_late_run_is_told_however_it_ended(tell: Any, heard: Webhooks) -> None:
    tell({**TOLD, "outcome": "success", "seconds": 61})
    assert [text.startswith("SLA passed") for text in texts(heard)] == [True]
    tell({**TOLD, "seconds": 61})
    assert len(heard.posts) == 3
    tell({**TOLD, "outcome": "success", "seconds": 61, "trigger": {"name": "other"}})
    assert len(heard.posts) == 3, "the other trigger has no SLA"


def test_a_projects_own_words(tell: Any, heard: Webhooks) -> None:
    own = {"title": "{pipeline_uuid} {nobody}", "summary": "s", "details": "{stacktrace}!{}"}
    tell(TOLD, config={"message_templates": {"failure": own}})
    (body,) = heard.at("/slack")
    assert body["text"] == "daily {nobody}"
    assert texts(heard) == ["line one\nline two!{}"]


def test_one_channel_that_fails_keeps_nobody_else_from_hearing(
    tell: Any, heard: Webhooks, capsys: pytest.CaptureFixture[str]
) -> None:
    heard.answers["/teams"] = 500
    teams = [{"webhook_url": f"{heard.url}/teams"}, {"webhook_url": f"{heard.url}/teams2"}]
    sent = tell(TOLD, config={"teams_config": teams, "opsgenie_config": {"url": "x"}})
    assert sent == {
        "slack": "sent",
        "teams": "it answered 500",
        "teams 2": "sent",
        "opsgenie": "its settings cannot be used (KeyError)",
    }
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["severity"] for line in lines} == {"ERROR"}
    assert lines[0]["logging.googleapis.com/labels"]["blocklift_run"] == "r1"
    assert heard.url not in str(lines)


def test_a_pipeline_that_is_unknown_is_no_error(tell: Any, heard: Webhooks) -> None:
    assert tell({**TOLD, "pipeline": "gone"}) == {}
    assert not heard.posts


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NESTED, "block load: KeyError: 'price'"),
        ({"message": "HTTP server responded with error code 403", "code": 403}, "HTTP server"),
        ("plain", "plain"),
        (None, ""),
    ],
)
def test_causes(error: Any, said: str) -> None:
    assert cause(error)[0].startswith(said)


def test_only_known_placeholders_are_filled() -> None:
    assert filled("{a} {b} {a.__class__} {", {"a": "1"}) == "1 {b} {a.__class__} {"
