"""Watching a run, told by executions and manifests of a cloud in two dicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deployer.gcp.executions import Execution
from deployer.model import Block, BlockId, Kind, Language, Pipeline, PipelineId, Place
from deployer.runs.watch import (
    BlockDone,
    BlockStarted,
    Progress,
    RunOver,
    RunStarted,
    Watch,
    argument,
)
from deployer.target import Polling
from runtime.contract import Manifest

NOWHERE = Place(Path("metadata.yaml"))


def block(name: str, *upstream: str) -> Block:
    above = tuple(map(BlockId, upstream))
    return Block(BlockId(name), Kind.CUSTOM, Language.PYTHON, Path(name), NOWHERE, upstream=above)


DIAMOND = Pipeline(
    PipelineId("daily"),
    NOWHERE,
    "python",
    (block("load"), block("left", "load"), block("right", "load"), block("join", "left", "right")),
)
FAN = Pipeline(
    PipelineId("daily"),
    NOWHERE,
    "python",
    (block("list"), block("each", "list"), block("after", "each")),
)


@dataclass
class Cloud:
    """Each look at the execution plays the next scene, until the last one ends it."""

    scenes: list[Callable[[Cloud], None]]
    objects: dict[str, bytes] = field(default_factory=dict)
    state: str = "ACTIVE"
    error: Mapping[str, object] = field(default_factory=dict)
    result: str = ""
    reads: list[str] = field(default_factory=list)

    def start(self, workflow: str, argument: Mapping[str, object]) -> Execution:
        return self.get(workflow, "r1")

    def get(self, workflow: str, run: str) -> Execution:
        if self.scenes:
            self.scenes.pop(0)(self)
        return Execution(f"x/workflows/{workflow}/executions/{run}", self.state, workflow,
                         duration=1.5, error=self.error, result=self.result)  # fmt: skip

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        return self.objects.get(name)

    def publish(self, name: str, rows: int | None = None, **told: object) -> None:
        manifest = {"block": name, "attempt": "a", "outputs": [{"rows": rows}], **told}
        path = f"runs/shop/daily/r1/{name}/manifest.json"
        self.objects[path] = json.dumps(Manifest.from_json(manifest).to_json()).encode()


def done(*names: str, **told: object) -> Callable[[Cloud], None]:
    def scene(cloud: Cloud) -> None:
        for name in names:
            cloud.publish(name, **told)  # type: ignore[arg-type]

    return scene


def ended(
    state: str, error: Mapping[str, object] | None = None, result: str = ""
) -> Callable[[Cloud], None]:
    def scene(cloud: Cloud) -> None:
        cloud.state, cloud.error, cloud.result = state, error or {}, result

    return scene


def watched(cloud: Cloud, pipeline: Pipeline) -> list[Progress]:
    polling = Polling(0, 0)
    watch = Watch("shop", pipeline, cloud, cloud, "r1", "r1", polling, sleep=lambda _: None)
    return list(watch.events())


def names(events: list[Progress], kind: type[BlockStarted] | type[BlockDone]) -> list[str]:
    return [event.block for event in events if isinstance(event, kind)]


def test_blocks_begin_when_what_they_wait_for_is_done() -> None:
    cloud = Cloud([done(), done("load", rows=3), done("right"), done("left"), done("join"),
                   ended("SUCCEEDED")])  # fmt: skip
    events = watched(cloud, DIAMOND)
    assert events[0] == RunStarted("r1", "daily")
    assert names(events, BlockStarted) == ["load", "left", "right", "join"]
    assert names(events, BlockDone) == ["load", "right", "left", "join"]
    assert [e.rows for e in events if isinstance(e, BlockDone)] == [3, None, None, None]
    assert isinstance(events[-1], RunOver)
    assert events[-1].worked


def test_nothing_is_asked_of_blocks_that_cannot_have_begun() -> None:
    cloud = Cloud([done(), done(), ended("FAILED")])
    watched(cloud, DIAMOND)
    before_the_end = cloud.reads[:3]
    assert set(before_the_end) == {"runs/shop/daily/r1/load/manifest.json"}


def test_a_failed_run_ends_with_its_failure() -> None:
    report = {"block": "left", "kind": "test", "type": "AssertionError", "message": "empty"}
    payload = json.dumps({"body": {"error": report}})
    cloud = Cloud([done("load"), ended("FAILED", {"payload": payload})])
    over = watched(cloud, DIAMOND)[-1]
    assert isinstance(over, RunOver)
    assert not over.worked
    assert over.failure
    assert (over.failure.block, over.failure.message) == ("left", "empty")


def test_children_of_a_dynamic_block_count_as_one_when_all_are_done() -> None:
    cloud = Cloud([
        done("list", count=3, rows=1), done("each/0", "each/2", rows=10), done("each/1", rows=5),
        done("after"), ended("SUCCEEDED"),
    ])  # fmt: skip
    events = watched(cloud, FAN)
    (each,) = [e for e in events if isinstance(e, BlockDone) and e.block == "each"]
    assert (each.rows, each.children) == (25, 3)
    assert names(events, BlockDone) == ["list", "each", "after"]


def test_a_dynamic_block_without_items_has_no_children_to_wait_for() -> None:
    cloud = Cloud([done("list", count=0), ended("SUCCEEDED")])
    events = watched(cloud, FAN)
    (each,) = [e for e in events if isinstance(e, BlockDone) and e.block == "each"]
    assert each.children == 0


def test_a_branch_that_a_condition_switched_off_is_not_done() -> None:
    cloud = Cloud([done("load"), done("left"), ended("SUCCEEDED")])
    assert names(watched(cloud, DIAMOND), BlockDone) == ["load", "left"]


def test_what_lies_below_an_unmet_condition_is_skipped_with_it() -> None:
    cloud = Cloud([done("load"), done("left", status="condition_failed"), done("right"),
                   ended("SUCCEEDED")])  # fmt: skip
    events = watched(cloud, DIAMOND)
    ends = {e.block: e.status for e in events if isinstance(e, BlockDone)}
    assert ends == {"load": "done", "left": "condition_failed", "right": "done",
                    "join": "condition_failed"}  # fmt: skip
    assert "join" not in names(events, BlockStarted)


@pytest.mark.parametrize(("passed", "status"), [((1,), "done"), ((0, 1, 2), "condition_failed")])
def test_what_lies_below_a_child_that_was_passed_over(passed: tuple[int, ...], status: str) -> None:
    ran = [f"each/{n}" for n in range(3) if n not in passed]
    unmet = done(*(f"each/{n}" for n in passed), status="condition_failed")
    cloud = Cloud([done("list", count=3), done(*ran, rows=10), unmet, ended("SUCCEEDED")])
    events = watched(cloud, FAN)
    ends = {e.block: e for e in events if isinstance(e, BlockDone)}
    assert (ends["each"].status, ends["each"].children or 0) == (status, len(ran))
    assert ends["after"].status == "condition_failed"
    assert "after" not in names(events, BlockStarted)


def test_a_run_that_was_not_to_begin_is_no_success() -> None:
    result = json.dumps({"run": "r1", "blocks": {}, "skipped": "too many runs were active"})
    over = watched(Cloud([ended("SUCCEEDED", result=result)]), DIAMOND)[-1]
    assert isinstance(over, RunOver)
    assert (over.state, over.skipped) == ("SKIPPED", "too many runs were active")
    assert over.worked


def test_the_argument_names_an_earlier_run_only_for_a_retry() -> None:
    assert "run" not in argument({"a": 1})
    told = argument({"a": 1}, again="r0")
    assert (told["run"], told["variables"]) == ("r0", {"a": 1})
