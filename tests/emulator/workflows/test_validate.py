"""Google's own samples (GoogleCloudPlatform/workflows-samples), kept outside of this repository.

BLOCKLIFT_WORKFLOWS_SAMPLES names the folder of a checkout.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.workflows.effects import Failed, HttpCall, Log, Now, Request, Succeeded, Uuid
from emulator.workflows.parse import parse
from tests.emulator.workflows.playing import play

FOLDER = os.environ.get("BLOCKLIFT_WORKFLOWS_SAMPLES", "")
FILES = sorted(Path(FOLDER).rglob("*.workflows.*")) if FOLDER else []
SOURCES = [path for path in FILES if path.suffix == ".yaml"]

pytestmark = pytest.mark.skipif(
    not FILES, reason="set BLOCKLIFT_WORKFLOWS_SAMPLES to a checkout of workflows-samples"
)

DIFFERENT_TWINS = {"connector_run"}
"""The JSON form of this one waits differently from its YAML form."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_may_be_deployed(path: Path) -> None:
    assert parse(path.read_text()).routine("main").steps


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_its_json_twin_is_the_same_program(path: Path) -> None:
    twin = path.with_suffix(".json")
    same = parse(path.read_text()) == parse(twin.read_text())
    assert same == (path.name.split(".")[0] not in DIFFERENT_TWINS)


def test_there_are_188() -> None:
    assert len(FILES) == 188


class Stub:
    """A world in which every request is answered kindly."""

    def __init__(self) -> None:
        self.beyond: list[Request] = []

    def __call__(self, request: Request) -> Any:
        match request.effect:
            case HttpCall():
                return {"code": 200, "headers": {}, "body": {"dayOfTheWeek": "Monday"}}
            case Now():
                return 1_700_000_000.5
            case Uuid():
                return "6b1f6fd0-0000-4000-8000-000000000000"
            case Log():
                return None
        self.beyond.append(request)
        return None


def local(path: Path) -> bool:
    """Needs nothing but the library and http."""
    text = path.read_text()
    return not any(word in text for word in ("googleapis", "gke.", "events.", "experimental."))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_local_sample_runs_and_its_twin_does_the_same(path: Path) -> None:
    if not local(path):
        pytest.skip("calls other services")
    stub = Stub()
    outcome = play(parse(path.read_text()), {}, stub)
    twin = play(parse(path.with_suffix(".json").read_text()), {}, Stub())
    assert isinstance(outcome, Succeeded | Failed)
    assert told(outcome) == told(twin)


def told(outcome: Any) -> Any:
    """Without places: the twins stand on other lines."""
    text = outcome.payload if isinstance(outcome, Failed) else json.dumps(outcome.result)
    return re.sub(r"line: \d+", "line: ?", text)
