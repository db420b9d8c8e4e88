"""Files on the function's own disk."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from runtime.mage_ai.io.file import FileIO

FRAME = pd.DataFrame({"n": [1, 2], "s": ["a", "b"]})


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.parquet"])
def test_a_file_and_back(tmp_path: Path, name: str) -> None:
    files = FileIO()
    files.export(FRAME, tmp_path / "new" / name, **({"index": False} if "csv" in name else {}))
    assert files.exists(tmp_path / "new" / name)
    pd.testing.assert_frame_equal(files.load(tmp_path / "new" / name), FRAME)


def test_csv_keeps_the_index_unless_told_otherwise(tmp_path: Path) -> None:
    FileIO().export(FRAME, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[0] == ",n,s"


def test_all_files_of_folders_are_one_table(tmp_path: Path) -> None:
    for part in "ab":
        FileIO().export(FRAME, tmp_path / part / "x.parquet")
    loaded = FileIO().load(file_directories=[str(tmp_path / "a"), str(tmp_path / "b")])
    assert loaded["n"].tolist() == [1, 2, 1, 2]


def test_a_path_inside_the_project_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGE_RUNTIME__REPO_PATH", str(tmp_path))
    FileIO().export(FRAME, tmp_path / "data/x.parquet")
    assert len(FileIO().load("data/x.parquet")) == 2


def test_an_unknown_ending_is_said() -> None:
    with pytest.raises(ValueError, match=r"cannot tell the format of 'x\.dat'"):
        FileIO().load("x.dat")
