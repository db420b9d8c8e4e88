"""Projects with mistakes: all of them at once, each with its place and a hint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.story.conftest import World

CYCLE = """
blocks:
- {uuid: chicken, type: transformer, language: python, upstream_blocks: [egg]}
- {uuid: egg, type: transformer, language: python, upstream_blocks: [chicken]}
"""
MISSING = """
blocks:
- uuid: lost
  type: data_loader
  language: python
  upstream_blocks: []
"""
UNKNOWN = """
blocks:
- {uuid: good, type: data_loader, language: python, upstream_blocks: []}
- {uuid: plain, type: transformer, language: python, upstream_blocks: [good]}
- {uuid: lonely, type: data_exporter, language: python, upstream_blocks: [gooood]}
"""
NO_YAML = """
blocks:
- uuid: [unclosed
  type: data_loader
"""
DECORATED = "@{0}\ndef work(*args, **kwargs):\n    return 1\n"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every mistake that the issue names, in one project."""
    project = tmp_path_factory.mktemp("projects") / "wrong"
    files = {
        "metadata.yaml": "project_type: standalone\n",
        "pipelines/cycle/metadata.yaml": CYCLE,
        "pipelines/missing/metadata.yaml": MISSING,
        "pipelines/unknown/metadata.yaml": UNKNOWN,
        "pipelines/no_yaml/metadata.yaml": NO_YAML,
        "transformers/chicken.py": DECORATED.format("transformer"),
        "transformers/egg.py": DECORATED.format("transformer"),
        "transformers/plain.py": "def work(data):\n    return data\n",
        "data_loaders/good.py": DECORATED.format("data_loader"),
        "data_exporters/lonely.py": DECORATED.format("data_exporter"),
    }
    for name, text in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return project


MISTAKES = {
    "a cycle": r"pipelines/cycle/metadata\.yaml:\d+: .*(chicken|egg).*",
    "a missing block file": r"pipelines/missing/metadata\.yaml:3: .*lost.*",
    "a block without a decorated function": r"transformers/plain\.py(:\d+)?: .*transformer.*",
    "an unknown upstream": r"pipelines/unknown/metadata\.yaml:5: .*gooood.*",
    "YAML that does not parse": r"pipelines/no_yaml/metadata\.yaml:[34]: .*",
}


@pytest.mark.parametrize("verb", ["check", "deploy", "plan"])
def test_all_mistakes_are_told_at_once(world: World, wrong: Path, verb: str) -> None:
    said = world.blocklift(verb, wrong, code=1).said
    for mistake, shown in MISTAKES.items():
        assert re.search(shown, said), f"{mistake} is not told:\n{said}"
    assert said.count("hint:") >= len(MISTAKES)


def test_run_tells_them_too(world: World, wrong: Path) -> None:
    said = world.blocklift("run", wrong, "missing", code=1).said
    assert re.search(MISTAKES["a missing block file"], said)


@pytest.mark.parametrize("verb", ["check", "deploy"])
def test_a_folder_that_is_no_project(world: World, tmp_path: Path, verb: str) -> None:
    said = world.blocklift(verb, tmp_path, code=1).said
    assert "metadata.yaml" in said
    assert str(tmp_path) in said


def test_a_folder_that_is_not_there(world: World, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert str(nowhere) in world.blocklift("check", nowhere, code=1).said


def test_a_pipeline_that_is_not_there_is_wrong_usage(world: World, example: Path) -> None:
    said = world.blocklift("run", example, "no_such", code=2).said
    assert "api_to_postgres" in said


def test_an_option_that_is_not_there_is_wrong_usage(world: World, example: Path) -> None:
    world.blocklift("deploy", example, "--no-such-option", code=2)
