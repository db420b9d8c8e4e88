"""Bundles: what is in them, that they are always the same, and what can never get in."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

from deployer.bundle import Bundle, bundle, trigger_bundle
from deployer.load import survey
from deployer.model import Project
from runtime.contract import BlockSpec
from tests.deployer.making import LOADER, SHOP, written

ROOT = Path(__file__).parents[2]
SECRET = "planted-" + "9f8e7d6c5b4a"


def loaded(root: Path) -> Project:
    project, _ = survey(root)
    assert project is not None
    return project


def made(root: Path, block: int = 0) -> Bundle:
    project = loaded(root)
    return bundle(project, project.pipelines[0], project.pipelines[0].blocks[block])


def own(found: Bundle) -> set[str]:
    return {path for path in found.files if not path.startswith("runtime/")}


def test_what_is_in_a_bundle(tmp_path: Path) -> None:
    found = made(written(tmp_path, SHOP))
    assert own(found) == {
        "main.py",
        "block.json",
        "requirements.txt",
        "project/shop/data_loaders/load.py",
    }
    assert found.name == "daily-load"
    assert found.files["main.py"] == b"from runtime.entry import handle as block\n"
    assert "runtime/entry.py" in found.files
    assert "runtime/requirements.json" in found.files
    assert not any("__pycache__" in path for path in found.files)


def test_expectations_travel_with_the_block_that_they_check(tmp_path: Path) -> None:
    metadata = """
        blocks:
        - {uuid: load, type: data_loader}
        - {uuid: clean, type: transformer, upstream_blocks: [load]}
        extensions:
          great_expectations:
            blocks:
            - {uuid: deep/enough, type: extension, upstream_blocks: [load]}
    """
    code = """
        import os
        from shop.utils.limits import LEAST
        @extension('great_expectations')
        def f(validator):
            validator.expect_table_row_count_to_be_between(LEAST, int(os.environ['MOST']))
    """
    root = written(tmp_path, SHOP, {
        "pipelines/daily/metadata.yaml": metadata, "utils/limits.py": "LEAST = 1\n",
        "extensions/deep/enough.py": dedent(code),
    })  # fmt: skip
    checked, other = made(root), made(root, 1)
    told = BlockSpec.from_json(json.loads(checked.files["block.json"]))
    assert told.checks == [{"block": "deep/enough", "path": "extensions/deep/enough.py"}]
    inside = own(checked) - own(other)
    assert {"project/shop/extensions/deep/enough.py", "project/shop/utils/limits.py"} <= inside
    assert checked.settings == ("MOST",)
    assert "great-expectations" in checked.requirements
    assert "great-expectations" not in other.requirements


def test_the_runtime_is_told_what_is_known(tmp_path: Path) -> None:
    metadata = """
        variables: {year: 2024, since: 2024-01-02}
        blocks:
        - {uuid: items, type: data_loader, configuration: {dynamic: true}}
        - uuid: clean
          type: transformer
          upstream_blocks: [items]
          timeout: 60
          retry_config: {retries: 2}
        - {uuid: store, type: data_exporter, upstream_blocks: [clean]}
        callbacks:
        - {uuid: tell, type: callback, upstream_blocks: [clean]}
        conditionals:
        - {uuid: when, type: conditional, upstream_blocks: [store]}
    """
    files = {"pipelines/daily/metadata.yaml": metadata, "data_loaders/items.py": LOADER}
    files |= {"callbacks/tell.py": "", "conditionals/when.py": ""}
    project = loaded(written(tmp_path, SHOP, files))
    pipeline = project.pipelines[0]

    def spec(block) -> BlockSpec:
        return BlockSpec.from_json(json.loads(bundle(project, pipeline, block).files["block.json"]))

    items, clean, store = (spec(block) for block in pipeline.blocks)
    assert items.dynamic
    assert items.variables == {"year": 2024, "since": "2024-01-02"}
    assert (clean.project, clean.pipeline, clean.block) == ("shop", "daily", "clean")
    assert clean.path == "transformers/clean.py"
    assert clean.upstream == ["items"]
    assert clean.upstream_modes == {"items": "item"}
    assert clean.upstream_specs["items"]["type"] == "data_loader"
    assert (clean.timeout, clean.retry["retries"]) == (60, 2)
    assert store.upstream_modes == {"clean": "paired"}
    tell, when = spec(pipeline.callbacks[0]), spec(pipeline.conditionals[0])
    assert (tell.parent, tell.upstream) == ("clean", ["clean"])
    assert (when.parent, when.upstream) == ("store", ["clean"])
    assert (when.upstream_modes, when.sources) == (store.upstream_modes, ["items"])


def test_the_same_bytes_from_another_place_time_and_order(tmp_path: Path) -> None:
    code = {"utils/b.py": "", "utils/a.py": "", "utils/__init__.py": ""}
    loader = {"data_loaders/load.py": "from shop.utils import a, b\n" + LOADER}
    first = written(tmp_path / "one", SHOP, code, loader)
    second = written(tmp_path / "two", loader, dict(reversed(code.items())), SHOP, loader)
    for number, path in enumerate(sorted(second.rglob("*"))):
        os.utime(path, (number * 1e6, number * 1e6))
        if path.is_file():
            path.chmod(0o600)
    assert made(first).digest == made(second).digest
    assert made(first).zip_bytes() == made(second).zip_bytes()


def test_the_same_bytes_from_another_process(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP)
    code = (
        "import sys, hashlib; from pathlib import Path; from deployer.load import load;"
        "from deployer.bundle import bundle; p = load(Path(sys.argv[1])); q = p.pipelines[0];"
        "print(hashlib.sha256(bundle(p, q, q.blocks[0]).zip_bytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(root)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(digests) == 1


def test_one_changed_file_changes_just_the_bundles_that_hold_it(tmp_path: Path) -> None:
    root = written(tmp_path, SHOP)
    before = [made(root, n).digest for n in range(3)]
    (root / "transformers/clean.py").write_text("@transformer\ndef other(data): return data\n")
    after = [made(root, n).digest for n in range(3)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_a_zip_that_google_can_build(tmp_path: Path) -> None:
    path = tmp_path / "block.zip"
    made(written(tmp_path, SHOP)).write(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}
        for name in archive.namelist():
            if name.endswith(".py"):
                compile(archive.read(name), name, "exec")


def test_inline_code_and_files_that_variables_name(tmp_path: Path) -> None:
    metadata = """
        variables: {source: data/trips.csv, other: data/never.csv}
        blocks:
        - uuid: inline
          type: data_loader
          content: "@data_loader\\ndef load(**kwargs): return kwargs['source']\\n"
    """
    data = {"data/trips.csv": "a\n", "data/never.csv": "a\n"}
    found = made(written(tmp_path, SHOP, data, {"pipelines/daily/metadata.yaml": metadata}))
    assert "project/shop/data_loaders/inline.py" in found.files
    assert "project/shop/data/trips.csv" in found.files
    assert "project/shop/data/never.csv" not in found.files


def test_more_files_by_blocklift_yaml(tmp_path: Path) -> None:
    files = {"blocklift.yaml": "files: [extra, '*.txt', ../x]\n", "extra/a.bin": "1", "b.txt": "2"}
    found = made(written(tmp_path, SHOP, files))
    assert {"project/shop/extra/a.bin", "project/shop/b.txt"} <= set(found.files)


def test_another_name_of_the_project_works(tmp_path: Path) -> None:
    code = "from default_repo.utils.helpers import answer\n" + LOADER
    files = {
        "data_loaders/load.py": code,
        "utils/__init__.py": "",
        "utils/helpers.py": "answer = 42",
    }
    found = made(written(tmp_path, SHOP, files))
    with zipfile.ZipFile(io.BytesIO(found.zip_bytes())) as archive:
        archive.extractall(tmp_path / "out")
    said = subprocess.run(
        [sys.executable, "-c", "from default_repo.utils.helpers import answer; print(answer)"],
        cwd=tmp_path / "out/project",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "42\n"


PLACES = {
    ".env": f"PASSWORD={SECRET}",
    ".env.local": f"PASSWORD={SECRET}",
    "io_config.yaml": f"default:\n  POSTGRES_PASSWORD: {SECRET}\n  URL: db://u:{SECRET}@h/x\n",
    "keys/sa.json": f'{{"type": "service_account", "private_key": "{SECRET}"}}',
    "certs/server.pem": SECRET,
    "certs/odd.txt": f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}",
    "secrets/token.txt": SECRET,
    ".git/config": SECRET,
    ".variables/pipelines/x.json": SECRET,
    "mage-ai.db": SECRET,
    ".blocklift/state": SECRET,
    "id_ed25519": SECRET,
    "data/credentials.json": SECRET,
}
"""Every place where people keep secrets."""


def test_a_planted_secret_never_gets_in(tmp_path: Path) -> None:
    """Though the block asks for each file by name and blocklift.yaml for all of them."""
    asked = "\n".join(f"open('{place}')" for place in PLACES)
    code = f"from mage_ai.io.config import ConfigFileLoader\nConfigFileLoader('x')\n{asked}\n"
    files = {
        "data_loaders/load.py": code + LOADER,
        "blocklift.yaml": "files: ['**/*', '.*', '.*/**/*', '.']\n",
    }
    root = written(tmp_path, SHOP, PLACES, files)
    (root / "data/link.txt").symlink_to(root / ".env")
    for block in range(3):
        found = made(root, block)
        for path, content in found.files.items():
            assert SECRET.encode() not in content, path
        assert SECRET.encode() not in found.zip_bytes()
    assert "IO_DEFAULT_POSTGRES_PASSWORD" in made(root).settings


def test_templated_metadata_carries_no_value_of_the_environment(tmp_path: Path) -> None:
    metadata = """
        variables: {password: {{ env_var('A_PASSWORD') }}}
        blocks:
        - uuid: load
          type: data_loader
          configuration: {token: {{ mage_secret_var('A_PASSWORD') }}}
    """
    files = {"pipelines/daily/metadata.yaml": metadata, ".env": f"A_PASSWORD={SECRET}\n"}
    found = made(written(tmp_path, SHOP, files))
    assert SECRET.encode() not in found.files["block.json"]
    assert b"env_var('A_PASSWORD')" in found.files["block.json"]


API = """
    triggers:
    - {name: on call, schedule_type: api, token: abc, status: active, variables: {year: 2024},
       settings: {timeout: 60}}
    - {name: nightly, schedule_type: time, schedule_interval: '@daily'}
"""


def test_the_function_of_api_triggers(tmp_path: Path) -> None:
    project = loaded(written(tmp_path, SHOP, {"pipelines/daily/triggers.yaml": API}))
    found = trigger_bundle(project, lambda p: f"projects/p/locations/l/workflows/{p.id}")
    assert found is not None
    assert found.entry_point == "trigger"
    (entry,) = json.loads(found.files["triggers.json"])
    assert entry["workflow"] == "projects/p/locations/l/workflows/daily"
    assert entry["variables"] == {"year": 2024}
    assert entry["limits"] == {"timeout": 60}
    assert found.settings == (entry["token_env"],)
    assert b"abc" not in found.files["triggers.json"]


def test_without_api_triggers_there_is_none(tmp_path: Path) -> None:
    assert trigger_bundle(loaded(written(tmp_path, SHOP)), lambda p: p.id) is None


@pytest.mark.parametrize("block", range(3))
def test_settings_and_requirements_come_along(tmp_path: Path, block: int) -> None:
    found = made(written(tmp_path, SHOP), block)
    assert found.files["requirements.txt"].decode().splitlines() == list(found.requirements)
    assert found.settings == ()
