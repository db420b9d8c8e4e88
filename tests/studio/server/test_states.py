"""How blocks stand, told from executions as Google's API gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deployer.gcp.executions import Execution
from deployer.load import load
from deployer.model import Pipeline
from studio.server.messages import BlockRun
from studio.server.states import run_state, skipped_because, with_states

BLOCKS = {"load": [], "clean": ["load"], "report": ["clean"], "copy": ["load"]}


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    root = tmp_path / "taxi"
    blocks = [
        {"uuid": name, "type": "custom", "language": "python", "upstream_blocks": upstream}
        for name, upstream in BLOCKS.items()
    ]
    written = {"uuid": "trips", "name": "trips", "type": "python", "blocks": blocks}
    place = root / "pipelines/trips/metadata.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(written))
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    (root / "custom").mkdir()
    for name in BLOCKS:
        (root / f"custom/{name}.py").write_text("@custom\ndef run(*args):\n    return 1\n")
    return load(root).pipelines[0]


def execution(state: str, **more: Any) -> Execution:
    return Execution(name="projects/p/w/trips/executions/e", workflow="w", state=state, **more)


def failing(*reports: dict[str, Any]) -> Execution:
    """As branches of a parallel step wrap what each of them raised."""
    wrapped = [{"code": 500, "body": {"error": report}} for report in reports]
    return execution("FAILED", error={"payload": json.dumps({"branches": wrapped})})


def said(block: str, attempt: int = 1) -> dict[str, Any]:
    return {
        "block": block,
        "kind": "test",
        "type": "AssertionError",
        "message": f"{block} is wrong",
        "file": f"custom/{block}.py",
        "line": 3,
        "attempt": attempt,
    }


def left(**states: Any) -> list[BlockRun]:
    """What was found in the bucket."""
    return [
        BlockRun(name, states.get(name, "pending"), None, None, None, [], [], None)
        for name in BLOCKS
    ]


Shown = Callable[[Execution, list[BlockRun]], dict[str, str]]


@pytest.fixture
def shown(pipeline: Pipeline) -> Shown:
    return lambda run, blocks: {b.block: b.state for b in with_states(pipeline, blocks, run)}


def test_blocks_below_a_condition_that_was_not_met_are_skipped(shown: Shown) -> None:
    found = shown(execution("SUCCEEDED"), left(load="done", clean="skipped", copy="done"))
    assert found == {"load": "done", "clean": "skipped", "report": "skipped", "copy": "done"}


def test_they_are_while_the_run_goes_on(shown: Shown) -> None:
    run = execution("ACTIVE", steps=("copy",))
    found = shown(run, left(load="done", clean="skipped"))
    assert found == {"load": "done", "clean": "skipped", "report": "skipped", "copy": "running"}


def test_every_block_that_failed_is_shown_with_its_attempt(pipeline: Pipeline) -> None:
    found = with_states(pipeline, left(load="done"), failing(said("clean", 3), said("copy", 2)))
    runs = {run.block: run for run in found}
    assert [(runs[name].state, runs[name].attempt) for name in ("clean", "copy")] == [
        ("failed", 3),
        ("failed", 2),
    ]
    assert runs["clean"].failure is not None
    assert runs["clean"].failure.kind == "test"
    assert runs["report"].state == "upstream_failed"


def test_a_block_that_became_done_in_a_retry_is_not_shown_as_failed(shown: Shown) -> None:
    found = shown(failing(said("clean")), left(load="done", clean="done"))
    assert found["clean"] == "done"


def test_a_failure_without_a_report_is_that_of_the_step(shown: Shown) -> None:
    trace = {"elements": [{"step": "clean", "routine": "main"}]}
    run = execution("FAILED", error={"payload": "it did not answer", "stackTrace": trace})
    assert shown(run, left(load="done"))["clean"] == "failed"


def test_what_a_cancelled_run_did_not_reach_did_not_run(shown: Shown) -> None:
    run = execution("CANCELLED", steps=("clean",))
    found = shown(run, left(load="done"))
    assert found == {"load": "done", "clean": "not_run", "report": "not_run", "copy": "not_run"}


def test_a_run_that_began_nothing_is_skipped() -> None:
    result = {"run": "e", "blocks": {}, "skipped": "as many runs as are allowed were active"}
    run = execution("SUCCEEDED", result=json.dumps(result))
    assert run_state(run) == "skipped"
    assert skipped_because(run) == "as many runs as are allowed were active"
    assert run_state(replace(run, result='{"run": "e", "blocks": {"done": 2}}')) == "succeeded"
    assert run_state(replace(run, result='"skipped"')) == "succeeded"
