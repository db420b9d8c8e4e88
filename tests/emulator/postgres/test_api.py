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
from emulator.postgres.external import NotUsable, keep


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


def test_a_server_of_somebody_elses(tmp_path: Path) -> None:
    """The embedded one of another emulator is as good as any."""

    async def story() -> list[dict[str, Any]]:
        theirs, ours = made(tmp_path / "theirs"), made(tmp_path / "ours")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=[*theirs.routes])), base_url="http://a"
        ) as there:
            known = (await there.post("/emulator/v1/postgres:start")).json()
            url = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**known)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(Starlette(routes=[*ours.routes])),
                base_url="http://b",
            ) as here:
                try:
                    used = await here.post("/emulator/v1/postgres:use", json={"url": url})
                    started = await here.post("/emulator/v1/postgres:start")
                    schema = await here.post("/emulator/v1/postgres:schema", json={})
                    dropped = await here.post(
                        "/emulator/v1/postgres:dropSchema", json={"schema": schema.json()["schema"]}
                    )
                    with pytest.raises(ApiError) as refused:
                        await here.post(
                            "/emulator/v1/postgres:use",
                            json={"url": url.replace(known["password"], "wrong-7461")},
                        )
                finally:
                    assert theirs.stop and ours.stop
                    await ours.stop()
                    await theirs.stop()
        assert refused.value.status == "FAILED_PRECONDITION"
        assert "wrong-7461" not in str(refused.value)
        assert known["password"] not in used.text
        return [known, used.json(), started.json(), schema.json(), dropped.json()]

    known, used, started, schema, dropped = asyncio.run(story())
    assert (used["state"], used["port"]) == ("EXTERNAL", known["port"])
    assert started == known
    assert schema["schema"].startswith("test_")
    assert dropped == {"schema": schema["schema"]}
    assert (tmp_path / "ours" / "postgres.url").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "ours" / "postgres").exists()


@pytest.mark.parametrize(
    "url", ["", "mysql://u:secret-1@h/d", "postgresql://u:secret-1@h:x/d", "postgresql://h/d"]
)
def test_what_is_no_url_of_a_postgres(tmp_path: Path, url: str) -> None:
    with pytest.raises(NotUsable, match="not the URL") as refused:
        keep(tmp_path, url)
    assert "secret-1" not in str(refused.value)


def test_options_of_a_url_are_not_dropped_in_silence(tmp_path: Path) -> None:
    with pytest.raises(NotUsable, match="sslmode"):
        keep(tmp_path, "postgresql://u:p@h/d?sslmode=require")
