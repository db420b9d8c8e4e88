"""The door and the routes that need no cloud, asked as a browser and as an attacker would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from studio.server.app import build
from studio.server.guard import Pass
from studio.server.session import Session

HOST = "http://127.0.0.1:6789"


@pytest.fixture
def door() -> Pass:
    return Pass.on(6789)


@pytest.fixture
def stranger(project: Path, door: Pass) -> Iterator[TestClient]:
    """A client without the session token."""
    with TestClient(build(Session(project), door), base_url=HOST) as client:
        yield client


@pytest.fixture
def browser(stranger: TestClient, door: Pass) -> TestClient:
    """A client that opened the start-up address."""
    answer = stranger.get(f"/?token={door.token}", follow_redirects=False)
    assert answer.status_code == 303
    assert "token" not in answer.headers["location"]
    return stranger


def test_without_the_start_up_address_nothing_is_told(stranger: TestClient) -> None:
    answer = stranger.get("/api/files")
    assert answer.status_code == 401
    assert "blocklift up" in answer.text


def test_a_wrong_token_opens_nothing(stranger: TestClient) -> None:
    assert stranger.get("/?token=guess").status_code == 401
    assert stranger.get("/api/files", headers={"x-studio-token": "guess"}).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_sites(stranger: TestClient, door: Pass) -> None:
    answer = stranger.get(f"/?token={door.token}", follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1:9999"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_sites_are_refused(browser: TestClient, headers: dict[str, str]) -> None:
    answer = browser.put("/api/files/data_loaders/load.py", headers=headers, json={})
    assert answer.status_code == 403


def test_a_body_that_is_too_large_is_refused(browser: TestClient) -> None:
    answer = browser.put("/api/files/x.py", content=b"x" * (9 * 1024 * 1024))
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/outside", ".env"])
def test_paths_out_of_the_project_are_refused(browser: TestClient, path: str) -> None:
    answer = browser.get(f"/api/files/{path}")
    assert answer.status_code in {400, 403, 404}
    assert "root:" not in answer.text
    assert "planted" not in answer.text


def test_every_answer_carries_the_policy(browser: TestClient) -> None:
    for path in ("/api/files", "/api/nowhere", "/api/pipelines/none"):
        policy = browser.get(path).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy


def edited(client: httpx.Client, text: str, version: str) -> httpx.Response:
    body = {"text": text, "version": version}
    return client.put("/api/files/data_loaders/load.py", json=body)


def test_two_tabs_on_one_file_lose_nothing(browser: TestClient) -> None:
    opened = browser.get("/api/files/data_loaders/load.py").json()
    assert edited(browser, "first\n", opened["version"]).status_code == 200
    refused = edited(browser, "second\n", opened["version"])
    assert refused.status_code == 409
    assert refused.json()["conflict"]["theirs"] == "first\n"
    assert refused.json()["conflict"]["yours"] == "second\n"


def test_script_in_a_name_stays_text(browser: TestClient) -> None:
    name = "<script>alert(1)</script>"
    answer = browser.post("/api/pipelines/trips/blocks", json={
        "name": name, "kind": "custom", "language": "python",
        "template": "custom/empty", "upstream": [],
    })  # fmt: skip
    assert answer.headers["content-type"] == "application/json"
    shown = {block["id"]: block["name"] for block in answer.json()["blocks"]}
    assert shown["script_alert_1_/script"] == name


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"nonsense": 1}'])
def test_a_body_that_makes_no_sense_is_a_clear_refusal(browser: TestClient, body: bytes) -> None:
    answer = browser.post("/api/pipelines/trips/blocks", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_pipeline_made_copied_and_deleted(browser: TestClient, project: Path) -> None:
    assert browser.post("/api/pipelines", json={"id": "New one"}).json()["id"] == "new_one"
    copied = browser.post("/api/pipelines", json={"id": "copy", "copy_of": "trips"}).json()
    assert [block["id"] for block in copied["blocks"]] == ["load", "clean"]
    assert browser.delete("/api/pipelines/copy").status_code == 200
    assert list((project / ".blocklift/trash").rglob("metadata.yaml"))


def test_a_shared_block_names_the_other_pipelines(browser: TestClient) -> None:
    browser.post("/api/pipelines", json={"id": "copy", "copy_of": "trips"})
    blocks = browser.get("/api/pipelines/trips").json()["blocks"]
    assert blocks[0]["shared_with"] == ["copy"]


def test_search_finds_blocks(browser: TestClient) -> None:
    found = browser.get("/api/search?q=clea").json()
    assert found == [{"kind": "block", "title": "clean", "path": "/pipelines/trips?block=clean"}]
