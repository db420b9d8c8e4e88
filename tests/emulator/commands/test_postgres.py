"""`python -m emulator postgres …` against something that answers like an emulator."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from emulator.commands.postgres import main

FACTS = {"host": "127.0.0.1", "port": 5433, "dbname": "postgres", "user": "postgres"}


class FakeEmulator(BaseHTTPRequestHandler):
    running = False

    def answer(self, code: int, body: object) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        self.answer(200, {"state": "RUNNING" if FakeEmulator.running else "STOPPED"})

    def do_POST(self) -> None:
        FakeEmulator.running = self.path.endswith(":start")
        self.answer(
            200, {**FACTS, "password": "p@ss word"} if self.running else {"state": "STOPPED"}
        )

    def log_message(self, *_: object) -> None:
        pass


class Refusing(FakeEmulator):
    def do_POST(self) -> None:
        self.answer(400, {"error": {"message": "The disk is full. Free some space."}})


def serve(handler: type[BaseHTTPRequestHandler], tmp_path: Path) -> Iterator[Path]:
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    facts = {"url": f"http://127.0.0.1:{server.server_port}", "pid": 1}
    (tmp_path / "emulator.json").write_text(json.dumps(facts))
    yield tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield from serve(FakeEmulator, tmp_path)


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Path]:
    yield from serve(Refusing, tmp_path)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("url", "postgresql://postgres:p%40ss%20word@127.0.0.1:5433/postgres"),
        ("env", "POSTGRES_PASSWORD='p@ss word'"),
        ("text", "password  p@ss word"),
        ("json", '"port": 5433'),
    ],
)
def test_it_shows_how_to_connect(
    data: Path, form: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--form", form]) == 0
    assert shown in capsys.readouterr().out


def test_status_and_stop(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["start", "--data", str(data)])
    assert main(["status", "--data", str(data)]) == 0
    assert main(["stop", "--data", str(data)]) == 0
    assert "RUNNING" in (out := capsys.readouterr().out)
    assert out.splitlines()[-1].endswith("STOPPED")


def test_no_emulator_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 1
    assert main(["--url", "http://127.0.0.1:1"]) == 1
    assert capsys.readouterr().err.count("blocklift emulator start") == 2


def test_a_refusal_is_shown_in_its_own_words(
    refusing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(refusing)]) == 1
    assert capsys.readouterr().err == "error: The disk is full. Free some space.\n"
