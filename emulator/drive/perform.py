"""Effect → answer, for one execution."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.drive import network
from emulator.drive.credentials import Credentials
from emulator.drive.http import decoded, prepare
from emulator.drive.logs import ExecutionLog
from emulator.drive.names import ExecutionName
from emulator.drive.network import NetworkError, Sender
from emulator.drive.run import Run
from emulator.errors import ApiError
from emulator.workflows.effects import (
    AwaitCallback,
    ConnectorCall,
    CreateCallback,
    Failure,
    HttpCall,
    Log,
    Now,
    Reply,
    Request,
    RunChild,
    Sleep,
    SleepUntil,
    Uuid,
)

Value = Any


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose effects these are."""

    name: ExecutionName
    account: str
    """E-mail of the workflow's service account."""
    url: str
    """Where this emulator answers: what callback URLs start with."""


class Caller(Protocol):
    """What performs the effects that are calls of Google's APIs."""

    async def __call__(self, subject: Subject, run: Run, request: Request) -> Value: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What all executions of one emulator use together."""

    network: Sender
    credentials: Credentials
    connectors: Caller
    children: Caller


class Performer:
    """The `Effects` of one execution."""

    def __init__(self, subject: Subject, shared: Shared, log: ExecutionLog) -> None:
        self._subject = subject
        self._shared = shared
        self._log = log

    # -- at once -------------------------------------------------------------------------------

    def at_once(self, run: Run, request: Request) -> Reply | None:
        act = AT_ONCE.get(type(request.effect))
        return Reply(request.id, act(self, run, request)) if act else None

    def now(self, run: Run, request: Request) -> float:
        return run.clock.now()

    def uuid(self, run: Run, request: Request) -> str:
        return str(uuid.uuid4())

    def log(self, run: Run, request: Request) -> None:
        assert isinstance(request.effect, Log)
        self._log.said(request.effect, request)

    def create_callback(self, run: Run, request: Request) -> dict[str, str]:
        assert isinstance(request.effect, CreateCallback)
        endpoint = run.callbacks.open(request.effect.method)
        return {"url": f"{self._subject.url}/v1/{self._subject.name}/callbacks/{endpoint.id}"}

    # -- later ---------------------------------------------------------------------------------

    async def later(self, run: Run, request: Request) -> Value:
        effect = request.effect
        match effect:
            case HttpCall():
                return await self.http(effect)
            case Sleep() | SleepUntil():
                return await run.clock.sleep_until(deadline(run, request))
            case AwaitCallback():
                return await run.callbacks.wait(effect.callback, run.clock, deadline(run, request))
            case ConnectorCall():
                return await self._shared.connectors(self._subject, run, request)
            case RunChild():
                return await self._shared.children(self._subject, run, request)
        raise AssertionError(f"nobody performs {type(effect).__name__}")

    async def http(self, call: HttpCall) -> Value:
        try:
            token = self._shared.credentials.authorization(self._subject.account, call)
        except ApiError as error:
            return Failure(f"failed to make credentials: {error.message}", ("AuthError",))
        try:
            answer = await self._shared.network.send(prepare(call, token), call.timeout)
        except NetworkError as error:
            return failure(error)
        return decoded(answer.code, answer.headers, answer.body)


AT_ONCE: dict[type, Callable[[Performer, Run, Request], Value]] = {
    Now: Performer.now,
    Uuid: Performer.uuid,
    Log: Performer.log,
    CreateCallback: Performer.create_callback,
}


def deadline(run: Run, request: Request) -> float:
    """When a wait ends: set when it began, and kept whatever happens to the emulator."""
    effect = request.effect
    if isinstance(effect, SleepUntil):
        return effect.deadline
    noted = run.noted(request)
    if noted is None:
        seconds = effect.seconds if isinstance(effect, Sleep) else _patience(effect)
        noted = run.clock.now() + seconds
        run.note(request, noted)
    return float(noted)


def _patience(effect: Value) -> float:
    assert isinstance(effect, AwaitCallback)
    return effect.timeout


def failure(error: NetworkError) -> Failure:
    """Workflows: "Workflow errors"."""
    match error:
        case network.SlowError():
            return Failure("request timed out", ("TimeoutError", "OSError"))
        case network.RefusedError():
            return Failure(f"connection failed: {error}", ("ConnectionFailedError",))
        case network.TooLargeError():
            return Failure("the HTTP response is larger than 2 MB", ("ResourceLimitError",))
    return Failure(f"connection broken: {error}", ("ConnectionError",))
