from __future__ import annotations

import json
import socket
from pathlib import Path

from studio.server.debugging import free_port, launch


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
