"""Limits of runs, and dynamic blocks below each other, on the local cloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.story.conftest import CLOUD, until
from tests.story.mage.making import Folder, succeeded

if TYPE_CHECKING:
    from tests.story.conftest import World

NAME = "limits"
DYNAMIC = {"configuration": {"dynamic": True}}


def at(interval: str, **settings: Any) -> dict[str, Any]:
    start = settings.pop("start_time", None)
    entry = {"name": "tick", "schedule_type": "time", "schedule_interval": interval}
    return entry | {"start_time": start, "status": "inactive", "settings": settings}


@pytest.fixture(scope="module")
def limits(world: World, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    p = Folder(tmp_path_factory.mktemp("projects") / NAME)
    p.file("metadata.yaml", "project_type: standalone\n")
    p.pipeline("lm_skips", p.block("slow", "custom", "import time; time.sleep(3)"))
    p.pipeline("lm_late", p.block("long", "custom", "import time; time.sleep(30)"))
    p.pipeline("lm_future", p.block("some_day", "custom", "return 1"))
    triggers = {
        "lm_skips": at("@daily", skip_if_previous_running=True),
        "lm_late": at("@daily", timeout=1, timeout_status="cancelled"),
        "lm_future": at("@once", start_time="2999-01-01 00:00:00"),
    }
    for pipeline, trigger in triggers.items():
        p.yaml(f"pipelines/{pipeline}/triggers.yaml", {"triggers": [trigger]})
    both = "return args[0] + [args[1]]"
    p.pipeline(
        "lm_nested",
        p.block("outer", "data_loader", "return [[1, 2, 3]]", **DYNAMIC),
        p.block("inner", "transformer", "return [[[args[0], n] for n in range(args[0] - 1)]]",
                "outer", **DYNAMIC),
        p.block("leaf", "transformer", "return [*args[0], kwargs['dynamic_block_index']]", "inner"),
        p.block("letters", "data_loader", "return [['a', 'b']]", **DYNAMIC),
        p.block("mixed", "transformer", both, "leaf", "letters",
                configuration={"reduce_output": True}),
        p.block("all", "custom", "return {'got': args[0]}", "mixed"),
    )  # fmt: skip
    world.blocklift("deploy", p.root)
    return p


def ticked(world: World, pipeline: str) -> str:
    """As its schedule would start it; the execution's name."""
    jobs = world.get(f"{CLOUD}/jobs")["jobs"]
    (job,) = [job for job in jobs if f"/workflows/{pipeline}/" in job["httpTarget"]["uri"]]
    before = len(executions(world, pipeline))
    world.post(f"/v1/{job['name']}:run")
    return until(lambda: newest(world, pipeline, before))


def executions(world: World, pipeline: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.get(f"{CLOUD}/workflows/{pipeline}/executions").get(
        "executions", []
    )
    return found


def newest(world: World, pipeline: str, before: int) -> str | None:
    found = executions(world, pipeline)
    return str(found[0]["name"]) if len(found) > before else None


def test_a_tick_is_skipped_while_the_run_before_goes_on(world: World, limits: Folder) -> None:
    names = [ticked(world, "lm-skips"), ticked(world, "lm-skips")]
    first, second = (json.loads(world.ended(name)["result"]) for name in names)
    assert first["blocks"] == {"done": 1}
    assert second["blocks"] == {}
    assert "skipped" in second
    third = json.loads(world.ended(ticked(world, "lm-skips"))["result"])
    assert third["blocks"] == {"done": 1}


def test_a_run_that_takes_too_long_is_cancelled(world: World, limits: Folder) -> None:
    execution = world.ended(ticked(world, "lm-late"))
    assert execution["state"] == "CANCELLED"


def test_a_trigger_that_lies_ahead_starts_nothing(world: World, limits: Folder) -> None:
    found = json.loads(world.ended(ticked(world, "lm-future"))["result"])
    assert "skipped" in found


def test_items_of_items_and_of_another_block(world: World, limits: Folder) -> None:
    found = succeeded(world, NAME, "lm_nested").output("all")["got"]
    leaves = [[2, 0, 0], [3, 0, 1], [3, 1, 2]]
    assert found == [value for leaf in leaves for letter in "ab" for value in [*leaf, letter]]
