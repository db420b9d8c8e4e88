"""Sources are compiled once, and syntax errors are all told at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.host.bytecode import compile_all
from emulator.host.errors import BuildError


def write(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_every_syntax_error_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "source", main="def f(:\n", other="x = (\n", good="x = 1\n")
    with pytest.raises(BuildError) as error:
        compile_all(folder, tmp_path / "cache")
    assert "./main.py" in str(error.value)
    assert "./other.py" in str(error.value)
    assert "SyntaxError" in str(error.value)
    assert "good" not in str(error.value)


def test_equal_files_share_their_bytecode_and_show_their_own_path(tmp_path: Path) -> None:
    text = "def f():\n    raise ValueError\n"
    for name in ("one", "two"):
        compile_all(write(tmp_path / name, same=text), tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
    code = "import sys; sys.path.insert(0, sys.argv[1]); import same; same.f()"
    for name in ("one", "two"):
        said = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        assert f'{name}/same.py", line 2, in f' in said


def test_a_null_byte_is_a_mistake_of_the_author(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"main\.py"):
        compile_all(write(tmp_path / "source", main="x = '\0'\n"), tmp_path / "cache")
