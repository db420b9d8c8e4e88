"""Schedules paused and resumed by hand, and what deploys make of that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deployer.workspace import opened
from tests.deployer.cli.conftest import Blocklift, Shop

TIMES = """
triggers:
- {name: nightly, schedule_type: time, schedule_interval: "%s", status: active}
- {name: weekly, schedule_type: time, schedule_interval: "@weekly", status: inactive}
"""


@pytest.fixture(autouse=True)
def daily(blocklift: Blocklift, shop: Shop) -> Iterator[Shop]:
    shop.triggers(TIMES % "@daily")
    assert blocklift("deploy", shop).code == 0
    yield shop
    blocklift("destroy", shop, "--yes", "--data")


def paused(shop: Shop) -> dict[str, bool]:
    workspace = opened(shop.root)
    lives = workspace.clients.schedules.list(workspace.owner, ())
    return {live.name.removeprefix("daily-"): bool(live.fields["paused"]) for live in lives}


def test_a_pause_outlives_deploys_that_change_the_schedule(
    blocklift: Blocklift, shop: Shop
) -> None:
    assert paused(shop) == {"nightly": False, "weekly": True}
    assert "paused in local" in blocklift("pause", shop, "daily", "nightly").out
    assert "nothing to change" in blocklift("plan", shop).out
    shop.triggers(TIMES % "@hourly")
    assert blocklift("deploy", shop).code == 0
    assert paused(shop) == {"nightly": True, "weekly": True}
    blocklift("resume", shop, "daily", "nightly")
    shop.triggers(TIMES % "@daily")
    blocklift("deploy", shop)
    assert paused(shop) == {"nightly": False, "weekly": True}


def test_all_of_a_pipelines_schedules_and_twice_is_as_good_as_once(
    blocklift: Blocklift, shop: Shop
) -> None:
    assert blocklift("resume", shop, "daily").code == 0
    assert blocklift("resume", shop, "daily").code == 0
    assert set(paused(shop).values()) == {False}
    assert blocklift("pause", shop, "daily").code == 0
    assert set(paused(shop).values()) == {True}
    assert "nothing to change" in blocklift("plan", shop).out


def test_a_trigger_that_is_not_there_is_wrong_usage(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("pause", shop, "daily", "hourly")
    assert (done.code, "nightly, weekly" in done.err) == (2, True)
