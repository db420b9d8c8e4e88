"""A cloud small enough for tests: everything in memory, time that moves when told.

Programs are Python generators (`Script`), so that the engine is tested without the language.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.routing import BaseRoute

from emulator.access import Policies
from emulator.cloud import OWNER, Answer, Call, Cloud, Principal, Settings
from emulator.drive.build import PART, build
from emulator.drive.engine import Engine, Quotas
from emulator.drive.language import Language
from emulator.drive.names import WorkflowName
from emulator.errors import ApiError
from emulator.operations import Board, OperationRoutes
from emulator.projects import KnownProjects
from emulator.store import Store
from emulator.wire import refusal
from emulator.workflows.effects import Effect, Outcome, Reply, Request, Succeeded, Yielded

Script = Generator[Yielded, Reply | None, Outcome]
PARENT = "projects/demo-project/locations/europe-west1"


def ask(number: int, effect: Effect, step: str = "step", routine: str = "main") -> Request:
    return Request(number, effect, step, routine)


def one(number: int, effect: Effect, step: str = "step") -> Generator[Yielded, Reply | None, Any]:
    """Ask for one thing and wait for it."""
    reply = yield Yielded((ask(number, effect, step),))
    assert reply is not None
    assert reply.id == number
    return reply.value


class MovableClock:
    """Time stands still until `move`."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0
        self._waits: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep_until(self, deadline: float) -> None:
        if deadline <= self._now:
            return
        event = asyncio.Event()
        heapq.heappush(self._waits, (deadline, id(event), event))
        await event.wait()

    async def move(self, seconds: float) -> None:
        """Everything that is due in the meantime happens at its time."""
        end = self._now + seconds
        await settle()
        while self._waits and self._waits[0][0] <= end:
            self._now, _, event = heapq.heappop(self._waits)
            event.set()
            await settle()
        self._now = end
        await settle()


async def settle() -> None:
    """Let everything that can run now run."""
    for _ in range(60):
        await asyncio.sleep(0)


class NamedTokens:
    """Tokens that say whose they are."""

    def __init__(self) -> None:
        self.made = 0

    def access_token(self, account: str) -> str:
        self.made += 1
        return f"access:{account}"

    def id_token(self, account: str, audience: str) -> str:
        self.made += 1
        return f"id:{account}:{audience}"

    def caller(self, authorization: str | None) -> Principal:
        if not authorization:
            return OWNER
        kind, _, account = authorization.removeprefix("Bearer ").partition(":")
        if kind != "access":
            raise ApiError("UNAUTHENTICATED", "not a token of ours")
        return Principal(account)

    def bearer_of_id_token(self, authorization: str | None, audience: str) -> Principal | None:
        return None


class KeptLogs:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def write(self, entry: Mapping[str, Any]) -> None:
        self.entries.append(dict(entry))


class FunctionsHere:
    """Deployed functions as Python callables, by host."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[[Call], Awaitable[Answer]]] = {}

    def service_of_host(self, host: str) -> str | None:
        return host if host in self.functions else None

    async def call(self, service: str, call: Call, timeout: float) -> Answer:
        return await self.functions[service](call)


class World:
    """One emulator's cloud and engine; `again()` is the same after a kill."""

    def __init__(
        self,
        folder: Path,
        scripts: Mapping[str, Callable[..., Script]] | None = None,
        quotas: Quotas | None = None,
        store: Store | None = None,
        language: Language | None = None,
    ) -> None:
        self.folder, self.scripts, self.quotas = folder, dict(scripts or {}), quotas
        self.language = language
        self.clock = MovableClock()
        self.tokens, self.logs, self.functions = NamedTokens(), KeptLogs(), FunctionsHere()
        self.store = store or Store(None)
        projects = KnownProjects(self.store, "demo-project")
        self.board = Board(self.store)
        nothing: Any = None
        self.cloud = Cloud(
            settings=Settings(folder, port=9999),
            store=self.store,
            clock=self.clock,
            identity=self.tokens,
            access=Policies(self.store, self.clock, projects),
            logs=self.logs,
            objects=nothing,
            operations=self.board.desk,
            host=self.functions,
            secrets=nothing,
            projects=projects,
        )
        self.engine: Engine = build(self.cloud, language or self.scripted(), quotas)
        self.cloud.parts[PART] = self.engine

    def scripted(self) -> Language:
        """A source is the name of a script, which gets the argument and the environment."""

        def parse(source: str, **_: Any) -> Any:
            return self.scripts[source]

        def execute(script: Any, argument: Any, environment: Any, **options: Any) -> Script:
            return script(argument, environment, options)

        return Language(parse, execute)

    def again(self) -> World:
        world = World(self.folder, self.scripts, self.quotas, self.store, self.language)
        world.clock._now = self.clock.now()
        world.functions.functions = self.functions.functions
        return world

    def deploy(self, source: str, name: str = "flow", **fields: Any) -> WorkflowName:
        workflow = WorkflowName("demo-project", "europe-west1", name)
        document = {"name": str(workflow), "revisionId": "000001-abc", "sourceContents": source}
        self.engine.definitions.save(workflow, {**document, **fields})
        return workflow

    def app(self, *routes: BaseRoute) -> Starlette:
        async def refuse(_: HttpRequest, error: Exception) -> Any:
            assert isinstance(error, ApiError)
            return refusal(error)

        app = Starlette(
            routes=[*routes, *OperationRoutes(self.board).routes()],
            exception_handlers={ApiError: refuse},
        )
        self.cloud.asgi = app
        return app


def finish(value: Any = None) -> Script:
    """A program that does nothing."""
    yield from ()
    return Succeeded(value)
