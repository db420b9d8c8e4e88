"""Which time triggers become schedules, with what, and what a plan says of the others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.apply import apply
from deployer.live import survey
from deployer.model import Place, Trigger
from deployer.pace import Pace, Patience
from deployer.plan import Action, Plan, plan, teardown
from deployer.resources import Resource, Schedule, key
from deployer.rights.grants import Rights
from deployer.target import Target, local
from deployer.triggers.timed import Timetable
from tests.deployer.fakes import OWNER, World, small_project
from tests.deployer.making import block, pipeline, project

HASTE = Pace(workers=2, patience=Patience(0, 0, tries=1))


def trigger(name: str = "nightly", interval: str | None = "@daily", **more: Any) -> Trigger:
    return Trigger(name, more.pop("kind", "time"), Place(Path("t"), 1), interval=interval, **more)


def timetable(*triggers: Trigger) -> Timetable:
    shop = project(pipeline(block("load"), triggers=triggers))
    here = local(shop, "http://127.0.0.1:9090")
    return Timetable(Rights(shop, here), here)


def named(target: str, *triggers: Trigger) -> list[str]:
    shop = project(pipeline(block("load"), triggers=triggers))
    there = Target(target, "my-project", "europe-west1", "b")
    return [s.title for s in Timetable(Rights(shop, there), there).schedules()]


def test_a_time_trigger_becomes_a_schedule() -> None:
    (found,) = timetable(trigger("Every Night!", variables={"a": 1})).schedules()
    assert found.name == "daily-every-night"
    assert found.title == "daily/Every Night!"
    assert found.cron == "0 0 * * *"
    assert not found.paused
    assert json.loads(found.argument)["variables"] == {"a": 1}
    assert json.loads(found.argument)["trigger"]["period"] == 86_400
    assert "access/project/blocklift-local" in found.needs


def test_the_cloud_starts_workflows_at_googles_own_address() -> None:
    (found,) = timetable(trigger()).schedules()
    assert found.url == (
        "https://workflowexecutions.googleapis.com/v1/projects/blocklift-local/locations/"
        "europe-west1/workflows/daily/executions"
    )


def test_an_inactive_trigger_is_a_paused_schedule() -> None:
    (found,) = timetable(trigger(active=False)).schedules()
    assert found.paused


@pytest.mark.parametrize("interval", ["@once", "@always_on"])
def test_what_no_cron_can_tell_gets_a_note(interval: str) -> None:
    found = timetable(trigger("start", interval))
    assert not list(found.schedules())
    (note,) = found.notes()
    assert note.startswith(f"daily: trigger start ({interval}) gets no Cloud Scheduler job: ")
    assert not list(timetable(trigger("start", interval, active=False)).notes())


def test_other_triggers_are_not_of_the_clock() -> None:
    found = timetable(trigger(kind="api", interval=None), trigger("never", None))
    assert not list(found.schedules())
    assert not list(found.notes())


def test_a_trigger_with_envs_exists_only_there() -> None:
    chosen = trigger("a", settings={"envs": ["prod", "dev"]})
    assert named("prod", chosen) == ["daily/a"]
    assert named("staging", chosen) == []
    assert [s.title for s in timetable(chosen).schedules()] == ["daily/a"]
    assert not list(timetable(trigger(settings={"envs": ["prod"]})).schedules())


# -- in a plan ------------------------------------------------------------------------------


def scheduled(cron: str = "0 5 * * *", **more: Any) -> list[Resource]:
    resources = small_project()
    workflow = key(resources[-1])
    made = Schedule(
        "daily-nightly", "daily/nightly", cron, "https://x", "{}", "sched@p", **more
    )  # fmt: skip
    return [*resources, replace(made, pipeline="daily", needs=frozenset({workflow}))]


def planned(world: World, desired: list[Resource]) -> Plan:
    return plan(OWNER, desired, survey(world.cloud, OWNER, desired))


def deploy(world: World, desired: list[Resource]) -> None:
    apply(planned(world, desired), world.cloud, HASTE).raise_for_failures()


def test_a_second_deploy_changes_nothing() -> None:
    world = World()
    deploy(world, scheduled())
    assert "schedule/daily-nightly" in world.items
    assert not planned(world, scheduled()).writes


def test_a_changed_schedule_tells_from_and_to_and_leaves_the_workflow() -> None:
    world = World()
    deploy(world, scheduled())
    (change,) = planned(world, scheduled("0 6 * * *", paused=True)).writes
    assert change.action is Action.UPDATE
    assert [(f.name, f.was, f.will) for f in change.fields] == [
        ("cron", "0 5 * * *", "0 6 * * *"),
        ("paused", False, True),
    ]


def test_a_removed_trigger_loses_its_schedule_and_a_removed_pipeline_loses_it_first() -> None:
    world = World()
    deploy(world, scheduled())
    (change,) = planned(world, small_project()).writes
    assert (change.key, change.action) == ("schedule/daily-nightly", Action.DELETE)
    holdings = survey(world.cloud, OWNER, [])
    assert teardown(OWNER, holdings, with_buckets=False).writes[0].key == "schedule/daily-nightly"


def test_running_a_pipeline_needs_no_schedule() -> None:
    found = planned(World(), scheduled()).below("workflow/daily")
    assert "schedule/daily-nightly" not in {change.key for change in found.changes}
