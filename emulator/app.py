"""Every service that the emulator pretends to be, in one list, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator import postgres
from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import Cloud, Service, Settings
from emulator.errors import ApiError
from emulator.front import Front
from emulator.identity import Tokens
from emulator.keys import Keys
from emulator.operations import Board, OperationRoutes
from emulator.projects import KnownProjects
from emulator.services import control, secretmanager, storage
from emulator.services.secretmanager import SecretManager
from emulator.services.storage.shelf import Shelf
from emulator.store import Store

SERVICES: tuple[Callable[[Cloud], Service], ...] = (
    storage.service,
    control.service,
    postgres.service,
    secretmanager.service,
)


class App:
    """One emulator, ready to be served: start it, serve `cloud.asgi`, stop it."""

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(settings.data / "emulator.sqlite")
        self._board = Board(store)
        self.cloud = _cloud(settings, store, self._board)
        self.services = [make(self.cloud) for make in SERVICES]
        self.services.append(Service("operations", OperationRoutes(self._board).routes()))
        projects = self.cloud.projects
        assert isinstance(projects, KnownProjects)
        self.cloud.asgi = Front(self.services, projects, settings.allowed_hosts)

    async def start(self) -> None:
        await self._board.start()
        for service in self.services:
            if service.start:
                await service.start()

    async def stop(self) -> None:
        for service in reversed(self.services):
            if service.stop:
                await service.stop()
        await self._board.stop()
        self.cloud.store.close()


def build(settings: Settings) -> App:
    return App(settings)


def _cloud(settings: Settings, store: Store, board: Board) -> Cloud:
    clock = RealClock()
    projects = KnownProjects(store, settings.project_id)
    access = Policies(store, clock, projects)
    cloud = Cloud(
        settings=settings,
        store=store,
        clock=clock,
        identity=Tokens(Keys(settings.data / "keys"), clock, store),
        access=access,
        logs=_Nothing(),
        objects=Shelf(settings, access, clock),
        operations=board.desk,
        host=_Nothing(),
        secrets=_Nothing(),
        projects=projects,
        environment=environment(settings),
    )
    cloud.secrets = SecretManager(cloud)
    return cloud


def environment(settings: Settings) -> dict[str, str]:
    """What points Google's clients at this emulator, in a function or in a user's shell."""
    return {
        "API_ENDPOINT_OVERRIDE": settings.url,
        "BIGQUERY_EMULATOR_HOST": settings.url,
        "CLOUD_STORAGE_EMULATOR_ENDPOINT": settings.url,
        "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }


class _Nothing:
    """Stands where a part is not there yet."""

    def __getattr__(self, name: str) -> Any:
        raise ApiError("UNIMPLEMENTED", f"{name} is not served yet")
