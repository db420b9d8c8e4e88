"""What would go wrong, found without running any of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.check import check
from deployer.errors import Problem
from deployer.load import survey
from tests.deployer.making import SHOP, written

HEAD = "pipelines/daily/metadata.yaml"


def found(tmp_path: Path, *files: dict[str, str]) -> list[tuple[str, int, str, str]]:
    root = written(tmp_path, SHOP, *files)
    project, problems = survey(root)
    assert project is not None
    assert problems == ()

    def told(problem: Problem) -> tuple[str, int, str, str]:
        path = problem.path.relative_to(root).as_posix()
        return path, problem.line, problem.message, problem.hint

    return [told(problem) for problem in check(project)]


def one(tmp_path: Path, *files: dict[str, str]) -> tuple[str, int, str, str]:
    (problem,) = found(tmp_path, *files)
    return problem


def metadata(*entries: str, more: str = "") -> dict[str, str]:
    return {HEAD: "blocks:\n" + "".join(f"- {entry}\n" for entry in entries) + more}


LOAD = "{uuid: load, type: data_loader}"
CLEAN = "{uuid: clean, type: transformer, upstream_blocks: [load]}"


def test_a_sound_project(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_circle_is_told_once_with_its_way(tmp_path: Path) -> None:
    entries = (
        "{uuid: load, type: data_loader, upstream_blocks: [store]}",
        CLEAN,
        "{uuid: store, type: data_exporter, upstream_blocks: [clean]}",
    )
    path, line, message, hint = one(tmp_path, metadata(*entries))
    assert path == HEAD
    assert line in {2, 3, 4}
    assert message.count("→") == 3
    assert hint


def test_a_block_that_waits_for_itself(tmp_path: Path) -> None:
    entry = "{uuid: load, type: data_loader, upstream_blocks: [load]}"
    assert "itself" in one(tmp_path, metadata(entry))[2]


def test_an_unknown_upstream_has_its_own_line_and_a_suggestion(tmp_path: Path) -> None:
    text = """
        blocks:
        - uuid: load
          type: data_loader
        - uuid: clean
          type: transformer
          upstream_blocks:
          - laod
    """
    path, line, message, hint = one(tmp_path, {HEAD: text})
    assert (path, line) == (HEAD, 7)
    assert "laod" in message
    assert "'load'" in hint


def test_a_missing_file(tmp_path: Path) -> None:
    path, line, message, hint = one(tmp_path, metadata("{uuid: laod, type: data_loader}"))
    assert (path, line) == (HEAD, 2)
    assert "data_loaders/laod.py" in message
    assert "load.py" in hint


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("def load(): ...\n", "@data_loader"),
        ("@transformer\ndef load(): ...\n", "@transformer"),
        ("", "empty"),
        ("class A:\n    @data_loader\n    def load(self): ...\n", "@data_loader"),
    ],
)
def test_a_block_without_its_decorator(tmp_path: Path, code: str, word: str) -> None:
    path, _, message, hint = one(tmp_path, {"data_loaders/load.py": code})
    assert path == "data_loaders/load.py"
    assert "no function with @data_loader" in message
    assert word in hint


def test_decorators_of_callbacks_and_conditionals(tmp_path: Path) -> None:
    more = (
        "callbacks:\n- {uuid: tell, type: callback, upstream_blocks: [load]}\n"
        "- {uuid: old, type: callback, upstream_blocks: [load]}\n"
        "conditionals:\n- {uuid: when, type: conditional, upstream_blocks: [load]}\n"
    )
    files = {
        "callbacks/tell.py": "@callback('success')\ndef f(**kwargs): ...\n",
        "callbacks/old.py": "@on_failure\ndef f(**kwargs): ...\n",
        "conditionals/when.py": "@condition\ndef f(*args): return True\n",
    }
    assert found(tmp_path, metadata(LOAD, more=more), files) == []


def test_nothing_is_executed(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'ran')!r}, 'w')\n@data_loader\ndef load(): ...\n"
    assert found(tmp_path, {"data_loaders/load.py": code}) == []
    assert not (tmp_path / "ran").exists()


def test_syntax_errors_of_blocks_and_of_what_they_import(tmp_path: Path) -> None:
    files = {
        "data_loaders/load.py": "@data_loader\ndef load(:\n",
        "transformers/clean.py": "from shop.utils import x\n@transformer\ndef t(d): ...\n",
        "utils/__init__.py": "",
        "utils/x.py": "a = 1\nb = = 2\n",
    }
    told = [(path, line) for path, line, _, _ in found(tmp_path, files)]
    assert told == [("data_loaders/load.py", 2), ("utils/x.py", 2)]


def test_imports_that_nothing_provides(tmp_path: Path) -> None:
    code = "import pandas\nfrom no_such_thing.deep import x\n@data_loader\ndef load(): ...\n"
    path, line, message, hint = one(tmp_path, {"data_loaders/load.py": code})
    assert (path, line) == ("data_loaders/load.py", 2)
    assert "no_such_thing.deep" in message
    assert "requirements.txt" in hint
    assert (
        found(tmp_path, {"requirements.txt": "no-such-thing\n", "data_loaders/load.py": code}) == []
    )


def test_the_same_uuid_twice(tmp_path: Path) -> None:
    told = found(tmp_path, metadata(LOAD, LOAD))
    assert [line for _, line, _, _ in told] == [3]


@pytest.mark.parametrize("kind", ["streaming", "integration", "pyspark", "databricks", "nonsense"])
def test_pipelines_that_do_not_run_here_are_told_once(tmp_path: Path, kind: str) -> None:
    path, line, message, hint = one(
        tmp_path,
        {HEAD: f"type: {kind}\nblocks:\n- {{uuid: x, type: data_loader, language: yaml}}\n"},
    )
    assert (path, line) == (HEAD, 1)
    assert "daily" in message
    assert hint


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("{uuid: x, type: dbt, language: python}", "dbt"),
        ("{uuid: x, type: sensor, language: r}", "R"),
        ("{uuid: x, type: data_loader, language: yaml}", "YAML"),
        ("{uuid: x, type: extension}", "extension block"),
        ("{uuid: x, type: global_data_product}", "global data product"),
        ("{uuid: x, type: data_loader, language: sql}", "data_provider"),
        (
            "{uuid: x, type: data_loader, language: sql, configuration: {data_provider: db2}}",
            "db2",
        ),
        ("{uuid: x, type: sensor, language: sql}", "sensor"),
    ],
)
def test_blocks_that_do_not_run_here(tmp_path: Path, entry: str, word: str) -> None:
    path, line, message, hint = one(tmp_path, metadata(entry))
    assert (path, line) == (HEAD, 2)
    assert word in message
    assert hint


CHECK = "@extension('great_expectations')\ndef f(validator):\n    pass\n"
ENOUGH = "{uuid: enough, type: extension, upstream_blocks: [load]}"


def extension(entry: str, name: str = "great_expectations") -> str:
    return f"extensions:\n  {name}:\n    blocks:\n    - {entry}\n"


def test_expectations_of_a_block_are_no_problem(tmp_path: Path) -> None:
    head = metadata("{uuid: load, type: data_loader}", more=extension(ENOUGH))
    assert found(tmp_path, head, {"extensions/enough.py": CHECK}) == []


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (extension(ENOUGH, "other"), CHECK, "extension 'other'"),
        (extension(ENOUGH), None, "has no file: extensions/enough.py"),
        (extension(ENOUGH), "def f(validator):\n    pass\n", "no function with @extension"),
        (extension(ENOUGH), "def f(:\n", "is no valid Python"),
        (extension(ENOUGH), f"import nobody_has_it\n{CHECK}", "'nobody_has_it'"),
        (extension("{uuid: enough, type: extension}"), CHECK, "no block that it checks"),
        (extension(ENOUGH.replace("load", "lod")), CHECK, "waits for 'lod'"),
        (extension(ENOUGH.replace("}", ", language: sql}")), CHECK, "is in sql"),
        (extension(ENOUGH.replace("load", "wait")), CHECK, "checks 'wait', a sensor block"),
    ],
)
def test_mistakes_of_extensions(tmp_path: Path, text: str, code: str | None, word: str) -> None:
    entries = ("{uuid: load, type: data_loader}", "{uuid: wait, type: sensor}")
    files = {"sensors/wait.py": "@sensor\ndef f():\n    return True\n"}
    files |= {} if code is None else {"extensions/enough.py": code}
    _, line, message, _ = one(tmp_path, metadata(*entries, more=text), files)
    assert word in message
    assert line


def test_names_that_meet_in_the_cloud(tmp_path: Path) -> None:
    files = {"data_loaders/lo ad.py": SHOP["data_loaders/load.py"]}
    files |= {"data_loaders/lo_ad.py": SHOP["data_loaders/load.py"]}
    told = one(
        tmp_path,
        files,
        metadata("{uuid: lo ad, type: data_loader}", "{uuid: lo_ad, type: data_loader}"),
    )
    assert told[1] == 3
    assert "daily-lo-ad" in told[2]


def test_names_that_are_too_long(tmp_path: Path) -> None:
    name = "x" * 201
    files = {f"data_loaders/{name}.py": SHOP["data_loaders/load.py"]}
    assert "201" in one(tmp_path, files, metadata(f"{{uuid: {name}, type: data_loader}}"))[2]


def test_dynamic_blocks_below_each_other_are_no_problem(tmp_path: Path) -> None:
    dynamic = "configuration: {dynamic: true}"
    entries = (
        f"{{uuid: load, type: data_loader, {dynamic}}}",
        CLEAN.replace("}", f", {dynamic}}}"),
    )
    assert not found(tmp_path, metadata(*entries))
    entry = f"{{uuid: load, type: data_loader, executor_type: gcp_cloud_run, {dynamic}}}"
    assert "count" in one(tmp_path, metadata(entry))[2]


def test_a_trigger_that_never_rests(tmp_path: Path) -> None:
    entry = "{name: t, schedule_type: time, schedule_interval: '@always_on', status: active}"
    text = f"triggers:\n- {entry}\n"
    assert one(tmp_path, {"pipelines/daily/triggers.yaml": text})[:2] == (
        "pipelines/daily/triggers.yaml",
        2,
    )


def test_problems_of_all_pipelines_at_once_in_order(tmp_path: Path) -> None:
    files = {
        "pipelines/b/metadata.yaml": "blocks:\n- {uuid: gone, type: custom}\n",
        "pipelines/a/metadata.yaml": "type: streaming\n",
        "data_loaders/load.py": "def load(): ...\n",
    }
    assert [path for path, _, _, _ in found(tmp_path, files)] == [
        "data_loaders/load.py",
        "pipelines/a/metadata.yaml",
        "pipelines/b/metadata.yaml",
    ]


def test_a_part_of_mage_that_is_not_here(tmp_path: Path) -> None:
    head = "from mage_ai.data_preparation.models.pipeline import Pipeline\n"
    guarded = "try:\n    import mage_ai.streaming\nexcept ImportError:\n    pass\n"
    there = "from mage_ai.shared.array import find\nfrom mage_ai.io.postgres import Postgres\n"
    text = head + there + guarded + "@data_loader\ndef load(*args):\n    return 1\n"
    path, line, message, _ = one(tmp_path, {"data_loaders/load.py": text})
    assert (path, line) == ("data_loaders/load.py", 1)
    assert "mage_ai.data_preparation.models.pipeline" in message
