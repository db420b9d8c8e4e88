"""One call of a block, from the request to the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.contract import Status
from runtime.deadline import stuck
from runtime.errors import BlockTimeout, InputProblem, SettingsProblem, TestsFailed
from tests.runtime.project import BUCKET, Project


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


def test_a_sensor_is_asked_again_until_it_says_yes(project: Project, tmp_path: Path) -> None:
    door = tmp_path / "door"
    code = f"""
    import os
    @sensor
    def look(*args, **kwargs):
        return os.path.exists({str(door)!r}) and kwargs['pipeline_uuid'] == 'orders'
    """
    project.block("wait", code, kind="sensor")
    assert project.call("wait").status == Status.WAITING
    assert project.cloud.names() == []
    door.touch()
    assert project.call("wait").status == Status.DONE
    door.unlink()
    assert project.call("wait").status == Status.DONE


def test_a_sensor_above_gives_an_empty_list(project: Project) -> None:
    project.block("wait", "", kind="sensor")
    code = "@custom\ndef f(*args):\n    return [list(args)]\n"
    project.block("use", code, kind="custom", upstream=("wait",), upstream_modes={"wait": "skip"})
    project.call("use")
    assert project.outputs("use") == [[[]]]
    assert not [p for _, p in project.cloud.requests if "wait" in p]


def test_a_block_beyond_its_time_is_stopped_and_leaves_nothing(project: Project) -> None:
    code = """
    @data_loader
    def load():
        while True:
            try:
                sum(range(1000))
            except Exception:
                pass
    """
    project.block("load", code, timeout=0.3)
    with pytest.raises(BlockTimeout, match=r"longer than its timeout of 0\.3 seconds"):
        project.call("load")
    assert project.cloud.names() == []
    assert not stuck


def test_a_block_within_its_time(project: Project) -> None:
    project.block("load", "@data_loader\ndef load():\n    return 1\n", timeout=30)
    assert project.call("load").outputs == 1
    project.block("fail", "@data_loader\ndef load():\n    return 1 / 0\n", timeout=30)
    with pytest.raises(ZeroDivisionError):
        project.call("fail")


def test_a_kind_that_does_not_run_is_refused(project: Project) -> None:
    project.block("doc", "", kind="markdown")
    with pytest.raises(SettingsProblem, match="a markdown block in python is not run"):
        project.call("doc")


def test_a_manifest_tells_how_many_calls_it_took(project: Project) -> None:
    project.block("load", "@data_loader\ndef load():\n    return 1\n")
    project.call("load", attempt=3)
    assert project.manifest("load").tries == 3


def test_a_figure_is_stored_with_a_picture_of_it(project: Project) -> None:
    project.block(
        "draw",
        """
        from matplotlib.figure import Figure

        @custom
        def draw(*args, **kwargs):
            figure = Figure(figsize=(400, 2))
            axes = figure.subplots()
            axes.plot([1, 2])
            return [figure, axes, 'words']
        """,
        kind="custom",
    )
    project.call("draw")
    figure, axes, words = project.refs("draw")
    for ref in (figure, axes):
        name = ref.uri.partition("gs://")[2].partition("/")[2].replace(".pkl", ".png")
        data = project.cloud.objects[BUCKET, name]
        assert data.startswith(b"\x89PNG")
        assert len(data) == ref.meta["picture"]
    assert "picture" not in words.meta
