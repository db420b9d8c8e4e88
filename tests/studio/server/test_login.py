"""A shared Studio, opened over the network by who knows the password and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.server.__main__ import door_of
from studio.server.app import build
from studio.server.guard import Pass
from studio.server.login import Login
from studio.server.password import FREE_GUESSES, Guesses, Hashed
from studio.server.session import Session

HOST = "http://192.0.2.7:6789"
PAGE = {"accept": "text/html"}


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(clock: Clock) -> Pass:
    return door_of("192.0.2.7", 6789, Login(Hashed.of("correct horse"), Guesses(clock)))


@pytest.fixture
def visitor(project: Path, door: Pass) -> Iterator[TestClient]:
    with TestClient(build(Session(project), door), base_url=HOST, follow_redirects=False) as client:
        yield client


def guess(visitor: TestClient, password: str) -> int:
    return visitor.post("/login", data={"password": password}).status_code


def test_the_right_password_opens_studio(visitor: TestClient) -> None:
    assert visitor.get("/api/files").status_code == 401
    answer = visitor.post("/login", data={"password": "correct horse"})
    assert answer.status_code == 303
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert visitor.get("/api/files").status_code == 200


def test_a_page_leads_to_the_log_in_and_that_runs_no_script(visitor: TestClient) -> None:
    assert visitor.get("/pipelines", headers=PAGE).headers["location"] == "/login"
    answer = visitor.get("/login", headers=PAGE)
    assert "Password" in answer.text
    assert "script" not in answer.headers["content-security-policy"]
    assert "form-action 'self'" in answer.headers["content-security-policy"]


def test_guessing_is_slowed_down_even_for_the_right_one(visitor: TestClient, clock: Clock) -> None:
    assert [guess(visitor, f"guess {n}") for n in range(FREE_GUESSES)] == [403] * FREE_GUESSES
    assert guess(visitor, "correct horse") == 429
    clock.time += 16 * 60
    assert guess(visitor, "correct horse") == 303


def test_many_addresses_gain_nothing(clock: Clock) -> None:
    guesses = Guesses(clock)
    for number in range(60):
        guesses.wrong(f"192.0.2.{number}")
    assert guesses.too_many("192.0.2.200")


def test_another_sites_form_cannot_log_in(visitor: TestClient) -> None:
    answer = visitor.post(
        "/login", data={"password": "correct horse"}, headers={"origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"password=", b"x" * 9000, b"\xff\xfe"])
def test_nonsense_is_a_wrong_password(visitor: TestClient, body: bytes) -> None:
    assert visitor.post("/login", content=body).status_code == 403


def test_the_password_is_not_kept() -> None:
    hashed = Hashed.of("correct horse")
    assert "correct" not in repr(hashed)
    assert Hashed.of("correct horse").digest != hashed.digest


def test_on_all_addresses_only_literal_ones_are_names_of_this_machine() -> None:
    door = door_of("0.0.0.0", 6789, Login(Hashed.of("correct horse")))
    assert door.admits("192.0.2.9:6789")
    assert door.admits("[::1]:6789")
    assert not door.admits("rebound.example:6789")
    assert not door.admits("192.0.2.9:80")


def test_a_studio_that_is_not_shared_has_no_log_in(project: Path) -> None:
    with TestClient(build(Session(project), Pass.on(6789)), base_url="http://127.0.0.1:6789") as c:
        assert c.get("/login", headers=PAGE).status_code == 401
