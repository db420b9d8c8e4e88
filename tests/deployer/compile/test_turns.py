"""Limits of runs: who may begin, who waits, who is skipped, and who takes too long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deployer.model import Kind, Pipeline, Place, RetryPolicy, Trigger
from deployer.triggers.schedules import argument
from tests.deployer.compile.world import START, World, error, failing, result
from tests.deployer.making import block, pipeline

LOOK = 20


def trigger(interval: str = "@daily", kind: str = "time", **settings: Any) -> Trigger:
    start = settings.pop("start_time", None)
    place = Place(Path("triggers.yaml"), 1)
    return Trigger("nightly", kind, place, interval=interval, start_time=start, settings=settings)


def limited(its: Trigger, *blocks: Any, **concurrency: Any) -> Pipeline:
    settings = {"concurrency_config": concurrency}
    return pipeline(*(blocks or (block("load"),)), triggers=(its,), settings=settings)


def told(plan: Pipeline) -> dict[str, Any]:
    """The argument that its schedule sends."""
    return argument(plan, plan.triggers[0])


def execution(run: str, name: str | None = "nightly") -> dict[str, Any]:
    parent = "projects/my-project/locations/europe-west1/workflows/daily"
    given = {"trigger": {"name": name}} if name else None
    return {"name": f"{parent}/executions/{run}", "argument": json.dumps(given)}


ME = execution("execution-1")


def test_a_tick_is_skipped_while_the_run_before_goes_on() -> None:
    plan = limited(trigger(skip_if_previous_running=True))
    world = World(executions=lambda _: [ME, execution("earlier")])
    found = result(world.run(plan, told(plan)))
    assert found["blocks"] == {}
    assert "skipped" in found
    assert not world.calls


@pytest.mark.parametrize(
    "others",
    [[], [ME], [execution("later"), ME], [ME, execution("e", "other")], [ME, execution("e", None)]],
)
def test_runs_that_began_later_or_elsewhere_are_nothing_to_it(others: list[Any]) -> None:
    plan = limited(trigger(skip_if_previous_running=True))
    world = World(executions=lambda _: others)
    assert result(world.run(plan, told(plan)))["blocks"] == {"done": 1}


def test_a_retry_by_hand_takes_no_turn() -> None:
    plan = limited(trigger(skip_if_previous_running=True))
    world = World(executions=lambda _: [ME, execution("earlier")])
    assert result(world.run(plan, told(plan) | {"run": "failed-one"}))["blocks"] == {"done": 1}


def test_a_run_too_many_waits_for_its_turn() -> None:
    plan = limited(trigger(), pipeline_run_limit=2)
    earlier = [execution("b"), execution("a")]
    world = World(executions=lambda now: [ME, *(earlier if now < START + 50 else earlier[1:])])
    result(world.run(plan, told(plan)))
    assert world.one("load").start == START + 3 * LOOK
    assert world.one("load").request["trigger"]["execution_date"] == "2023-11-14T00:00:00.000000Z"


def test_a_run_too_many_is_skipped_where_the_pipeline_says_so() -> None:
    plan = limited(trigger(), pipeline_run_limit=1, on_pipeline_run_limit_reached="skip")
    world = World(executions=lambda _: [ME, execution("earlier")])
    assert "skipped" in result(world.run(plan, told(plan)))


def test_a_limit_of_all_triggers_holds_for_runs_by_hand() -> None:
    plan = limited(
        trigger(), pipeline_run_limit_all_triggers=1, on_pipeline_run_limit_reached="skip"
    )
    world = World(executions=lambda _: [ME, execution("earlier", "another")])
    assert "skipped" in result(world.run(plan))
    assert result(World().run(plan))["blocks"] == {"done": 1}


def test_a_run_by_hand_asks_nobody_about_a_triggers_limit() -> None:
    plan = limited(trigger(skip_if_previous_running=True))
    world = World(executions=lambda _: [ME, execution("earlier", None)])
    assert result(world.run(plan))["blocks"] == {"done": 1}


# --- how long a run may take


def late_plan(**more: Any) -> Pipeline:
    blocks = (block("a"), block("b", "a", timeout=100), block("c", "b"))
    return limited(trigger(timeout=60, **more), *blocks)


def test_a_run_ends_at_its_triggers_timeout() -> None:
    plan = late_plan()
    world = World(seconds={"a": 50, "b": 200})
    found = error(world.run(plan, told(plan)))
    assert "TimeoutError" in found["tags"]
    assert world.names() == ["a", "b"]
    assert world.took == 60 + 15  # the function has its own clock, and says it first
    assert world.one("b").request["deadline"] == START + 60
    assert not world.cancelled


def test_nothing_begins_after_the_timeout() -> None:
    plan = late_plan()
    world = World(seconds={"a": 30, "b": 40})
    found = error(world.run(plan, told(plan)))
    assert found["tags"] == ["RunTimeout"]
    assert "timeout" in found["body"]["error"]["message"]
    assert world.names() == ["a", "b"]


def test_a_late_run_can_end_as_cancelled() -> None:
    plan = late_plan(timeout_status="cancelled")
    world = World(seconds={"a": 30, "b": 40})
    world.run(plan, told(plan))
    assert "execution-1" in world.cancelled


def test_a_block_that_the_deadline_stopped_ends_the_run_as_cancelled_too() -> None:
    plan = late_plan(timeout_status="cancelled")
    world = World({"b": failing("stopped")}, seconds={"a": 30, "b": 30})
    world.run(plan, told(plan))
    assert world.cancelled == ["execution-1"]
    plan = late_plan()
    world = World({"b": failing("stopped")}, seconds={"a": 30, "b": 30})
    world.run(plan, told(plan))
    assert not world.cancelled


def test_retries_end_with_the_run() -> None:
    retry = RetryPolicy(retries=9, delay=20, max_delay=1000, exponential_backoff=False)
    plan = limited(trigger(timeout=60), block("load", retry=retry))
    world = World({"load": failing("broken")})
    assert error(world.run(plan, told(plan)))["tags"] == ["RunTimeout"]
    assert len(world.calls) == 3


def test_a_sensor_stops_looking() -> None:
    plan = limited(trigger(timeout=150), block("look", kind=Kind.SENSOR))
    world = World({"look": lambda _: {"status": "waiting"}})
    assert error(world.run(plan, told(plan)))["tags"] == ["RunTimeout"]
    assert len(world.calls) == 3


def test_callbacks_hear_of_a_late_run() -> None:
    plan = limited(trigger(timeout=60), block("a"), block("b", "a"))
    plan = pipeline(
        *plan.blocks, triggers=plan.triggers, callbacks=(block("cry", "b", kind=Kind.CALLBACK),)
    )
    world = World(seconds={"a": 61})
    error(world.run(plan, told(plan)))
    assert world.names() == ["a", "cry"]
    assert world.one("cry").request["outcome"] == "failure"


def test_a_job_is_given_what_is_left() -> None:
    plan = limited(trigger(timeout=5000), block("a"), block("train", "a", timeout=7200))
    world = World(seconds={"a": 1000, "train": 6000})
    error(world.run(plan, told(plan)))
    assert world.one("train").start == START + 1000


def test_a_run_by_hand_has_no_timeout() -> None:
    world = World(seconds={"a": 100, "b": 100})
    assert result(world.run(late_plan()))["blocks"] == {"done": 3}


# --- when a trigger begins


def test_no_run_before_the_start_time() -> None:
    plan = limited(trigger("@hourly", start_time="2024-01-01T00:00:00"))
    world = World()
    assert "skipped" in result(world.run(plan, told(plan)))
    world = World(now=START + 90 * 86_400)
    assert result(world.run(plan, told(plan)))["blocks"] == {"done": 1}


def test_once_is_once_and_not_every_year() -> None:
    plan = limited(trigger("@once", start_time="2023-11-14T22:13:20"))
    world = World()
    result(world.run(plan, told(plan)))
    about = world.one("load").request["trigger"]
    assert (
        about["execution_date"] == about["interval_start_datetime"] == "2023-11-14T22:13:00+00:00"
    )
    assert about["interval_seconds"] is None
    world = World(now=START + 365 * 86_400)
    assert "skipped" in result(world.run(plan, told(plan)))
