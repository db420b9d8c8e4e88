"""requirements.txt as its author wrote it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deployer.code.listing import Listed, around, bare, is_library, listed
from tests.deployer.making import project


def read(tmp_path: Path, text: str) -> Listed:
    (tmp_path / "requirements.txt").write_text(text)
    return listed(replace(project(), root=tmp_path))


def test_lines_by_canonical_name(tmp_path: Path) -> None:
    found = read(
        tmp_path, "Foo.Bar==1 # why\nbaz ; python_version > '3'\n-e .\n-c constraints.txt\n"
    )
    assert found.lines == {"foo-bar": "Foo.Bar==1", "baz": "baz ; python_version > '3'"}
    assert found.problems == ()


def test_without_a_file_nothing_is_listed(tmp_path: Path) -> None:
    assert listed(replace(project(), root=tmp_path)) == Listed()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("foo[bar]>=1", "foo"),
        ("git+https://example.org/x.git#egg=tool", "tool"),
        ("a.b==1", "a.b"),
    ],
)
def test_bare(line: str, name: str) -> None:
    assert bare(line) == name


def test_libraries_are_known_by_many_ways() -> None:
    found = Listed({"python-dwca-reader": "python-dwca-reader"})
    assert all(is_library(found, top) for top in ("dwca", "sklearn", "requests", "rich"))
    assert not is_library(found, "openweather_etl")


def test_around(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    assert around(inner) == (inner,)
    (tmp_path / ".git").mkdir()
    assert around(inner) == (inner, tmp_path / "a", tmp_path)
