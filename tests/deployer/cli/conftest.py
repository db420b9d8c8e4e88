"""A small Mage project per test, and the command line as a person calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployer.cli import main

LOAD = """
@data_loader
def load(*args, **kwargs):
    print("loading", kwargs["rows"])
    return {"numbers": list(range(kwargs["rows"]))}


@test
def test_output(output, *args):
    assert output["numbers"], "nothing loaded"
"""
DOUBLE = """
@transformer
def double(data, *args, **kwargs):
    return {"numbers": [2 * n for n in data["numbers"]]}
"""
PIPELINE = """
uuid: daily
name: daily
type: python
variables:
  rows: 3
blocks:
- {uuid: load, name: load, type: data_loader, language: python, upstream_blocks: []}
- {uuid: double, name: double, type: transformer, language: python, upstream_blocks: [load]}
"""
TRIGGERS = """
triggers:
- name: on request
  schedule_type: api
  status: active
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@dataclass
class Shop:
    """A project of two blocks."""

    root: Path

    def __post_init__(self) -> None:
        write(self.root / "metadata.yaml", "project_type: standalone\n")
        self.block("load", LOAD)
        self.block("double", DOUBLE, "transformers")
        self.pipeline(PIPELINE)

    def block(self, name: str, text: str, folder: str = "data_loaders") -> None:
        write(self.root / folder / f"{name}.py", text)

    def pipeline(self, text: str, name: str = "daily") -> None:
        write(self.root / "pipelines" / name / "metadata.yaml", text)

    def triggers(self, text: str = TRIGGERS) -> None:
        write(self.root / "pipelines" / "daily" / "triggers.yaml", text)

    def __str__(self) -> str:
        return str(self.root)


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    """Named after the test, since all tests share one cloud."""
    name = request.node.name.removeprefix("test_")[:24].rstrip("_")
    return Shop(tmp_path / name)


@dataclass(frozen=True)
class Done:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Blocklift = Callable[..., Done]


@pytest.fixture
def offline(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Blocklift:
    """`blocklift …` in this process, without a cloud."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    def call(*words: object) -> Done:
        try:
            main([str(word) for word in words])
            code = 0
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return Done(code, told.out, told.err)

    return call


@pytest.fixture
def blocklift(offline: Blocklift, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Blocklift:
    """The same, its local target being the emulator that all tests share."""
    monkeypatch.setenv("BLOCKLIFT_EMULATOR", emulator)
    return offline
