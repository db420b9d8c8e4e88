"""Compiled definitions, really run: what is called, when, with what, and how a run ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployer.compile import Definition
from deployer.errors import ProjectError
from deployer.model import Kind, Place, RetryPolicy, Trigger
from emulator.workflows.effects import Failure
from emulator.workflows.parse import parse
from tests.deployer.compile.world import (
    DONE,
    START,
    World,
    definition,
    error,
    failing,
    result,
)
from tests.deployer.making import block, pipeline

DIAMOND = pipeline(
    block("load"), block("left", "load"), block("right", "load"), block("join", "left", "right")
)
CROSSED = pipeline(
    block("a"),
    block("b"),
    block("only_a", "a"),
    block("both", "a", "b"),
    block("end", "only_a", "both"),
)
"""No nesting of parallel steps has this order: `only_a` may not wait for `b`."""
DYNAMIC = {"dynamic": True}


def conditional(name: str, *parents: str):
    return block(name, *parents, kind=Kind.CONDITIONAL)


def callback(name: str, *parents: str):
    return block(name, *parents, kind=Kind.CALLBACK)


def test_blocks_run_in_order_and_side_by_side() -> None:
    world = World(seconds={"left": 10, "right": 20})
    found = result(world.run(DIAMOND))
    assert found == {"run": "execution-1", "blocks": {"done": 4}}
    assert world.one("left").start == world.one("right").start == world.one("load").end
    assert world.one("join").start == world.one("right").end


def test_a_request_says_what_differs_from_run_to_run() -> None:
    world = World()
    trigger = {"name": "by hand", "execution_date": "2024-05-01T00:00:00Z"}
    world.run(pipeline(block("load")), {"variables": {"year": 2024}, "trigger": trigger})
    assert world.one("load").request == {
        "run": "execution-1",
        "bucket": "runs",
        "variables": {"year": 2024},
        "trigger": trigger,
    }


def test_without_an_argument_the_date_is_now_and_the_same_for_all() -> None:
    world = World()
    world.run(DIAMOND)
    dates = {call.request["trigger"]["execution_date"] for call in world.calls}
    assert dates == {"2023-11-14T22:13:20.000000Z"}


def test_a_retry_goes_on_under_the_earlier_runs_id() -> None:
    world = World()
    found = result(world.run(DIAMOND, {"run": "execution-0"}))
    assert found["run"] == "execution-0"
    assert {call.request["run"] for call in world.calls} == {"execution-0"}


def test_chosen_services_are_called_alone_and_in_that_order() -> None:
    world = World()
    only = ["daily-right", "daily-load"]
    found = result(world.run(DIAMOND, {"only": only, "run": "notebook"}))
    assert world.names() == ["right", "load"]
    assert {call.request["run"] for call in world.calls} == {"notebook"}
    assert found == {"run": "notebook", "blocks": {}}


@pytest.mark.parametrize("name", ["begin", "finish", "choose", "chosen_block"])
def test_a_block_may_have_the_name_of_a_step_of_the_frame(name: str) -> None:
    world = World()
    result(world.run(pipeline(block("load"), block(name, "load"))))
    assert world.names() == ["load", name]


def test_a_failure_ends_the_run_with_the_blocks_own_words() -> None:
    world = World({"left": failing("no such column")})
    outcome = world.run(DIAMOND)
    (branch,) = error(outcome)["branches"]
    assert json.loads(branch["error"]["payload"])["body"]["error"]["message"] == "no such column"
    assert "join" not in world.names()


def test_a_failure_outside_of_a_fork_is_not_wrapped() -> None:
    world = World({"load": failing("no such file")})
    found = error(world.run(DIAMOND))
    assert found["code"] == 500
    assert found["body"]["error"]["message"] == "no such file"
    assert world.names() == ["load"]


@pytest.mark.parametrize(
    "refusal",
    [(429, "busy"), Failure("refused", ("ConnectionFailedError",))],
    ids=["429", "no connection"],
)
def test_what_never_started_is_tried_again(refusal: object) -> None:
    answers = [refusal, refusal, DONE]
    world = World({"load": lambda _: answers.pop(0)})
    result(world.run(pipeline(block("load"))))
    assert world.names() == ["load"] * 3


@pytest.mark.parametrize(
    "unclear",
    [
        (500, {"error": {}}),
        (503, "gone"),
        Failure("broken", ("ConnectionError",)),
        Failure("late", ("TimeoutError", "OSError")),
    ],
    ids=["500", "503", "broken connection", "timeout"],
)
def test_what_may_have_run_is_not_repeated(unclear: object) -> None:
    """An exporter must not append twice because a connection broke."""
    world = World({"load": lambda _: unclear})
    error(world.run(pipeline(block("load"))))
    assert world.names() == ["load"]


def test_retry_config_counts_attempts_and_doubles_its_pauses() -> None:
    policy = RetryPolicy(retries=3, delay=5, max_delay=60)
    world = World({"load": failing("flaky", 2)})
    result(world.run(pipeline(block("load", retry=policy))))
    assert [call.request["attempt"] for call in world.calls] == [1, 2, 3]
    starts = [call.start - START for call in world.calls]
    assert starts == [0, 1 + 5, 1 + 5 + 1 + 10]


def test_max_delay_caps_the_sum_of_pauses() -> None:
    policy = RetryPolicy(retries=100, delay=5, max_delay=60)
    world = World({"load": failing("broken")})
    error(world.run(pipeline(block("load", retry=policy))))
    assert len(world.calls) == 4
    assert world.took == 4 + 5 + 10 + 20


def test_a_constant_pause() -> None:
    policy = RetryPolicy(retries=2, delay=3, max_delay=60, exponential_backoff=False)
    world = World({"load": failing("broken")})
    error(world.run(pipeline(block("load", retry=policy))))
    assert [call.start - START for call in world.calls] == [0, 4, 8]


# --- sensors


def test_a_sensor_is_asked_again_after_a_minute() -> None:
    answers = [{"status": "waiting"}, {"status": "waiting"}, DONE]
    world = World({"wait": lambda _: answers.pop(0)})
    result(world.run(pipeline(block("wait", kind=Kind.SENSOR), block("load", "wait"))))
    assert world.names() == ["wait", "wait", "wait", "load"]
    assert world.one("load").start - START == 3 + 2 * 60


def test_a_sensor_has_its_own_interval_and_limit() -> None:
    world = World({"wait": lambda _: {"status": "waiting"}})
    sensor = block("wait", kind=Kind.SENSOR, timeout=50, configuration={"poll_interval": 10})
    found = error(world.run(pipeline(sensor, block("load", "wait"))))
    assert found["body"]["error"]["kind"] == "timeout"
    assert 50 <= world.took < 65
    assert "load" not in world.names()


# --- conditionals


def test_an_unmet_condition_passes_over_everything_below_and_the_run_succeeds() -> None:
    world = World({"is_monday": lambda _: {"status": "condition_failed"}})
    found = result(
        world.run(
            pipeline(
                block("load"),
                block("weekly", "load"),
                block("report", "weekly"),
                block("other", "load"),
                conditionals=(conditional("is_monday", "weekly"),),
            )
        )
    )
    assert sorted(world.names()) == ["is_monday", "load", "other"]
    assert found["blocks"] == {"done": 2, "condition_failed": 2}


def test_a_join_below_two_exclusive_branches_never_runs() -> None:
    world = World({"yes": lambda _: DONE, "no": lambda _: {"status": "condition_failed"}})
    found = result(
        world.run(
            pipeline(
                block("a"),
                block("b"),
                block("join", "a", "b"),
                conditionals=(conditional("yes", "a"), conditional("no", "b")),
            )
        )
    )
    assert "a" in world.names()
    assert not {"b", "join"} & set(world.names())
    assert found["blocks"]["condition_failed"] == 2


def test_all_conditions_of_a_block_must_hold_and_come_before_it() -> None:
    world = World()
    plan = pipeline(
        block("load"),
        block("store", "load"),
        conditionals=(conditional("first", "store"), conditional("second", "store")),
    )
    result(world.run(plan))
    assert world.names() == ["load", "first", "second", "store"]
    world = World({"first": lambda _: {"status": "condition_failed"}})
    result(world.run(plan))
    assert world.names() == ["load", "first"]


# --- callbacks


def test_a_callback_hears_of_success() -> None:
    world = World()
    result(world.run(pipeline(block("load"), callbacks=(callback("tell", "load"),))))
    assert world.names() == ["load", "tell"]
    assert world.one("tell").request["outcome"] == "success"


def test_a_callback_hears_of_failure_after_the_last_attempt_with_the_error() -> None:
    policy = RetryPolicy(retries=1, delay=1)
    world = World({"load": failing("broken")})
    plan = pipeline(block("load", retry=policy), callbacks=(callback("tell", "load"),))
    found = error(world.run(plan))
    assert world.names() == ["load", "load", "tell"]
    assert world.one("tell").request["error"]["message"] == "broken"
    assert found["body"]["error"]["message"] == "broken"


def test_a_callback_that_fails_is_only_logged() -> None:
    world = World({"tell": failing("oops")})
    plan = pipeline(block("load"), block("store", "load"), callbacks=(callback("tell", "load"),))
    result(world.run(plan))
    assert world.names() == ["load", "tell", "store"]
    (log,) = world.logs
    assert "callback" in json.dumps(log.payload)


def test_a_block_that_is_passed_over_tells_no_callback() -> None:
    world = World({"never": lambda _: {"status": "condition_failed"}})
    plan = pipeline(
        block("load"),
        callbacks=(callback("tell", "load"),),
        conditionals=(conditional("never", "load"),),
    )
    result(world.run(plan))
    assert world.names() == ["never"]


# --- dynamic blocks


def items(count: int):
    return lambda _: {"status": "done", "count": count}


def test_children_run_once_per_item_side_by_side() -> None:
    world = World({"items": items(30)}, seconds={"child": 10})
    plan = pipeline(
        block("items", configuration=DYNAMIC), block("child", "items"), block("end", "child")
    )
    result(world.run(plan))
    children = [call for call in world.calls if call.service == "child"]
    assert sorted(call.request["index"][0] for call in children) == list(range(30))
    assert {call.start for call in children} == {START + 1, START + 11}  # 20 at once
    assert len([call for call in world.calls if call.service == "end"]) == 30


def test_a_reduced_child_is_followed_by_one_call() -> None:
    world = World({"items": items(3)})
    child = block("child", "items", configuration={"reduce_output": True})
    result(world.run(pipeline(block("items", configuration=DYNAMIC), child, block("end", "child"))))
    assert world.names().count("end") == 1
    assert "index" not in world.one("end").request


def test_several_dynamic_blocks_multiply() -> None:
    world = World({"a": items(2), "b": items(3)})
    dynamic = (block("a", configuration=DYNAMIC), block("b", configuration=DYNAMIC))
    result(world.run(pipeline(*dynamic, block("child", "a", "b"))))
    indexes = [call.request["index"] for call in world.calls if call.service == "child"]
    assert sorted(indexes) == [[n] for n in range(6)]


def test_no_items_no_children() -> None:
    world = World({"items": items(0)})
    child = block("child", "items", configuration={"reduce_output": True})
    plan = pipeline(block("items", configuration=DYNAMIC), child, block("end", "child"))
    result(world.run(plan))
    assert world.names() == ["items", "end"]


def test_a_child_that_fails_fails_the_run() -> None:
    world = World({"items": items(3), "child": failing("bad item", 1)})
    plan = pipeline(
        block("items", configuration=DYNAMIC), block("child", "items"), block("end", "child")
    )
    assert "bad item" in json.dumps(error(world.run(plan)))
    assert "end" not in world.names()


def test_children_under_a_condition() -> None:
    plan = pipeline(
        block("items", configuration=DYNAMIC),
        block("child", "items", configuration={"reduce_output": True}),
        block("end", "child"),
        conditionals=(conditional("maybe", "child"),),
    )
    world = World({"items": items(3), "maybe": lambda _: {"status": "condition_failed"}})
    found = result(world.run(plan))
    assert world.names() == ["items", "maybe", "maybe", "maybe"]
    assert found["blocks"] == {"done": 1, "condition_failed": 2}
    world = World({"items": items(3)})
    assert result(world.run(plan))["blocks"]["done"] == 3
    assert sorted(world.names()) == ["child"] * 3 + ["end", "items"] + ["maybe"] * 3


# --- lanes


def test_a_block_waits_just_for_its_own_upstream() -> None:
    world = World(seconds={"a": 10, "b": 100, "only_a": 10, "both": 10})
    result(world.run(CROSSED))
    assert world.one("only_a").start == world.one("a").end
    assert world.one("both").start - world.one("b").end <= 0.05 * 100
    assert world.names().count("end") == 1


@pytest.mark.parametrize("seed", range(1, 6))
def test_lanes_keep_the_order_whatever_comes_first(seed: int) -> None:
    world = World(seconds={"a": 3, "b": 1, "only_a": 0, "both": 0}, seed=seed)
    result(world.run(CROSSED))
    for name, above in (("only_a", "a"), ("both", "a"), ("both", "b"), ("end", "both")):
        assert world.one(name).start >= world.one(above).end


def test_a_failure_in_a_lane_ends_the_run_with_the_blocks_own_words() -> None:
    world = World({"b": failing("no such table")}, seconds={"a": 30})
    found = error(world.run(CROSSED))
    assert found["body"]["error"]["message"] == "no such table"
    assert sorted(world.names()) == ["a", "b", "only_a"]


def test_a_condition_in_a_lane() -> None:
    world = World({"maybe": lambda _: {"status": "condition_failed"}})
    plan = pipeline(*CROSSED.blocks, conditionals=(conditional("maybe", "b"),))
    found = result(world.run(plan))
    assert found["blocks"] == {"done": 2, "condition_failed": 3}
    assert sorted(world.names()) == ["a", "maybe", "only_a"]


def test_more_than_ten_side_by_side_keep_their_names() -> None:
    names = [f"block_{n}" for n in range(75)]
    plan = pipeline(block("start"), *(block(name, "start") for name in names))
    world = World()
    result(world.run(plan))
    assert sorted(world.names()[1:]) == sorted(names)
    assert all(f"- {name}:" in definition(plan).text for name in names)
    assert world.took == 1 + 4  # 75 by twenties


# --- what may fail


def with_trigger(**settings: object) -> tuple[Trigger, ...]:
    place = Place(Path("triggers.yaml"), 1)
    return (Trigger("nightly", "time", place, interval="@daily", settings=settings),)


def test_blocks_that_may_fail_let_the_independent_ones_go_on() -> None:
    plan = pipeline(
        block("a"),
        block("b"),
        block("below", "a"),
        block("beside", "b"),
        triggers=with_trigger(allow_blocks_to_fail=True),
    )
    world = World({"a": failing("broken")})
    found = error(world.run(plan))
    assert found["body"]["error"]["message"] == "broken"
    assert sorted(world.names()) == ["a", "b", "beside"]


# --- schedules


def test_a_scheduled_run_is_dated_by_its_tick() -> None:
    plan = pipeline(block("load"), triggers=with_trigger())
    world = World()
    world.run(plan, {"trigger": {"name": "nightly", "type": "time", "period": 86400, "phase": 0}})
    trigger = world.one("load").request["trigger"]
    assert trigger["execution_date"] == "2023-11-14T00:00:00.000000Z"
    assert trigger["interval_end_datetime"] == "2023-11-15T00:00:00.000000Z"
    assert trigger["interval_start_datetime_previous"] == "2023-11-13T00:00:00.000000Z"
    assert trigger["interval_seconds"] == 86400


def test_an_odd_schedule_is_dated_by_the_minute() -> None:
    plan = pipeline(block("load"), triggers=with_trigger())
    world = World()
    world.run(plan, {"trigger": {"type": "time", "period": 0, "phase": 0}})
    trigger = world.one("load").request["trigger"]
    assert trigger["execution_date"] == "2023-11-14T22:13:00.000000Z"
    assert "interval_seconds" not in trigger


def test_a_backfill_brings_its_own_dates() -> None:
    plan = pipeline(block("load"), triggers=with_trigger())
    world = World()
    given = {"execution_date": "2020-01-01T00:00:00Z", "period": 86400, "phase": 0}
    world.run(plan, {"trigger": given})
    assert world.one("load").request["trigger"]["execution_date"] == "2020-01-01T00:00:00Z"


# --- jobs


def test_a_long_block_is_a_job_with_the_same_request() -> None:
    world = World(seconds={"train": 7000})
    plan = pipeline(block("load"), block("train", "load", timeout=7200), block("store", "train"))
    result(world.run(plan, {"variables": {"depth": 3}}))
    call = world.one("train")
    assert call.request["run"] == "execution-1"
    assert call.request["variables"] == {"depth": 3}
    assert world.one("store").start == call.end


# --- the text


def test_the_text_is_always_the_same_and_says_what_it_is() -> None:
    first, again = definition(DIAMOND), definition(DIAMOND)
    assert first == again
    assert first.text.startswith("# Pipeline daily: 4 blocks")
    assert "#   join  ←  left, right" in first.text
    assert first.notes == ()


def test_waiting_is_told() -> None:
    (note,) = definition(CROSSED).notes
    assert "lanes" in note


def test_names_that_no_step_may_have() -> None:
    plan = pipeline(block("a/b"), block("a_b", "a/b"), block("end", "a_b"), block("1st", "end"))
    found = definition(plan)
    parse(found.text)
    world = World()
    result(world.run(plan))
    assert len(world.calls) == 4


def test_a_pipeline_without_blocks() -> None:
    assert result(World().run(pipeline()))["blocks"] == {"done": 0}


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ProjectError, match="circle"):
        definition(pipeline(block("a", "b"), block("b", "a")))


def chain(count: int) -> Definition:
    names = [f"a_block_with_a_rather_long_name_{n}" for n in range(count)]
    blocks = [block(name, *names[max(0, n - 1) : n]) for n, name in enumerate(names)]
    return definition(pipeline(*blocks))


def test_a_large_definition_is_written_densely_and_a_larger_one_refused() -> None:
    dense = chain(1500)
    assert len(dense.text.encode()) <= 128 * 1024
    assert dense.notes
    world = World()
    assert result(world.run_text(dense.text))["blocks"] == {"done": 1500}
    assert world.took == 1500
    with pytest.raises(ProjectError, match="131,072"):
        chain(4000)


def test_a_wide_large_definition_has_barriers_and_says_so() -> None:
    blocks = [block(f"first_{n}") for n in range(400)]
    blocks += [block(f"then_{n}", f"first_{n}", f"first_{(n + 1) % 400}") for n in range(400)]
    plan = pipeline(*blocks)
    found = definition(plan)
    assert len(found.text.encode()) <= 128 * 1024
    assert "each level" in found.notes[0]
    world = World()
    assert result(world.run(plan))["blocks"] == {"done": 800}
    assert world.took == 40
