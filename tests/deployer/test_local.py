"""Finding, starting and stopping the cloud of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployer import local
from deployer.errors import Unreachable


def test_it_is_started_once_found_again_and_stopped(tmp_path: Path) -> None:
    first = local.started(tmp_path)
    try:
        assert local.started(tmp_path) == first
        assert local.found(tmp_path) == first
        assert (tmp_path / ".blocklift" / ".gitignore").read_text() == "*\n"
    finally:
        assert local.stop(tmp_path)
    assert local.found(tmp_path) is None
    assert not local.stop(tmp_path)


def test_what_a_killed_emulator_left_behind_is_not_believed(tmp_path: Path) -> None:
    folder = local.data(tmp_path)
    folder.mkdir(parents=True)
    stale = {"pid": 1, "url": "http://127.0.0.1:1", "started": 0}
    (folder / "emulator.json").write_text(json.dumps(stale))
    assert local.found(tmp_path) is None


def test_another_projects_emulator_on_the_same_port_is_not_ours(
    tmp_path: Path, emulator: str
) -> None:
    folder = local.data(tmp_path)
    folder.mkdir(parents=True)
    (folder / "emulator.json").write_text(json.dumps({"pid": 1, "url": emulator}))
    assert local.found(tmp_path) is None


def test_an_emulator_kept_by_somebody_else_is_used_or_missed(
    tmp_path: Path, emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOCKLIFT_EMULATOR", emulator)
    assert local.started(tmp_path).url == emulator
    assert not local.stop(tmp_path)
    monkeypatch.setenv("BLOCKLIFT_EMULATOR", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="no emulator answers"):
        local.started(tmp_path)


def test_a_postgres_that_does_not_answer_is_refused_without_its_password(emulator: str) -> None:
    with pytest.raises(Unreachable, match="named") as refused:
        local.use_postgres(emulator, "postgresql://me:secret-7461@127.0.0.1:1/mine")
    assert "secret-7461" not in str(refused.value)
    local.use_postgres(emulator, "embedded")
