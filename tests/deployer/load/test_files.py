"""From an entry to a file, in Mage's order and with its leftovers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deployer.load.files import BlockFiles, clean_name
from deployer.model import Kind, Language


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "shop"
    project.mkdir()
    return project


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def found(
    root: Path,
    uuid: str,
    configuration: dict[str, Any] | None = None,
    kind: Kind = Kind.DATA_LOADER,
    language: Language = Language.PYTHON,
) -> str:
    entry = {"configuration": configuration or {}}
    path = BlockFiles(root).find(uuid, kind, language, entry)
    return str(path.relative_to(root))


@pytest.mark.parametrize(
    ("uuid", "kind", "language", "file"),
    [
        ("load", Kind.DATA_LOADER, Language.PYTHON, "data_loaders/load.py"),
        ("sub/nested", Kind.TRANSFORMER, Language.SQL, "transformers/sub/nested.sql"),
        ("any", Kind.CUSTOM, Language.PYTHON, "custom/any.py"),
        ("Load Data", Kind.DATA_LOADER, Language.PYTHON, "data_loaders/load_data.py"),
        ("Load Data", Kind.DATA_LOADER, Language.PYTHON, "data_loaders/Load Data.py"),
        ("cli", Kind.DBT, Language.YAML, "dbts/cli.yaml"),
        ("when", Kind.CONDITIONAL, Language.PYTHON, "conditionals/when.py"),
    ],
)
def test_the_usual_place(root: Path, uuid: str, kind: Kind, language: Language, file: str) -> None:
    put(root, file)
    assert found(root, uuid, kind=kind, language=language) == file


@pytest.mark.parametrize(
    "written",
    [
        "data_loaders/old.py",
        "shop/data_loaders/old.py",
        "/home/src/shop/data_loaders/old.py",
        "default_repo/shop/data_loaders/old.py",
        "loaders/old.py",
    ],
)
def test_a_path_in_the_configuration(root: Path, written: str) -> None:
    put(root, "data_loaders/old.py", "extra/loaders/old.py")
    expected = "extra/loaders/old.py" if written == "loaders/old.py" else "data_loaders/old.py"
    assert found(root, "new", {"file_path": written}) == expected
    assert found(root, "new", {"file_source": {"path": written}}) == expected


def test_file_path_beats_the_usual_place_and_file_source_does_not(root: Path) -> None:
    put(root, "data_loaders/load.py", "data_loaders/other.py")
    assert found(root, "load", {"file_path": "data_loaders/other.py"}) == "data_loaders/other.py"
    source = {"file_source": {"path": "data_loaders/other.py"}}
    assert found(root, "load", source) == "data_loaders/load.py"


def test_a_stale_path_is_passed_over(root: Path) -> None:
    put(root, "data_loaders/load.py")
    assert found(root, "load", {"file_path": "data_loaders/gone.py"}) == "data_loaders/load.py"


def test_without_a_file_the_usual_place_is_named(root: Path) -> None:
    assert found(root, "lost") == "data_loaders/lost.py"


@pytest.mark.parametrize("written", ["../secret.py", "/etc/passwd", "data_loaders/../../x.py"])
def test_nothing_outside_the_project_is_found(root: Path, written: str) -> None:
    put(root.parent, "secret.py", "x.py")
    assert found(root, "load", {"file_path": written}) == "data_loaders/load.py"


def test_a_link_out_of_the_project_is_not_followed(root: Path) -> None:
    put(root.parent, "secret.py")
    put(root, "data_loaders/other.py")
    (root / "data_loaders/load.py").symlink_to(root.parent / "secret.py")
    path = BlockFiles(root).find("load", Kind.DATA_LOADER, Language.PYTHON, {})
    assert not BlockFiles(root).owns(path)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [("Load Data!", "load_data_"), ("1st", "letter_1st"), ("a/B c", "a/b_c"), ('"x"$', "x")],
)
def test_names_as_mage_cleans_them(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned
