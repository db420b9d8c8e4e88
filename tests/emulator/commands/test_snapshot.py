"""A snapshot holds everything, Postgres too, and a running emulator goes on at its address."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import urllib3

from tests.emulator.conftest import PROJECT, ROOT, Emulator


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "emulator", *words, "--data", str(data)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulator]:
    data = tmp_path / "data"
    started = command(data, "start", "--port=0", "--grpc-port=0", "--detach")
    assert started.returncode == 0, started.stderr
    http = urllib3.PoolManager()
    yield Emulator(json.loads((data / "emulator.json").read_text())["url"], data, http)
    http.clear()
    command(data, "stop")


def upload(emulator: Emulator, name: str, text: bytes) -> None:
    path = f"/upload/storage/v1/b/keep/o?uploadType=media&name={name}"
    assert emulator.post(path, text).code == 200


def rows(emulator: Emulator) -> list[tuple[int]]:
    with psycopg.connect(**emulator.post("/emulator/v1/postgres:start").json) as db:
        return db.execute("select n from t order by n").fetchall()


def insert(emulator: Emulator, statement: str) -> None:
    with psycopg.connect(**emulator.post("/emulator/v1/postgres:start").json) as db:
        db.execute(statement)


def test_back_to_how_it_was(running: Emulator) -> None:
    emulator = running
    emulator.post(f"/storage/v1/b?project={PROJECT}", {"name": "keep"})
    upload(emulator, "a", b"first")
    insert(emulator, "create table t (n int)")
    insert(emulator, "insert into t values (1)")

    saved = command(emulator.data, "snapshot", "save", "before")
    assert saved.returncode == 0, saved.stderr
    assert command(emulator.data, "snapshot", "list").stdout == "before\n"

    upload(emulator, "a", b"second")
    upload(emulator, "b", b"new")
    insert(emulator, "insert into t values (2)")
    assert rows(emulator) == [(1,), (2,)]

    loaded = command(emulator.data, "snapshot", "load", "before")
    assert loaded.returncode == 0, loaded.stderr
    assert emulator.get("/storage/v1/b/keep/o/a?alt=media").body == b"first"
    assert emulator.get("/storage/v1/b/keep/o/b").code == 404
    assert rows(emulator) == [(1,)]
    assert emulator.get("/emulator/v1/health").json["data"] == str(emulator.data)


def test_what_cannot_be_is_said_and_stops_nothing(running: Emulator) -> None:
    pid = running.get("/emulator/v1/health").json["pid"]
    missing = command(running.data, "snapshot", "load", "nothing")
    assert missing.returncode == 1
    assert "there is no snapshot 'nothing'" in missing.stderr
    wrong = command(running.data, "snapshot", "save", "../x")
    assert "is no name" in wrong.stderr
    assert running.get("/emulator/v1/health").json["pid"] == pid


def test_one_that_does_not_run_stays_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "there is no data" in command(data, "snapshot", "save", "x").stderr
    data.mkdir()
    (data / "file").write_text("1")
    assert command(data, "snapshot", "save", "x").returncode == 0
    (data / "file").write_text("2")
    assert command(data, "snapshot", "load", "x").returncode == 0
    assert (data / "file").read_text() == "1"
    assert command(data, "snapshot", "delete", "x").returncode == 0
    assert command(data, "snapshot", "list").stdout == ""
    assert json.loads(command(data, "status", "--json").stdout)["running"] is False
