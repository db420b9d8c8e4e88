"""durations.yaml beside a pipeline: what it changes, and mistakes in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployer.compile.usual import FILE, usual_seconds
from deployer.errors import ProjectError
from deployer.model import Pipeline, Place
from tests.deployer.compile.world import World, definition, result
from tests.deployer.making import block, pipeline

CROSSED = pipeline(block("a"), block("b"), block("c", "a", "b"), block("d", "b"))


def beside(folder: Path, text: str) -> Pipeline:
    (folder / FILE).write_text(text)
    return replace(CROSSED, place=Place(folder / "metadata.yaml", 1))


def test_known_durations_save_the_naps(tmp_path: Path) -> None:
    knowing = beside(tmp_path, "a: 100\nb: 100\nc: 50\nd: 50.0\n")
    assert usual_seconds(knowing) == {"a": 100, "b": 100, "c": 50, "d": 50}
    assert "nap" in definition(CROSSED).text
    assert "nap" not in definition(knowing).text
    world = World(seconds={"a": 100, "b": 100, "c": 50, "d": 50})
    result(world.run(knowing))
    assert world.took == 150


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert usual_seconds(replace(CROSSED, place=Place(tmp_path / "metadata.yaml", 1))) == {}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [", 2, "is not YAML"),
        ("- a\n", 1, "is not a list of blocks and seconds"),
        ("a: fast\nb: -1\nc: true\nd: 1\n", 1, "no positive number of seconds: a, b, c"),
        ("a: .inf\n", 1, "no positive number of seconds: a"),
    ],
)
def test_mistakes_name_the_file(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ProjectError) as caught:
        definition(beside(tmp_path, text))
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.message) == (tmp_path / FILE, line, message)
    assert "blocklift durations" in problem.hint
