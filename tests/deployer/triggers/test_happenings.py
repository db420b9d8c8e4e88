"""Which event triggers become Eventarc's, and what a plan says of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deployer.errors import ProjectError
from deployer.model import Place, Trigger
from deployer.rights.grants import Rights
from deployer.target import Target, local
from deployer.triggers.happenings import Happenings
from tests.deployer.making import block, pipeline, project

S3 = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": ["drop"]}},
}


def trigger(*patterns: dict[str, Any], **more: Any) -> Trigger:
    matchers = tuple({"event_type": "aws_event", "pattern": pattern} for pattern in patterns)
    return Trigger("on file", "event", Place(Path("t"), 1), matchers=matchers, **more)


def happenings(*triggers: Trigger, settings: Any = None, suffix: str = "") -> Happenings:
    told = {"buckets": ["drop"], **(settings or {})}
    daily = pipeline(block("load"), triggers=triggers, suffix=suffix)
    shop = project(daily, settings=told)
    here = local(shop, "http://127.0.0.1:9090")
    return Happenings(Rights(shop, here), here)


def test_a_matcher_of_s3_becomes_an_event_of_the_bucket() -> None:
    (event,) = happenings(trigger(S3)).events()
    assert event.name == "on-daily-on-file"
    assert event.title == "daily/on file"
    assert event.type == "google.cloud.storage.object.v1.finalized"
    assert event.bucket == "drop"
    assert event.account.startswith("shop-events@")
    assert {"workflow/daily", "bucket/drop", "access/project/blocklift-local"} < event.needs


def test_every_bucket_and_every_sort_is_an_event_of_its_own() -> None:
    both = {"detail": {"bucket": {"name": ["drop", "drop-2"]}}}
    found = list(happenings(trigger(both)).events())
    assert [(e.name, e.bucket, e.type.rpartition(".")[2]) for e in found] == [
        ("on-daily-on-file-1", "drop", "finalized"),
        ("on-daily-on-file-2", "drop", "deleted"),
        ("on-daily-on-file-3", "drop-2", "finalized"),
        ("on-daily-on-file-4", "drop-2", "deleted"),
    ]


def test_the_receiver_may_receive_and_start() -> None:
    found = happenings(trigger(S3))
    access = found.rights.project_access([found.account()])
    roles = {g.role for g in access.grants if g.member == found.account().member}
    assert roles == {"roles/eventarc.eventReceiver", "roles/workflows.invoker"}


def test_an_inactive_trigger_and_a_preview_wait_for_nothing() -> None:
    assert not list(happenings(trigger(S3, active=False)).events())
    assert not list(happenings(trigger(S3), suffix="pr-1").events())
    elsewhere = trigger(S3, settings={"envs": ["prod"]})
    assert not list(happenings(elsewhere).events())


@pytest.mark.parametrize("pattern", [{"source": ["aws.ec2"]}, {"source": ["aws.s3"]}, {}])
def test_what_no_bucket_tells_gets_a_note(pattern: dict[str, Any]) -> None:
    found = happenings(trigger(pattern))
    assert not list(found.events())
    (note,) = found.notes()
    assert "event trigger on file gets no Eventarc trigger" in note


def test_a_bucket_that_nobody_makes_gets_a_note() -> None:
    pattern = {"detail-type": "Object Created", "detail": {"bucket": {"name": ["other"]}}}
    (note,) = happenings(trigger(pattern)).notes()
    assert "bucket other" in note


def test_events_of_blocklift_yaml() -> None:
    entry = {"pipeline": "daily", "bucket": "drop", "prefix": "in/", "when": "archived"}
    (event,) = happenings(settings={"events": [entry]}).events()
    assert event.name == "on-daily-event-1"
    assert event.type.endswith(".archived")
    assert "^in/" in event.source


def test_mistakes_are_told_together() -> None:
    entries = [
        {"pipeline": "nightly", "bucket": "drop", "colour": "red"},
        {"pipeline": "daily", "when": "sometimes"},
        "daily",
    ]
    with pytest.raises(ProjectError) as caught:
        list(happenings(settings={"events": entries}).events())
    told = str(caught.value.problems)
    for part in (
        "no pipeline 'nightly'",
        "'colour'",
        "bucket is missing",
        "'sometimes'",
        "entry 3",
    ):
        assert part in told


def test_in_google_s_cloud_the_bucket_is_somebody_else_s() -> None:
    shop = project(pipeline(block("load"), triggers=(trigger(S3),)))
    there = Target("prod", "my-project", "europe-west1", "b")
    (event,) = Happenings(Rights(shop, there), there).events()
    assert "bucket/drop" not in event.needs
