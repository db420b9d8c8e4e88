"""Every service that the emulator pretends to be, in one list, and how they are put together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from emulator import host
from emulator.access import Policies
from emulator.clock import RealClock, VirtualClock, unix
from emulator.cloud import Clock, Cloud, Service, Settings
from emulator.discovery.check import Checker
from emulator.front import Front
from emulator.identity import Tokens
from emulator.keys import Keys
from emulator.logbook import LogBook
from emulator.operations import Board, OperationRoutes
from emulator.projects import KnownProjects
from emulator.services import (
    control,
    iam,
    iamcredentials,
    metadata,
    oauth,
    resourcemanager,
    secretmanager,
    serviceusage,
    storage,
)
from emulator.services import (
    logging as cloud_logging,
)
from emulator.services.secretmanager import SecretManager
from emulator.services.storage.shelf import Shelf
from emulator.simulate import Simulation
from emulator.store import Store

log = logging.getLogger(__name__)


EARLY: tuple[Callable[[Cloud], Service], ...] = (
    storage.service,
    secretmanager.service,
    cloud_logging.service,
    iam.service,
    iamcredentials.service,
    oauth.service,
    partial(metadata.service, account_of=host.account_of),
    resourcemanager.service,
    serviceusage.service,
    control.service,
)
"""Quick to import: they are there with the first answer."""
FIRST = "emulator.services.workflows"
"""What a deploy asks for before anything else; it needs no other late one to answer."""
LATE = (
    "emulator.services.functions",
    "emulator.services.run",
    "emulator.services.runjobs",
    "emulator.services.runjobs.v1",
    "emulator.services.executions",
    "emulator.services.scheduler",
    "emulator.services.pubsub",
    "emulator.services.eventarc",
    "emulator.services.bigquery",
    "emulator.postgres",
    "emulator.proxy",
)
"""Modules that bring compilers and builders along: imported beside the first answers, which wait
for them only if they need them. Their routes are tried before the others.
"""
DESCRIBED = {
    "functions": "cloudfunctions.v2",
    "run": "run.v2",
    "run-jobs": "run.v2",
    "run-v1": "run.v1",
    "workflows": "workflows.v1",
    "executions": "workflowexecutions.v1",
    "secretmanager": "secretmanager.v1",
    "iam": "iam.v1",
    "iamcredentials": "iamcredentials.v1",
    "resourcemanager": "cloudresourcemanager.v3",
    "serviceusage": "serviceusage.v1",
    "logging": "logging.v2",
    "scheduler": "cloudscheduler.v1",
    "eventarc": "eventarc.v1",
    "pubsub": "pubsub.v1",
}
"""Services whose requests and answers are checked, and against which of Google's documents."""
LENIENT = {"storage": "storage.v1", "bigquery": "bigquery.v2"}
"""Older APIs that ignore what they do not know: only answers are checked, and only in tests."""


class App:
    """One emulator, ready to be served: start it, serve `cloud.asgi`, stop it."""

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(settings.data / "emulator.sqlite")
        self.ending = False
        """Whoever stops it while it still starts need not wait for all imports."""
        self._board = Board(store)
        self.cloud = _cloud(settings, store, self._board)
        self.services = [self._checked(make(self.cloud)) for make in EARLY]
        self.services.append(Service("operations", OperationRoutes(self._board).routes()))
        projects = self.cloud.projects
        assert isinstance(projects, KnownProjects)
        self._front = Front(self.services, projects, settings.allowed_hosts)
        simulation = Simulation.of(settings.simulate)
        self.cloud.parts["simulation"] = simulation
        self.cloud.asgi = simulation.around(self._front) if simulation else self._front

    async def start(self) -> None:
        await self.start_early()
        await self.start_late()

    async def start_early(self) -> None:
        await self._board.start()
        await _start(self.services)

    async def start_late(self) -> None:
        """Import, make and start the rest; whoever asked for it in the meantime goes on now."""
        first = await self._late(FIRST)
        made = [first] if first else []
        self._front.serve([*made, *self.services], complete=False)
        await asyncio.to_thread(import_module, "emulator.host.doors")
        made.insert(0, host.ingress(self.with_host()))
        for module in LATE:
            if self.ending:
                return
            made += [service] if (service := await self._late(module)) else []
        self.services[:0] = made
        self._front.serve(self.services, complete=True)
        self.cloud.parts["complete"] = True
        await _start(made)

    def with_host(self) -> Cloud:
        """The cloud with what runs deployed functions, made when first asked for."""
        if isinstance(self.cloud.host, _Later):
            self.cloud.host = host.make(self.cloud)
        return self.cloud

    async def _late(self, module: str) -> Service | None:
        """None, and a line in the log, for one that cannot be imported: the others stay up."""
        try:
            imported = await asyncio.to_thread(import_module, module)
        except ImportError:
            log.exception("%s is not served", module)
            return None
        return self._checked(imported.service(self.cloud))

    async def stop(self) -> None:
        for service in reversed(self.services):
            if service.stop:
                await service.stop()
        await self._board.stop()
        self.cloud.store.close()

    def _checked(self, service: Service) -> Service:
        raises = self.cloud.settings.check_answers
        if document := DESCRIBED.get(service.name):
            service.around = Checker(document, raises=raises).around
        elif raises and (document := LENIENT.get(service.name)):
            service.around = Checker(document, strict=False, raises=True).around
            service.mounts = {path: service.around(app) for path, app in service.mounts.items()}
        return service


async def _start(services: Sequence[Service]) -> None:
    for service in services:
        if service.start:
            await service.start()


def build(settings: Settings) -> App:
    """For who wants all parts in place before anything is started."""
    app = App(settings)
    app.with_host()
    return app


def _cloud(settings: Settings, store: Store, board: Board) -> Cloud:
    clock = clock_of(settings, store)
    projects = KnownProjects(store, settings.project_id)
    access = Policies(store, clock, projects)
    cloud = Cloud(
        settings=settings,
        store=store,
        clock=clock,
        identity=Tokens(Keys(settings.data / "keys"), clock, store),
        access=access,
        logs=LogBook(settings.data / "logs.sqlite", clock, settings.project_id),
        objects=Shelf(settings, access, clock),
        operations=board.desk,
        host=_Later(),
        secrets=_Later(),
        projects=projects,
        environment=environment(settings),
    )
    cloud.secrets = SecretManager(cloud)
    return cloud


def clock_of(settings: Settings, store: Store) -> Clock:
    """Virtual time goes on where it stood."""
    if not settings.clock:
        return RealClock()
    begin = time.time() if settings.clock == "virtual" else unix(settings.clock)
    stood = (store.get("clock", "now") or {}).get("time", begin)
    return VirtualClock(max(begin, stood), lambda now: store.put("clock", "now", {"time": now}))


def environment(settings: Settings) -> dict[str, str]:
    """What points Google's clients at this emulator, in a function or in a user's shell."""
    return {
        "API_ENDPOINT_OVERRIDE": settings.url,
        "BIGQUERY_EMULATOR_HOST": settings.url,
        "CLOUD_STORAGE_EMULATOR_ENDPOINT": settings.url,
        "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }


class _Later:
    """Stands for a part that is made of the cloud itself, until it is there."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name} was asked for before the cloud was whole")
