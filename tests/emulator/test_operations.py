from __future__ import annotations

import asyncio
import logging

import pytest

from emulator.errors import ApiError
from emulator.operations import Board
from emulator.store import Store

PARENT = "projects/p/locations/l"


@pytest.fixture
def store() -> Store:
    return Store(None)


@pytest.fixture
def board(store: Store) -> Board:
    return Board(store)


def test_done_at_once(board: Board) -> None:
    operation = board.desk("run").done(PARENT, {"a": 1}, {"b": 2})
    assert operation["name"].startswith(f"{PARENT}/operations/run-")
    assert operation["done"]
    assert board.get(operation["name"]) == operation


def test_work_reports_while_it_goes_on_and_gives_its_answer(board: Board) -> None:
    async def story() -> None:
        go_on = asyncio.Event()

        async def work(metadata):
            metadata["stage"] = "BUILD"
            await go_on.wait()
            return {"done": "well"}

        operation = board.desk("functions").start(PARENT, {"stage": ""}, work)
        assert operation["done"] is False
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert board.get(operation["name"])["metadata"] == {"stage": "BUILD"}
        go_on.set()
        ended = await board.wait(operation["name"], 5)
        assert (ended["done"], ended["response"]) == (True, {"done": "well"})

    asyncio.run(story())


def test_a_refusal_is_the_operations_error(board: Board) -> None:
    async def work(_):
        raise ApiError("FAILED_PRECONDITION", "Build failed")

    async def story():
        operation = board.desk("functions").start(PARENT, {}, work)
        return await board.wait(operation["name"], 5)

    assert asyncio.run(story())["error"] == {"code": 9, "message": "Build failed"}


def test_a_mistake_of_ours_is_told_without_its_traceback(board: Board, caplog) -> None:
    async def work(_):
        raise ZeroDivisionError("secret detail")

    async def story():
        operation = board.desk("functions").start(PARENT, {}, work)
        return await board.wait(operation["name"], 5)

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(story())["error"]["code"] == 13
    assert "secret detail" in caplog.text


def test_what_a_killed_emulator_left_is_given_up(store: Store) -> None:
    store.put("operation", f"{PARENT}/operations/x-1", {"name": "x-1", "done": False})
    board = Board(store)
    asyncio.run(board.start())
    assert "restart" in store.get("operation", "x-1")["error"]["message"]


def test_stop_ends_what_runs(board: Board) -> None:
    async def story() -> None:
        async def forever(_):
            await asyncio.Event().wait()

        board.desk("x").start(PARENT, {}, forever)
        await asyncio.sleep(0)
        await asyncio.wait_for(board.stop(), 5)

    asyncio.run(story())


def test_over_the_wire(emulator) -> None:
    made = emulator.post("/v1/projects/blocklift-local/services/run.googleapis.com:enable").json
    assert made["done"]
    assert emulator.get(f"/v1/{made['name']}").json == made
    assert made in emulator.get("/v1/projects/blocklift-local/operations").json["operations"]
    assert emulator.call("DELETE", f"/v1/{made['name']}").code == 200
    missing = emulator.get(f"/v2/{made['name']}")
    assert (missing.code, missing.json["error"]["status"]) == (404, "NOT_FOUND")
