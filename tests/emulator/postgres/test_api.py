"""The emulator's own routes for its database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from emulator.cloud import Cloud, Service, Settings
from emulator.errors import ApiError
from emulator.postgres import service


class Parts:
    """The only part of the cloud that this service touches."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(data=data)


def made(data: Path) -> Service:
    return service(cast(Cloud, Parts(data)))


async def ask(made: Service, *calls: tuple[str, str]) -> list[dict[str, Any]]:
    app = Starlette(routes=made.routes)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
        try:
            return [
                (await client.request(method, f"/emulator/v1/postgres{path}")).json()
                for method, path in calls
            ]
        finally:
            assert made.stop is not None
            await made.stop()


def test_it_starts_when_asked_and_not_before(tmp_path: Path) -> None:
    calls = (("GET", ""), ("POST", ":start"), ("GET", ""), ("POST", ":stop"), ("GET", ""))
    before, started, during, stopped, after = asyncio.run(ask(made(tmp_path), *calls))
    assert before["state"] == "STOPPED"
    assert set(started) == {"host", "port", "dbname", "user", "password"}
    assert during["state"] == "RUNNING"
    assert during["port"] == started["port"]
    assert started["password"] not in str(during)
    assert stopped["state"] == after["state"] == "STOPPED"


def test_an_emulator_that_had_one_brings_it_up_again_by_itself(tmp_path: Path) -> None:
    async def restart() -> dict[str, Any]:
        await ask(made(tmp_path), ("POST", ":start"))
        again = made(tmp_path)
        assert again.start is not None
        await again.start()
        return (await ask(again, ("POST", ":start"), ("GET", "")))[-1]

    assert asyncio.run(restart())["state"] == "RUNNING"


def test_what_is_wrong_reaches_the_caller_as_googles_errors_do(tmp_path: Path) -> None:
    files = tmp_path / "postgres" / "cluster"
    files.mkdir(parents=True)
    (files / "PG_VERSION").write_text("9\n")
    with pytest.raises(ApiError, match="belongs to Postgres 9") as raised:
        asyncio.run(ask(made(tmp_path), ("POST", ":start")))
    assert raised.value.status == "FAILED_PRECONDITION"
