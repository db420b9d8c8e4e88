from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.server.app import build
from studio.server.debugging import Debugging, free_port, launch, need
from studio.server.errors import StudioError
from studio.server.guard import Pass
from studio.server.inplace import InPlace
from studio.server.session import Session


def test_vs_code_is_told_where_the_block_waits_and_which_files_are_which() -> None:
    told = json.loads(launch(4711, Path("/home/ann/taxi"), Path("/home/ann/taxi/.blocklift/x")))
    (attach,) = told["configurations"]
    assert attach["connect"] == {"host": "127.0.0.1", "port": 4711}
    assert attach["pathMappings"] == [
        {"localRoot": "/home/ann/taxi", "remoteRoot": "/home/ann/taxi/.blocklift/x"}
    ]


def test_the_port_is_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass


def test_a_block_that_still_waits_ends_with_studio(project: Path) -> None:
    session = Session(project)
    debugging = Debugging(session, InPlace(session))
    with subprocess.Popen(["sleep", "60"]) as waiting:
        debugging._process = waiting
        with TestClient(build(session, Pass.on(6789))):
            assert waiting.poll() is None
        assert waiting.wait(10) != 0


def test_a_missing_debugger_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(StudioError) as refused:
        need("no_such_debugger")
    assert (refused.value.status, refused.value.hint) == (400, "pip install no_such_debugger")
