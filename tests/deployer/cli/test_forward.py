"""What belongs to the emulator is handed on to it, words and exit code."""

from __future__ import annotations

from pathlib import Path

from tests.deployer.cli.conftest import Blocklift


def test_words_and_exit_code_pass_through(offline: Blocklift, tmp_path: Path) -> None:
    assert offline("emulator", "status", "--data", tmp_path).code != 0
    assert offline("emulator", "start", "--help").code == 0


def test_a_definition_runs_without_any_project(offline: Blocklift, tmp_path: Path) -> None:
    source = tmp_path / "hello.yaml"
    source.write_text("main:\n  steps:\n  - done:\n      return: 42\n")
    assert offline("workflows", "run", source).code == 0
    assert offline("workflows", "check", tmp_path / "missing.yaml").code != 0
