"""Runs of pipelines with notifications: who is told what, and that it changes nothing."""

from __future__ import annotations

from typing import Any

from deployer.compile import compile_pipeline
from deployer.compile.telling import Teller
from deployer.model import Pipeline, Trigger
from emulator.workflows.effects import Failure, Outcome
from tests.deployer.compile.world import BUCKET, START, World, error, failing, result, url
from tests.deployer.making import block, pipeline, project

NAME = "shop-notifications"
CHAIN = pipeline(block("load"), block("store", "load"))
FORKED = pipeline(block("load"), block("left", "load"), block("right", "load"))


def ran(world: World, made: Pipeline, argument: Any = None, **teller: bool) -> Outcome:
    where = f"https://{NAME}-123456789012.europe-west1.run.app"
    told = Teller(where, **teller)
    text = compile_pipeline(project(made), made, url(made), BUCKET, teller=told).text
    return world.run_text(text, argument)


def heard(world: World) -> list[dict[str, Any]]:
    return [c.request for c in world.calls if c.service == NAME.replace("-", "_")]


def test_a_failure_is_told_and_is_the_same_failure() -> None:
    world, alone = World({"store": failing("full")}), World({"store": failing("full")})
    same = error(ran(world, CHAIN, {"trigger": {"name": "t"}}))
    assert same == error(alone.run(CHAIN, {"trigger": {"name": "t"}}))
    (told,) = heard(world)
    assert (told["outcome"], told["pipeline"], told["run"]) == ("failure", "daily", "execution-1")
    assert told["seconds"] == 2
    assert told["trigger"]["name"] == "t"
    assert told["error"]["body"]["error"]["message"] == "full"


def test_a_failure_in_a_branch_is_told_as_well() -> None:
    world = World({"left": failing("full")})
    ran(world, FORKED)
    assert "full" in str(heard(world)[0]["error"])


def test_a_failure_that_others_outlive_is_told_at_the_end() -> None:
    trigger = Trigger("t", "api", CHAIN.place, settings={"allow_blocks_to_fail": True})
    world = World({"left": failing("full")})
    ran(world, pipeline(*FORKED.blocks, triggers=(trigger,)))
    assert world.names()[-1] == NAME.replace("-", "_")
    assert "full" in str(heard(world)[0]["error"])


def test_a_success_is_told_after_the_last_block() -> None:
    world = World()
    found = result(ran(world, FORKED))
    assert found["blocks"] == {"done": 3}
    (told,) = heard(world)
    assert (told["outcome"], told["error"]) == ("success", None)
    assert world.calls[-1].request == told


def test_only_what_is_wanted_is_told() -> None:
    fine, failed = World(), World({"load": failing("full")})
    ran(fine, CHAIN, on_success=False)
    ran(failed, CHAIN, on_failure=False)
    assert heard(fine) == heard(failed) == []


def test_a_notification_that_fails_is_logged_and_changes_nothing() -> None:
    for answer in ((500, "broken"), Failure("gone", ("ConnectionFailedError",))):
        world = World({NAME.replace("-", "_"): lambda _, answer=answer: answer})
        assert result(ran(world, CHAIN))["blocks"] == {"done": 2}
        (log,) = world.logs
        assert log.severity == "WARNING"
        failed = World({NAME.replace("-", "_"): lambda _, a=answer: a, "load": failing("full")})
        assert error(ran(failed, CHAIN))["body"]["error"]["message"] == "full"
        assert failed.now < START + 300


def test_trying_one_block_tells_nobody() -> None:
    world = World({"load": failing("full")})
    error(ran(world, CHAIN, {"only": ["daily-load"], "run": "notebook"}))
    assert not heard(world)
