"""Every service that the emulator pretends to be, in one list, and how they are put together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from emulator import host, postgres
from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import Cloud, Service, Settings
from emulator.discovery.check import Checker
from emulator.front import Front
from emulator.identity import Tokens
from emulator.keys import Keys
from emulator.logbook import LogBook
from emulator.operations import Board, OperationRoutes
from emulator.projects import KnownProjects
from emulator.services import (
    control,
    functions,
    iam,
    iamcredentials,
    metadata,
    oauth,
    resourcemanager,
    run,
    secretmanager,
    serviceusage,
    storage,
)
from emulator.services import (
    logging as cloud_logging,
)
from emulator.services.secretmanager import SecretManager
from emulator.services.storage.shelf import Shelf
from emulator.store import Store

log = logging.getLogger(__name__)


def _named(module: str) -> Callable[[Cloud], Service]:
    """The service of a module that is imported when the app is built; an empty one, and a line
    in the log, when it cannot be.
    """

    def make(cloud: Cloud) -> Service:
        try:
            service: Service = import_module(module).service(cloud)
        except ImportError:
            log.exception("%s is not served", module)
            service = Service(module, [])
        return service

    return make


SERVICES: tuple[Callable[[Cloud], Service], ...] = (
    host.ingress,
    storage.service,
    functions.service,
    run.service,
    _named("emulator.services.workflows"),
    _named("emulator.services.executions"),
    secretmanager.service,
    cloud_logging.service,
    iam.service,
    iamcredentials.service,
    oauth.service,
    partial(metadata.service, account_of=host.account_of),
    resourcemanager.service,
    serviceusage.service,
    postgres.service,
    control.service,
)
"""In the order in which routes are tried, services start, and, backwards, stop."""


DESCRIBED = {
    "functions": "cloudfunctions.v2",
    "run": "run.v2",
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
        self._board = Board(store)
        self.cloud = _cloud(settings, store, self._board)
        self.services = [make(self.cloud) for make in SERVICES]
        for service in self.services:
            _check(service, settings.check_answers)
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


def _check(service: Service, raises: bool) -> None:
    if document := DESCRIBED.get(service.name):
        service.around = Checker(document, raises=raises).around
    elif raises and (document := LENIENT.get(service.name)):
        service.around = Checker(document, strict=False, raises=True).around
        service.mounts = {path: service.around(app) for path, app in service.mounts.items()}


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
        logs=LogBook(settings.data / "logs.sqlite", clock, settings.project_id),
        objects=Shelf(settings, access, clock),
        operations=board.desk,
        host=_Later(),
        secrets=_Later(),
        projects=projects,
        environment=environment(settings),
    )
    cloud.host = host.make(cloud)
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


class _Later:
    """Stands for a part that is made of the cloud itself, until the next line puts it there."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name} was asked for before the cloud was whole")
