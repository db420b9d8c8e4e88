"""`source: api` against a web server that remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from runtime.errors import SettingsProblem
from runtime.languages.errors import ApiError
from runtime.languages.yaml_api import Source, dug, rows_of
from tests.runtime.project import Project


class Web(HTTPServer):
    """Answers by path; the last request is kept."""

    answers: dict[str, tuple[int, str, bytes]]
    asked: dict[str, Any]


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked = {
            "verb": self.command, "path": self.path, "body": body, "headers": dict(self.headers),
        }  # fmt: skip
        status, kind, data = self.server.answers[self.path.partition("?")[0]]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web(("127.0.0.1", 0), _Handler)
    server.answers = {
        "/rows": (200, "application/json", json.dumps({"data": [{"a": 1}, {"a": 2}]}).encode()),
        "/file": (200, "text/csv", b"a;b\n1;x\n2;y\n"),
        "/gone": (404, "text/plain", b"no such thing"),
    }
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def load(project: Project, web: Web, text: str, **facts: Any) -> None:
    text = text.replace("URL", f"http://127.0.0.1:{web.server_address[1]}")
    project.block("load", text, language="yaml", **facts)
    project.call("load")


def test_json_rows_become_a_table(project: Project, web: Web) -> None:
    text = """
    source: api
    config:
      url: URL/rows?page=1
      query: {city: "{{ variables('city') }}"}
      headers: {X-Key: secret}
      response_parser: data
    """
    load(project, web, text, variables={"city": "São Paulo"})
    assert project.received("load")["a"].tolist() == [1, 2]
    assert web.asked["path"] == "/rows?page=1&city=S%C3%A3o+Paulo"
    assert web.asked["headers"]["X-Key"] == "secret"


def test_a_payload_is_sent_as_a_form(project: Project, web: Web) -> None:
    text = "source: api\nconfig: {url: URL/rows, method: POST, payload: {a: 1}}\n"
    load(project, web, text)
    assert (web.asked["verb"], web.asked["body"]) == ("POST", b"a=1")


@pytest.mark.parametrize(
    ("more", "columns"),
    [("has_header: true", {"a": [1, 2], "b": ["x", "y"]}),
     ("has_header: false", {"column_1": ["a", "1", "2"], "column_2": ["b", "x", "y"]})],
)  # fmt: skip
def test_csv_becomes_a_table(
    project: Project, web: Web, more: str, columns: dict[str, list[Any]]
) -> None:
    text = f"source: api\nconfig:\n  url: URL/file\n  separator: ';'\n  {more}\n"
    load(project, web, text)
    assert project.received("load").to_dict("list") == columns


def test_what_the_web_refuses_is_said_without_the_query(project: Project, web: Web) -> None:
    with pytest.raises(ApiError, match=r"^127.0.0.1 answered 404: no such thing$"):
        load(project, web, "source: api\nconfig: {url: 'URL/gone?key=abc'}\n")


def test_a_block_without_an_address_is_told_so(project: Project, web: Web) -> None:
    with pytest.raises(SettingsProblem, match="needs config"):
        load(project, web, "source: api\nconfig: {}\n")
    with pytest.raises(SettingsProblem, match="no web address"):
        load(project, web, "source: api\nconfig: {url: 'file:///etc/passwd'}\n")


@pytest.mark.parametrize(
    ("answer", "rows"),
    [([], []),
     ({"a": 1}, [{"a": 1}]),
     ([1, 2], [{"col0": 1}, {"col0": 2}]),
     ([[1], [2, 3]], [{"col0": 1, "col1": None}, {"col0": 2, "col1": 3}])],
)  # fmt: skip
def test_rows_of_other_answers(answer: Any, rows: list[dict[str, Any]]) -> None:
    assert rows_of(Source("http://x"), answer) == rows


def test_columns_name_what_lists_hold() -> None:
    assert rows_of(Source("http://x", columns=("a", "b")), [[1, 2, 3]]) == [{"a": 1, "b": 2}]


def test_a_path_leads_into_the_answer() -> None:
    assert dug({"r": [{"x": 3}]}, "r[0].x") == 3
    with pytest.raises(ApiError, match="nothing at 'y'"):
        dug({"x": 1}, "y.z")
