"""One call of a block, from the request to the manifest."""

from __future__ import annotations

import pytest

from runtime.contract import Status
from runtime.errors import InputProblem, TestsFailed
from tests.runtime.project import Project


def test_a_chain_of_blocks_hands_on_what_each_returns(project: Project) -> None:
    project.block("load", "@data_loader\ndef load(*args, **kwargs):\n    return {'n': 3}\n")
    project.block(
        "double",
        """
        @transformer
        def double(data, *args, **kwargs):
            return data['n'] * 2

        @test
        def test_output(output, *args):
            assert output == 6
        """,
        kind="transformer",
        upstream=("load",),
    )
    assert project.call("load").outputs == 1
    answer = project.call("double")
    assert (answer.status, answer.outputs, answer.tests) == (Status.DONE, 1, 1)
    assert project.outputs("double") == [6]


def test_a_repeated_call_answers_with_what_the_first_left(project: Project) -> None:
    project.block("load", "import os\n@data_loader\ndef load():\n    return os.urandom(4).hex()\n")
    first = project.call("load")
    kept = project.outputs("load")
    assert project.call("load", attempt=2) == first
    assert project.outputs("load") == kept


def test_nothing_is_stored_for_a_block_that_returns_nothing(project: Project) -> None:
    project.block("load", "@data_loader\ndef load():\n    pass\n")
    assert project.call("load").outputs == 0
    assert [name.rpartition("/")[2] for name in project.cloud.names()] == ["manifest.json"]
    assert project.received("load") == []


def test_a_failing_test_leaves_no_manifest(project: Project) -> None:
    project.block(
        "load",
        """
        @data_loader
        def load():
            return 1

        @test
        def test_is_two(output, *args):
            assert output == 2, 'not two'

        @test
        def test_is_three(output, *args):
            assert output == 3
        """,
    )
    with pytest.raises(TestsFailed, match="two: not two; test_is_three: assert output == 3"):
        project.call("load")
    assert not [name for name in project.cloud.names() if name.endswith("manifest.json")]


def test_an_upstream_block_without_manifest_is_named(project: Project) -> None:
    project.block("load", "")
    project.block("use", "@custom\ndef use(x):\n    pass\n", kind="custom", upstream=("load",))
    with pytest.raises(InputProblem, match="load left nothing in run run-1"):
        project.call("use")
