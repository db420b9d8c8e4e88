"""Cloud Scheduler's jobs by their keeper, on a real emulator."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from deployer.errors import Conflict
from deployer.gcp.schedules import HELD, Schedules
from deployer.gcp.session import Session
from deployer.live import Holdings, Live, Work
from deployer.model import Project
from deployer.plan import Change, plan
from deployer.resources import Schedule
from deployer.target import Target, local

NIGHTLY = Schedule(
    "daily-nightly",
    "daily/nightly",
    "0 5 * * *",
    "https://workflowexecutions.googleapis.com/v1/projects/p/locations/l/workflows/w/executions",
    '{"variables": {"a": 1}}',
    "sched@blocklift-local.iam.gserviceaccount.com",
    pipeline="daily",
)


class Interrupted(Session):
    """Stops after so many writes, as a deploy that was killed."""

    left = 99

    def call(self, method: str, *rest: Any, **more: Any) -> Any:
        if method != "GET":
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
        return super().call(method, *rest, **more)


@dataclass
class Desk:
    """One project's keeper, and what a plan would find."""

    target: Target
    session: Interrupted
    keeper: Schedules

    def live(self, wanted: Schedule = NIGHTLY) -> Live | None:
        found = [x for x in self.keeper.list(self.keeper.owner, [wanted]) if x.name == wanted.name]
        return found[0] if found else None

    def put(self, wanted: Schedule = NIGHTLY) -> None:
        self.keeper.put(wanted, self.live(wanted), Work({}))

    def writes(self, wanted: Schedule = NIGHTLY) -> tuple[Change, ...]:
        live = self.live(wanted)
        holdings = Holdings({live.key: live} if live else {})
        return plan(self.keeper.owner, [wanted], holdings).writes

    def job(self, name: str = NIGHTLY.name) -> Any:
        return self.session.get(f"{self.keeper.root}/{name}", "reading")


def desk(url: str, owner: str) -> Desk:
    target = local(Project(owner, Path(owner), ()), url)
    session = Interrupted(target.http())
    return Desk(target, session, Schedules(target, session, owner))


@pytest.fixture
def shop(emulator: str) -> Iterator[Desk]:
    found = desk(emulator, "shop")
    yield found
    for live in found.keeper.list("shop", ()):
        found.keeper.drop(live)


def test_a_job_starts_a_workflow_as_its_account(shop: Desk) -> None:
    shop.put()
    job = shop.job()
    assert (job["schedule"], job["timeZone"], job["state"]) == ("0 5 * * *", "Etc/UTC", "ENABLED")
    target = job["httpTarget"]
    assert (target["httpMethod"], target["uri"]) == ("POST", NIGHTLY.url)
    assert json.loads(base64.b64decode(target["body"])) == {"argument": NIGHTLY.argument}
    assert target["oauthToken"]["serviceAccountEmail"] == NIGHTLY.account


@pytest.mark.parametrize("paused", [False, True])
def test_what_was_made_needs_no_change(shop: Desk, paused: bool) -> None:
    wanted = replace(NIGHTLY, paused=paused)
    assert len(shop.writes(wanted)) == 1
    shop.put(wanted)
    assert not shop.writes(wanted)
    assert shop.job()["state"] == ("PAUSED" if paused else "ENABLED")


@pytest.mark.parametrize(
    "change",
    [{"cron": "0 6 * * *"}, {"argument": "{}"}, {"paused": True}, {"account": "other@p"}],
)
def test_whatever_changes_is_told_and_brought_up_to_date(shop: Desk, change: Any) -> None:
    shop.put()
    wanted = replace(NIGHTLY, **change)
    (found,) = shop.writes(wanted)
    assert [field.name for field in found.fields] == list(change)
    shop.put(wanted)
    assert not shop.writes(wanted)
    shop.put(NIGHTLY)
    assert not shop.writes(NIGHTLY)


@pytest.mark.parametrize("calls", [1, 2])
def test_a_paused_job_that_was_half_made_is_finished_next_time(shop: Desk, calls: int) -> None:
    wanted = replace(NIGHTLY, paused=True)
    shop.session.left = calls
    with pytest.raises(KeyboardInterrupt):
        shop.put(wanted)
    shop.session.left = 99
    assert len(shop.writes(wanted)) == 1
    shop.put(wanted)
    assert not shop.writes(wanted)
    assert shop.job()["state"] == "PAUSED"


def test_a_pause_by_hand_stays_until_the_trigger_changes(shop: Desk) -> None:
    shop.put()
    shop.session.post(f"{shop.keeper.root}/{NIGHTLY.name}:pause", "pausing", {})
    assert not shop.writes()
    shop.put(replace(NIGHTLY, cron="1 1 * * *"))
    assert shop.job()["state"] == "ENABLED"


def test_a_job_of_another_project_is_not_taken_over(shop: Desk, emulator: str) -> None:
    shop.put()
    other = desk(emulator, "other")
    with pytest.raises(Conflict, match="made for project shop"):
        other.writes()
    with pytest.raises(Conflict, match="already exists"):
        other.keeper.put(NIGHTLY, None, Work({}))
    assert not other.keeper.list("other", ())


def test_a_lost_answer_is_made_good_by_putting_again(shop: Desk) -> None:
    shop.put()
    shop.keeper.put(NIGHTLY, None, Work({}))
    assert not shop.writes()


def test_a_dropped_job_is_gone_and_may_be_dropped_again(shop: Desk) -> None:
    shop.put()
    live = shop.live()
    assert live
    for _ in range(2):
        shop.keeper.drop(live)
    assert shop.live() is None


def test_long_titles_leave_room_for_what_marks_the_job(shop: Desk) -> None:
    wanted = replace(NIGHTLY, title="daily/" + "very " * 200)
    shop.put(wanted)
    assert not shop.writes(wanted)
    assert len(shop.job()["description"]) == 500 - len(f" {HELD}")
