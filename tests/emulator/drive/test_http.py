"""Requests and answers of http.*, as Workflows makes and reads them."""

import pytest

from emulator.drive.http import USER_AGENT, canonical, content, decoded, prepare, with_query
from emulator.workflows.effects import HttpCall

URL = "https://Api.Example.com:8443/a?x=1#top"


def test_a_query_is_added_to_the_one_in_the_url() -> None:
    query = {"y": [1, 2.5, True], "name": "a b&c", "é": "/"}
    assert with_query(URL, query) == (
        "https://Api.Example.com:8443/a?x=1&y=1&y=2.5&y=true&name=a%20b%26c&%C3%A9=%2F#top"
    )
    assert with_query("http://h/", {}) == "http://h/"


def test_workflows_names_itself_after_the_caller() -> None:
    plain = prepare(HttpCall("GET", URL))
    assert plain.headers["User-Agent"] == USER_AGENT
    assert plain.host == "api.example.com"
    named = prepare(HttpCall("GET", URL, headers={"user-agent": "me/1"}), "Bearer t")
    assert named.headers["user-agent"] == f"me/1 {USER_AGENT}"
    assert named.headers["Authorization"] == "Bearer t"


def test_header_names_come_back_in_their_canonical_form() -> None:
    headers = [("content-type", "text/plain"), ("x-a", "1"), ("X-A", "2"), ("ETAG", "e")]
    answer = decoded(201, headers, b"hi")
    assert answer == {
        "body": "hi",
        "code": 201,
        "headers": {"Content-Type": "text/plain", "X-A": "1, 2", "Etag": "e"},
    }
    assert canonical("www-authenticate") == "Www-Authenticate"


@pytest.mark.parametrize(
    ("content_type", "body", "value"),
    [
        ("application/json", b'{"a": [1, 1.0]}', {"a": [1, 1.0]}),
        ("application/json; charset=utf-8", b" ", None),
        ("Application/JSON", b"{oops", "{oops"),
        ("application/json", b"[9223372036854775807]", [9223372036854775807]),
        ("application/json", b"[9223372036854775808]", [9223372036854775808.0]),
        ("text/html; charset=latin-1", "é".encode("latin-1"), "é"),
        ("text/plain", b"\xff\xfe", b"\xff\xfe"),
        ("application/problem+json", b'{"a":1}', '{"a":1}'),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/octet-stream", b"abc", b"abc"),
        ("image/png", b"\x89PNG", b"\x89PNG"),
        ("", b"abc", "abc"),
        ("", b"", ""),
    ],
)
def test_a_body_is_what_its_type_says(content_type: str, body: bytes, value: object) -> None:
    found = content(content_type, body)
    assert found == value
    assert type(found) is type(value)
