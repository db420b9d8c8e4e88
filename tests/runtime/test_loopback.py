from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from runtime.loopback import Ask, ask_all

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Said: so\r\n\r\nok"


class Server:
    """Answers one prepared text per request; each connection in a thread of its own."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        threads = []
        while True:
            wire, _ = self._listening.accept()
            if self.url == "":
                wire.close()
                break
            self.connections += 1
            self._open.append(wire)
            threads.append(threading.Thread(target=self._serve, args=(wire,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def _serve(self, wire: socket.socket) -> None:
        with wire:
            while request := wire.recv(65536):
                self.requests.append(request)
                answer = self.answers.pop(0) if self.answers else b""
                if not answer:
                    return
                wire.sendall(answer)
                if b"Length: 9" in answer:
                    return

    def close(self) -> None:
        where = self._listening.getsockname()
        self.url = ""
        for wire in self._open:
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:  # gone already
                continue
        socket.create_connection(where).close()
        self._thread.join()
        self._listening.close()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(request.param)
    yield made
    made.close()


@pytest.mark.parametrize("server", [[OK, OK]], indirect=True)
def test_a_connection_is_kept_and_used_again(server: Server) -> None:
    for _ in range(2):
        [reply] = ask_all([Ask("POST", f"{server.url}/a?b=c", {"X-Mine": "1"}, b"body")])
        assert reply is not None
        assert (reply.status, reply.data, reply.headers["x-said"]) == (200, b"ok", "so")
    assert server.connections == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert b"X-Mine: 1" in head and b"Content-Length: 4" in head
    assert body == b"body"


@pytest.mark.parametrize("server", [[OK, OK, OK]], indirect=True)
def test_several_are_under_way_at_once(server: Server) -> None:
    replies = ask_all([Ask("GET", f"{server.url}/{n}", {}) for n in range(3)])
    assert [reply.status for reply in replies if reply] == [200, 200, 200]
    assert server.connections == 3


UNUSUAL = {
    "broken off": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
    "no answer": b"",
    "of unknown length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "of another time": b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "nonsense": b"\r\n",
}


@pytest.mark.parametrize("server", [[text] for text in UNUSUAL.values()], indirect=True)
def test_what_is_no_whole_ordinary_answer_is_left_to_others(server: Server) -> None:
    assert ask_all([Ask("GET", f"{server.url}/", {})]) == [None]


@pytest.mark.parametrize("server", [[OK]], indirect=True)
@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/ä"])
def test_an_address_that_would_break_the_request_is_not_sent(server: Server, path: str) -> None:
    assert ask_all([Ask("GET", server.url + path, {})]) == [None]
    assert server.requests == []


def test_where_nobody_listens_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert ask_all([Ask("GET", f"http://127.0.0.1:{port}/", {})]) == [None]


def test_encrypted_connections_are_not_its_business() -> None:
    assert ask_all([Ask("GET", "https://127.0.0.1:1/", {})]) == [None]
