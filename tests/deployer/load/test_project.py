"""Folders of all kinds → Project, with every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import ProjectError
from deployer.load import find_projects, load, survey
from deployer.model import Kind, Language, RetryPolicy
from tests.deployer.making import LOADER, SHOP, written


def test_a_project_as_mage_writes_it(tmp_path: Path) -> None:
    root = written(
        tmp_path, SHOP, {"requirements.txt": "pandas\n", "io_config.yaml": "default: {}\n"}
    )
    project = load(root)
    (daily,) = project.pipelines
    assert project.name == "shop"
    assert [block.id for block in daily.blocks] == ["load", "clean", "store"]
    assert daily.blocks[1].upstream == ("load",)
    assert daily.blocks[2].file == root / "data_exporters/store.py"
    assert daily.blocks[1].place.line == 6
    assert project.requirements == root / "requirements.txt"
    assert project.io_config == root / "io_config.yaml"


def test_everything_may_be_absent(tmp_path: Path) -> None:
    root = written(tmp_path, {"metadata.yaml": "", "pipelines/p/metadata.yaml": ""})
    (pipeline,) = load(root).pipelines
    assert (pipeline.type, pipeline.blocks) == ("python", ())


def one_block(tmp_path: Path, entry: str, *, top: str = "", metadata: str = ""):
    text = f"blocks:\n{entry}\n{top}"
    files = {"metadata.yaml": metadata, "pipelines/p/metadata.yaml": text}
    root = written(tmp_path, files, {"data_loaders/load.py": LOADER})
    return load(root).pipelines[0].blocks[0]


def test_absent_keys_have_mages_defaults(tmp_path: Path) -> None:
    block = one_block(tmp_path, "- {uuid: load, type: data_loader}")
    assert block.language is Language.PYTHON
    assert block.retry == RetryPolicy(0, 5.0, 60.0, True)
    assert block.executor_type == "local_python"
    assert block.name == "load"


def test_retry_of_the_block_lies_over_the_projects(tmp_path: Path) -> None:
    entry = "- {uuid: load, type: data_loader, retry_config: {delay: 1}}"
    block = one_block(tmp_path, entry, metadata="retry_config: {retries: 2, delay: 9}\n")
    assert (block.retry.retries, block.retry.delay) == (2, 1)


@pytest.mark.parametrize(
    ("own", "pipelines", "expected"),
    [
        ("local_python", "gcp_cloud_run", "gcp_cloud_run"),
        ("local_python_force", "gcp_cloud_run", "local_python_force"),
        ("k8s", "", "k8s"),
        ("\"{{ env_var('BLOCKLIFT_NO_SUCH', 'ecs') }}\"", "", "ecs"),
    ],
)
def test_the_executor_comes_from_the_pipeline_unless_forced(
    tmp_path: Path, own: str, pipelines: str, expected: str
) -> None:
    entry = f"- {{uuid: load, type: data_loader, executor_type: {own}}}"
    top = f"executor_type: {pipelines}\n" if pipelines else ""
    assert one_block(tmp_path, entry, top=top).executor_type == expected


ATTACHED = """
    blocks:
    - {uuid: load, type: data_loader, has_callback: true}
    - {uuid: notes, type: markdown, language: markdown, upstream_blocks: [load]}
    - {uuid: clean, type: transformer, upstream_blocks: [load, notes]}
    - {uuid: copy, type: data_loader, replicated_block: load}
    callbacks:
    - {uuid: tell, type: callback, upstream_blocks: [load, clean]}
    conditionals:
    - {uuid: when, type: conditional, upstream_blocks: [clean]}
"""


def test_callbacks_conditionals_replicas_and_things_that_do_not_run(tmp_path: Path) -> None:
    files = {"pipelines/daily/metadata.yaml": ATTACHED, "callbacks/load_callback.py": ""}
    root = written(tmp_path, SHOP, files)
    (daily,) = load(root).pipelines
    assert [block.id for block in daily.blocks] == ["load", "clean", "copy"]
    assert daily.blocks[1].upstream == ("load",)
    assert daily.blocks[2].file == root / "data_loaders/load.py"
    callbacks = {block.id: block.upstream for block in daily.callbacks}
    assert callbacks == {
        "tell:load": ("load",),
        "tell:clean": ("clean",),
        "load_callback": ("load",),
    }
    assert [(block.id, block.kind) for block in daily.conditionals] == [("when", Kind.CONDITIONAL)]


def test_code_kept_in_the_metadata(tmp_path: Path) -> None:
    entry = "- {uuid: inline, type: data_loader, content: 'x = 1'}"
    assert one_block(tmp_path, entry).content == "x = 1"
    entry = "- {uuid: load, type: data_loader, content: 'x = 1'}"
    assert one_block(tmp_path, entry).content is None


def test_templated_metadata_keeps_its_lines(tmp_path: Path) -> None:
    text = """
        {% for name in ['load'] %}
        blocks:
        - uuid: {{ name }}
          type: data_loader
        {% endfor %}
        - uuid: other
          type: nonsense
    """
    root = written(tmp_path, SHOP, {"pipelines/daily/metadata.yaml": text})
    project, (problem,) = survey(root)
    assert project is not None
    assert [block.id for block in project.pipelines[0].blocks] == ["load"]
    assert problem.line == 7


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        SHOP,
        {
            "pipelines/a/metadata.yaml": "blocks:\n- uuid: [unclosed\n",
            "pipelines/b/metadata.yaml": "blocks:\n- type: data_loader\n- {uuid: x, type: ai}\n",
            "pipelines/c/metadata.yaml": "blocks: nothing\n",
            "pipelines/daily/triggers.yaml": "triggers:\n- {name: t, schedule_type: moon}\n",
            "blocklift.yaml": "target:\n  x: 1\n",
        },
    )
    with pytest.raises(ProjectError) as found:
        load(root)
    told = [
        (problem.path.relative_to(root).as_posix(), problem.line)
        for problem in found.value.problems
    ]
    assert told == [
        ("blocklift.yaml", 1),
        ("pipelines/a/metadata.yaml", 3),
        ("pipelines/b/metadata.yaml", 2),
        ("pipelines/b/metadata.yaml", 3),
        ("pipelines/c/metadata.yaml", 1),
        ("pipelines/daily/triggers.yaml", 2),
    ]


def test_what_is_no_project_says_where_projects_are(tmp_path: Path) -> None:
    written(tmp_path, SHOP)
    project, (problem,) = survey(tmp_path)
    assert project is None
    assert "shop" in problem.hint
    assert survey(tmp_path / "nothing")[1][0].message == "there is no such folder"
    assert "file" in survey(tmp_path / "shop/metadata.yaml")[1][0].message


def test_several_projects_in_one_repository(tmp_path: Path) -> None:
    for place in ("", "etl", "deep/er"):
        written(tmp_path / place, SHOP)
    (tmp_path / ".git/shop/pipelines/x").mkdir(parents=True)
    (tmp_path / ".git/shop/metadata.yaml").write_text("")
    found = [path.relative_to(tmp_path).as_posix() for path in find_projects(tmp_path)]
    assert found == ["shop", "etl/shop", "deep/er/shop"]


def test_a_project_without_its_top_metadata_is_one(tmp_path: Path) -> None:
    files = {name: text for name, text in SHOP.items() if name != "metadata.yaml"}
    assert load(written(tmp_path, files)).name == "shop"


@pytest.mark.parametrize(
    "text",
    [
        "blocks: [1, null, text, []]",
        "blocks:\n- {uuid: 5, type: data_loader, upstream_blocks: 7, configuration: text}",
        "blocks:\n- {uuid: a, type: data_loader, retry_config: {retries: many}, timeout: soon}",
        (
            "blocks:\n- {uuid: a, type: custom, replicated_block: b}\n"
            "- {uuid: b, type: custom, replicated_block: a}"
        ),
        "callbacks: {a: 1}\nvariables: [1]\ntype: 5",
        "blocks:\n- {uuid: ../../../etc/passwd, type: data_loader}",
        "\x00",
        "a: &a\n  b: *a",
    ],
)
def test_nonsense_never_ends_in_a_traceback(tmp_path: Path, text: str) -> None:
    files = {"pipelines/daily/metadata.yaml": text, "pipelines/daily/triggers.yaml": text}
    survey(written(tmp_path, SHOP, files, {"metadata.yaml": text, "blocklift.yaml": text}))


def test_a_kind_of_mage_pro_is_refused_with_what_to_write_instead(tmp_path: Path) -> None:
    text = "blocks:\n- {uuid: ask, type: ai}\n"
    _, problems = survey(written(tmp_path, SHOP, {"pipelines/daily/metadata.yaml": text}))
    (problem,) = problems
    assert (problem.line, "'ai'" in problem.message) == (2, True)
    assert "Mage Pro" in problem.hint
