"""What time does to secrets, on a clock that moves when told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import OWNER
from emulator.errors import ApiError
from emulator.services.secretmanager import SecretManager
from tests.emulator.drive.world import World

PARENT = "projects/demo-project"
DAY = 24 * 3600.0


class Stage:
    """A secret whose versions are destroyed two days after somebody says so."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.manager = SecretManager(self.world.cloud)
        self.name = f"{PARENT}/secrets/s"

    async def secret(self, **fields: Any) -> None:
        given = {"replication": {"automatic": {}}, **fields}
        await self.manager.create(OWNER, {"parent": PARENT, "secretId": "s", "secret": given})

    async def version(self) -> str:
        request = {"parent": self.name, "payload": {"data": "eA=="}}
        made = await self.manager.add_version(OWNER, request)
        return str(made["name"])

    async def state(self, version: str) -> str:
        return str((await self.manager.get_version(OWNER, {"name": version}))["state"])


def story(tell: Callable[[Stage], Awaitable[None]], folder: Path) -> None:
    asyncio.run(_told(tell(Stage(folder))))


async def _told(telling: Awaitable[None]) -> None:
    await telling


def test_a_version_is_destroyed_when_its_time_has_come(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> None:
        await stage.secret(versionDestroyTtl="172800s")
        first, second = await stage.version(), await stage.version()
        ended = await stage.manager.destroy(OWNER, {"name": first})
        assert (ended["state"], ended["scheduledDestroyTime"][:10]) == ("DISABLED", "2023-11-16")
        await stage.world.clock.move(2 * DAY - 1)
        assert await stage.state(first) == "DISABLED"
        await stage.world.clock.move(1)
        gone = await stage.manager.get_version(OWNER, {"name": first})
        assert (gone["state"], gone["destroyTime"][:10]) == ("DESTROYED", "2023-11-16")
        assert "scheduledDestroyTime" not in gone
        assert await stage.state(second) == "ENABLED"
        for again in (stage.manager.enable, stage.manager.access):
            with pytest.raises(ApiError, match="DESTROYED"):
                await again(OWNER, {"name": first})

    story(tell, tmp_path)


def test_who_enables_it_in_time_keeps_it(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> None:
        await stage.secret(versionDestroyTtl="172800s")
        version = await stage.version()
        await stage.manager.destroy(OWNER, {"name": version})
        await stage.world.clock.move(DAY)
        await stage.manager.enable(OWNER, {"name": version})
        await stage.world.clock.move(9 * DAY)
        assert (await stage.manager.access(OWNER, {"name": version}))["payload"]["data"] == "eA=="

    story(tell, tmp_path)


def test_a_list_shows_what_time_has_done(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> None:
        await stage.secret(versionDestroyTtl="172800s")
        await stage.manager.destroy(OWNER, {"name": await stage.version()})
        await stage.world.clock.move(3 * DAY)
        listed = await stage.manager.list_versions(OWNER, {"parent": stage.name})
        assert [version["state"] for version in listed["versions"]] == ["DESTROYED"]

    story(tell, tmp_path)


def test_a_secret_goes_with_its_versions_when_it_expires(tmp_path: Path) -> None:
    async def tell(stage: Stage) -> None:
        await stage.secret(ttl="3600s")
        version = await stage.version()
        await stage.world.clock.move(3599)
        assert await stage.state(version) == "ENABLED"
        await stage.world.clock.move(1)
        with pytest.raises(ApiError, match="not found"):
            await stage.manager.get_version(OWNER, {"name": version})
        await stage.secret()
        assert (await stage.version()).endswith("/versions/1")

    story(tell, tmp_path)
