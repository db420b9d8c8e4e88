"""Eventarc's triggers by their keeper, on a real emulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployer.errors import Conflict
from deployer.gcp.events import Events
from deployer.gcp.session import Session
from deployer.live import Holdings, Live, Work
from deployer.model import Project
from deployer.plan import plan
from deployer.resources import Event
from deployer.target import Target, local
from deployer.triggers.relay import Relay

PARENT = "/v1/projects/blocklift-local/locations/europe-west1"
ACCOUNT = "events-test@blocklift-local.iam.gserviceaccount.com"
FINALIZED = "google.cloud.storage.object.v1.finalized"


def relay(**variables: str) -> str:
    argument = {"variables": variables, "trigger": {"name": "t", "type": "event"}}
    return Relay("https://x.googleapis.com/v1", FINALIZED, False, {}, argument).source


WANTED = Event("on-daily-file", "daily/file", FINALIZED, "drop", relay(), ACCOUNT, "daily")


@pytest.fixture
def target(emulator: str) -> Target:
    made = local(Project("shop", Path("shop"), ()), emulator)
    made.http().post(
        f"{emulator}/v1/projects/blocklift-local/serviceAccounts", json={"accountId": "events-test"}
    )
    made.http().post(f"{emulator}/storage/v1/b?project=blocklift-local", json={"name": made.bucket})
    return made


def keeper_of(target: Target, owner: str = "shop") -> Events:
    return Events(target, Session(target.http()), owner)


def live(keeper: Events, wanted: Event = WANTED) -> Live | None:
    return next(iter(x for x in keeper.list(keeper.owner, [wanted]) if x.name == wanted.name), None)


def test_the_life_of_an_event_trigger(target: Target) -> None:
    keeper = keeper_of(target)
    url = target.base
    http = target.http()
    assert keeper.lacks_publisher().startswith("gcloud projects add-iam-policy-binding")

    keeper.put(WANTED, None, Work({}))
    found = live(keeper)
    assert found
    assert (found.owner, found.pipeline) == ("shop", "daily")
    assert not plan("shop", [WANTED], Holdings({found.key: found})).writes
    assert keeper.lacks_publisher() == ""
    trigger = http.get(f"{url}{PARENT}/triggers/{WANTED.name}").json()
    assert trigger["destination"]["workflow"].endswith(f"/workflows/{WANTED.name}")
    made = http.get(f"{url}{PARENT}/workflows/{WANTED.name}").json()
    assert made["labels"] == {"blocklift-relay": "shop"}

    changed = replace(WANTED, bucket="drop-2", source=relay(a="b"))
    (change,) = plan("shop", [changed], Holdings({found.key: found})).writes
    assert "bucket" in change.reason
    keeper.put(changed, found, Work({}))
    again = live(keeper)
    assert again
    assert again.fields["bucket"] == "drop-2"
    made = http.get(f"{url}{PARENT}/workflows/{WANTED.name}").json()
    assert made["sourceContents"] == changed.source

    with pytest.raises(Conflict, match="workflow of that name"):
        keeper_of(target, "other").put(WANTED, None, Work({}))

    for _ in range(2):
        keeper.drop(again)
    assert live(keeper) is None
    assert keeper.lacks_publisher(), "what was given for this trigger alone is taken back"
    assert http.get(f"{url}{PARENT}/workflows/{WANTED.name}").status_code == 404


def test_a_relay_that_was_left_alone_goes_with_the_next_plan(target: Target) -> None:
    keeper = keeper_of(target)
    wanted = replace(WANTED, name="on-lonely-file")
    keeper.put_relay(wanted)
    found = live(keeper, wanted)
    assert found
    (change,) = plan("shop", [], Holdings({found.key: found})).writes
    assert change.action == "delete"
    keeper.drop(found)
    assert live(keeper, wanted) is None


def test_a_right_that_was_there_before_is_not_taken_back(target: Target) -> None:
    first, second = keeper_of(target), keeper_of(replace(target, bucket="of-second"), "second")
    wanted = replace(WANTED, name="on-first-file")
    other = replace(WANTED, name="on-second-file")
    first.put(wanted, None, Work({}))
    second.put(other, None, Work({}))
    for keeper, event in ((first, wanted), (second, other)):
        there = live(keeper, event)
        assert there
        keeper.drop(there)
        assert not keeper.lacks_publisher(), "others stood on it, or others gave it"


def test_a_trigger_that_somebody_made_is_left_alone(target: Target) -> None:
    mine, other = keeper_of(target), keeper_of(target, "other")
    wanted = replace(WANTED, name="on-weekly-file")
    other.put(wanted, None, Work({}))
    found = live(mine, wanted)
    assert found
    assert found.owner == "other"
    with pytest.raises(Conflict):
        mine.put(wanted, None, Work({}))
    other.drop(found)
