"""People hear how runs end, over a webhook and by mail; the webhook's URL stays a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runtime.listeners import Post, Webhooks, post_office, webhooks
from tests.story.test_rights import made

if TYPE_CHECKING:
    from tests.story.conftest import World

METADATA = """
project_type: standalone
notification_config:
  slack_config:
    webhook_url: {url}/services/literal-webhook
"""
GOOD = """
type: python
blocks:
- {{uuid: {name}, type: data_loader, language: python}}
notification_config:
  alert_on: [trigger_success, trigger_failure, trigger_passed_sla]
  email_config:
    smtp_host: "{{{{ env_var('MAIL_HOST') }}}}"
    smtp_port: {port}
    smtp_starttls: false
    smtp_mail_from: mage@example.com
    to_emails: [ops@example.com]
"""
BAD = "type: python\nblocks:\n- {uuid: telling_bad, type: data_loader, language: python}\n"
SLA = """
triggers:
- {name: late, schedule_type: time, schedule_interval: '@yearly', status: inactive, sla: 0.001}
"""
FILES = {
    "pipelines/telling_bad/metadata.yaml": BAD,
    "pipelines/telling_good/triggers.yaml": SLA.replace("@yearly", "0 0 1 1 *"),
    "data_loaders/telling_good.py": "@data_loader\ndef load(*args, **kwargs):\n    return 1\n",
    "data_loaders/telling_bad.py": "@data_loader\ndef load(*a):\n    raise ValueError('full')\n",
    ".env": "MAIL_HOST=127.0.0.1\n",
}


@pytest.fixture
def heard() -> Iterator[Webhooks]:
    with webhooks() as listening:
        yield listening


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


@pytest.fixture
def telling(world: World, tmp_path: Path, heard: Webhooks, post: Post) -> Iterator[Path]:
    files = {
        **FILES,
        "metadata.yaml": METADATA.format(url=heard.url),
        "pipelines/telling_good/metadata.yaml": GOOD.format(name="telling_good", port=post.port),
    }
    root = made(tmp_path / "telling", files)
    yield root
    world.blocklift("destroy", root, "--yes", "--data")


def subjects(post: Post) -> list[str]:
    letters = [message_from_bytes(text.encode(), policy=policy.default) for text in post.letters]
    return [str(letter["Subject"]) for letter in letters]


def test_people_hear_how_runs_end(world: World, telling: Path, heard: Webhooks, post: Post) -> None:
    planned = world.blocklift("plan", telling, "--json")
    named = {c["title"] for c in planned.json["changes"]}
    assert {"notifications", "NOTIFY_SLACK_WEBHOOK_URL", "MAIL_HOST"} <= named
    deployed = world.blocklift("deploy", telling)
    assert not world.blocklift("plan", telling, "--json").json["would_change"]

    # A failure: its block, its error, and the run's own outcome is what it would be.
    failed = world.blocklift("run", telling, "telling_bad", code=1)
    (body,) = heard.at("/services/literal-webhook")
    assert "block telling_bad: ValueError: full" in json.dumps(body)
    assert "telling_bad.py:3" in failed.said

    # A success, over the project's channel and the pipeline's own.
    world.blocklift("run", telling, "telling_good")
    assert subjects(post) == ["Successfully ran pipeline telling_good"]
    assert len(heard.posts) == 2

    # Too late: told beside the success, whichever is heard first.
    path = "/v1/projects/blocklift-local/locations/europe-west1/jobs/telling-good-late:run"
    world.post(path)
    world.ended(world.newest("telling-good"))
    assert sorted(subjects(post)[1:]) == [
        "SLA passed for pipeline telling_good",
        "Successfully ran pipeline telling_good",
    ]

    # Nobody listens any more: logged, and the run is what it is.
    heard.answers["/services/literal-webhook"] = 410
    run = world.blocklift("run", telling, "telling_good").said.partition("run ")[2].split()[0]
    logs = world.blocklift("logs", telling, run).said
    assert "notification over slack was not sent: it answered 410" in logs

    # The URL is in the secret store alone.
    compiled = world.blocklift("compile", telling, "telling_bad").out
    said = f"{planned.said}{deployed.said}{failed.said}{logs}{compiled}"
    assert "literal-webhook" not in said
    kept = [p for p in world.data.rglob("*") if p.is_file() and p.suffix == ".zip"]
    assert not [p for p in kept if b"literal-webhook" in p.read_bytes()]
    functions = world.get("/v2/projects/blocklift-local/locations/europe-west1/functions")
    assert "literal-webhook" not in json.dumps(functions)


def test_only_workflows_of_pipelines_that_tell_may_call_the_function(
    world: World, telling: Path
) -> None:
    world.blocklift("deploy", telling, "--pipeline", "telling_good")
    place = "/v2/projects/blocklift-local/locations/europe-west1/services/telling-notifications"
    assert members(world, place) == {"telling-good-wf"}
    world.blocklift("deploy", telling)
    assert members(world, place) == {"telling-good-wf", "telling-bad-wf"}

    # Without notifications the function goes.
    (telling / "metadata.yaml").write_text("project_type: standalone\n")
    (telling / "pipelines/telling_good/metadata.yaml").write_text(
        BAD.replace("telling_bad", "telling_good")
    )
    world.blocklift("deploy", telling)
    assert world.http.get(place).status_code == 404


def members(world: World, place: str) -> set[str]:
    bindings = world.get(f"{place}:getIamPolicy")["bindings"]
    every = (member for binding in bindings for member in binding["members"])
    return {member.partition(":")[2].partition("@")[0] for member in every}
