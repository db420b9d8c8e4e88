"""A cloud with real identity, policies, secrets and host; logs and objects that remember."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import time
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from emulator import host as hosting
from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import Answer, Call, Cloud, Settings
from emulator.host.front import Host, Patience
from emulator.host.records import Revision, uri_of
from emulator.identity import Tokens
from emulator.keys import Keys
from emulator.operations import Board
from emulator.projects import KnownProjects
from emulator.services.secretmanager import SecretManager
from emulator.store import Store
from tests.emulator.hiring import hire

CALLER = "workflow@blocklift-local.iam.gserviceaccount.com"
ACCOUNT = "functions@blocklift-local.iam.gserviceaccount.com"
SERVICES = "projects/blocklift-local/locations/europe-west1/services"
HELLO = "def hello(request):\n    return 'hello'\n"


class Remembering:
    """Logs as a list, in the order in which they were written."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def write(self, entry: Mapping[str, Any]) -> None:
        self.entries.append(dict(entry))

    def of(self, log: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["logName"].endswith(f"%2F{log}")]

    def text(self, log: str = "stdout") -> str:
        return "\n".join(str(e.get("textPayload", e.get("jsonPayload"))) for e in self.of(log))


class Folder:
    """Cloud Storage as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, bucket: str, name: str) -> Path:
        path = self._folder / bucket / name
        if not path.exists():
            from emulator.errors import not_found

            raise not_found(name)
        return path

    def put_file(self, bucket: str, name: str, file: Path, content_type: str) -> dict[str, Any]:
        path = self._folder / bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, path)
        return {"bucket": bucket, "name": name, "contentType": content_type, "generation": "1"}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def cloud_at(data: Path) -> Cloud:
    settings = Settings(data=data)
    store = Store(data / "emulator.sqlite")
    clock, projects = RealClock(), KnownProjects(store, settings.project_id)
    cloud = Cloud(
        settings=settings,
        store=store,
        clock=clock,
        identity=Tokens(Keys(data / "keys"), clock, store),
        access=Policies(store, clock, projects),
        logs=Remembering(),
        objects=Folder(data / "objects"),
        operations=Board(store).desk,
        host=None,  # type: ignore[arg-type]  # set below: the host needs the cloud
        secrets=None,  # type: ignore[arg-type]  # likewise
        projects=projects,
        environment={"API_ENDPOINT_OVERRIDE": settings.url},
    )
    cloud.secrets = SecretManager(cloud)
    return cloud


class Place:
    """One emulator's host, and short words for what tests do with it."""

    def __init__(self, data: Path, patience: Patience | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.cloud = cloud_at(data)
        self.host: Host = hosting.make(self.cloud, patience)
        self.cloud.host = self.host

    @property
    def logs(self) -> Remembering:
        assert isinstance(self.cloud.logs, Remembering)
        return self.cloud.logs

    async def build(self, source: str | Mapping[str, str | bytes]) -> tuple[str, str]:
        files = {"main.py": source} if isinstance(source, str) else source
        archive = self.data / f"{time.monotonic_ns()}.zip"
        archive.write_bytes(zipped(files))
        built = await self.host.workshop.build(archive, {})
        return built.source, built.file

    async def deploy(
        self, name: str, source: str | Mapping[str, str | bytes], number: int = 1, **fields: Any
    ) -> str:
        """Full name of the service; `CALLER` may call it."""
        digest, file = await self.build(source)
        service = f"{SERVICES}/{name}"
        values = {"target": "hello", "account": ACCOUNT, **fields}
        revision = Revision(
            name=f"{name}-{number:05}-abc", service=service, source=digest, file=file, **values
        )
        await self.host.deploy(revision, {"name": service})
        self.grant(service, CALLER)
        return service

    def grant(self, service: str, account: str) -> None:
        binding = {"role": "roles/run.invoker", "members": [f"serviceAccount:{account}"]}
        hire(self.cloud.store, account)
        self.cloud.access.set_policy(service, {"bindings": [binding]})

    def token(self, service: str, account: str = CALLER) -> str:
        return f"Bearer {self.cloud.identity.id_token(account, uri_of(service))}"

    async def call(
        self,
        service: str,
        body: bytes = b"",
        path: str = "/",
        timeout: float = 1800,
        **headers: str,
    ) -> Answer:
        sent = {"authorization": self.token(service), **headers}
        return await self.host.call(service, Call("POST", path, sent, body), timeout)


@asynccontextmanager
async def open_place(data: Path, patience: Patience | None = None) -> AsyncIterator[Place]:
    made = Place(data, patience)
    try:
        yield made
    finally:
        await made.host.stop()
        made.cloud.store.close()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


Story = Callable[[Place], Awaitable[None]]


class Stage:
    """One place on one event loop, for story after story: starting a zygote takes its time."""

    def __init__(self, data: Path) -> None:
        self._loop = uvloop.new_event_loop()
        self._place = Place(data)

    def play(self, story: Story) -> None:
        self._loop.run_until_complete(self._play(story))

    async def _play(self, story: Story) -> None:
        try:
            await story(self._place)
        finally:
            for record in list(self._place.host.records.services()):
                await self._place.host.remove(record["name"])
            self._place.logs.entries.clear()

    def close(self) -> None:
        self._loop.run_until_complete(self._place.host.stop())
        self._place.cloud.store.close()
        self._loop.close()


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("stage") / "data")
    yield made
    made.close()


@pytest.fixture
def hosted(stage: Stage, tmp_path: Path) -> Callable[..., None]:
    """`hosted(story)` runs an async function of a `Place`; what it deploys is removed after it.

    With a `Patience`, or `alone`, the story has a place of its own.
    """

    async def tell(story: Story, patience: Patience | None) -> None:
        async with open_place(tmp_path / "data", patience) as place:
            await story(place)

    def play(story: Story, patience: Patience | None = None, alone: bool = False) -> None:
        if patience or alone:
            uvloop.run(tell(story, patience))
        else:
            stage.play(story)

    return play
