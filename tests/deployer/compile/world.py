"""A cloud of functions in which compiled definitions really run, in virtual time.

The definition runs on the emulator's machine of the Workflows language, with its limits; the
functions are small Python callables with a duration. No socket, no sleep.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deployer import naming
from deployer.compile import Definition, compile_pipeline
from deployer.model import Block, BlockId, Pipeline
from emulator.workflows.effects import (
    ConnectorCall,
    Effect,
    Failed,
    Failure,
    HttpCall,
    Log,
    Now,
    Outcome,
    Reply,
    Request,
    Sleep,
    SleepUntil,
    Succeeded,
)
from emulator.workflows.machine import execute
from emulator.workflows.parse import parse
from tests.deployer.making import project

Json = Any
NUMBER, REGION, BUCKET = "123456789012", "europe-west1", "runs"
START = 1_700_000_000.0
ENVIRONMENT = {
    "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": "execution-1",
    "GOOGLE_CLOUD_PROJECT_ID": "my-project",
    "GOOGLE_CLOUD_LOCATION": REGION,
    "GOOGLE_CLOUD_WORKFLOW_ID": "daily",
}
DONE = {"status": "done", "outputs": 1}
Answer = Json | Failure
"""The body of a 200; (code, body); or a Failure of the transport."""


@dataclass(frozen=True)
class Call:
    """One call of a function or job, as it arrived."""

    service: str
    request: dict[str, Json]
    start: float
    end: float


@dataclass
class World:
    """Functions by service name without the pipeline's prefix. What is not said answers done."""

    functions: Mapping[str, Callable[[dict[str, Json]], Answer]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    executions: Callable[[float], list[Json]] = lambda _: []
    """What the list of active executions holds at a time, the newest first."""
    cancelled: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    now: float = START
    seed: int = 0
    steps: int = 0

    def run(
        self,
        pipeline: Pipeline,
        argument: Json = None,
        weights: Mapping[BlockId, float] | None = None,
    ) -> Outcome:
        return self.run_text(definition(pipeline, weights).text, argument)

    def run_text(self, text: str, argument: Json = None) -> Outcome:
        machine = execute(parse(text), argument, ENVIRONMENT, seed=self.seed)
        waiting: list[tuple[float, int, Json]] = []
        reply: Reply | None = None
        while True:
            try:
                asked = machine.send(reply)
            except StopIteration as ended:
                return ended.value
            for request in asked.requests:
                when, value = self.perform(request)
                heapq.heappush(waiting, (when, request.id, value))
            reply = None
            if not asked.paused:
                when, number, value = heapq.heappop(waiting)
                self.now = max(self.now, when)
                reply = Reply(number, value)

    def perform(self, request: Request) -> tuple[float, Json]:
        effect: Effect = request.effect
        match effect:
            case Now():
                return self.now, self.now
            case Sleep(seconds=seconds):
                return self.now + seconds, None
            case SleepUntil(deadline=deadline):
                return deadline, None
            case Log():
                self.logs.append(effect)
                return self.now, None
            case HttpCall(url=url, body=body):
                return self.call(url, effect, json.loads(body))
            case ConnectorCall(method=method, arguments=arguments):
                return self.connector(method, arguments)
        raise AssertionError(f"nobody expected {effect}")

    def call(self, url: str, effect: HttpCall, body: Json) -> tuple[float, Json]:
        service = url.removeprefix("https://").removesuffix(f"-{NUMBER}.{REGION}.run.app")
        assert effect.auth is not None
        assert effect.auth["audience"] == url
        when, answer = self.answered(service, body, effect.timeout)
        if isinstance(answer, Failure):
            return when, answer
        code, value = answer if isinstance(answer, tuple) else (200, answer)
        return when, {"code": code, "headers": {}, "body": value}

    def connector(self, method: str, arguments: Mapping[str, Json]) -> tuple[float, Json]:
        if method.endswith(".workflows.executions.list"):
            assert arguments["parent"].endswith("/workflows/daily")
            assert arguments["filter"] == 'state="ACTIVE"'
            return self.now, {"executions": self.executions(self.now)}
        if method.endswith(".workflows.executions.cancel"):
            self.cancelled.append(arguments["name"].rpartition("/")[2])
            return self.now, {}
        assert method == "googleapis.run.v2.projects.locations.jobs.run"
        return self.job(arguments)

    def job(self, arguments: Mapping[str, Json]) -> tuple[float, Json]:
        overrides = arguments["body"]["overrides"]
        (variable,) = overrides["containerOverrides"][0]["env"]
        assert variable["name"] == "BLOCKLIFT_REQUEST"
        service = arguments["name"].rsplit("/", 1)[1]
        timeout = float(arguments["connector_params"]["timeout"])
        return self.answered(service, json.loads(variable["value"]), timeout)

    def answered(self, service: str, body: Json, timeout: float) -> tuple[float, Answer]:
        name = service.removeprefix("daily-").replace("-", "_")
        seconds = self.seconds.get(name, 1.0)
        answer = self.functions.get(name, lambda _: DONE)(body)
        if seconds > timeout:
            seconds, answer = timeout, Failure("request timed out", ("TimeoutError", "OSError"))
        self.calls.append(Call(name, body, self.now, self.now + seconds))
        return self.now + seconds, answer

    # --- what tests ask

    def names(self) -> list[str]:
        return [call.service for call in self.calls]

    def one(self, service: str) -> Call:
        (call,) = [call for call in self.calls if call.service == service]
        return call

    @property
    def took(self) -> float:
        return self.now - START


def url(pipeline: Pipeline) -> Callable[[Block], str]:
    return lambda b: naming.service_url(naming.function_id(pipeline, b), NUMBER, REGION)


def definition(
    pipeline: Pipeline, weights: Mapping[BlockId, float] | None = None, **more: Any
) -> Definition:
    return compile_pipeline(project(pipeline, **more), pipeline, url(pipeline), BUCKET, weights)


def result(outcome: Outcome) -> Json:
    assert isinstance(outcome, Succeeded), outcome
    return outcome.result


def error(outcome: Outcome) -> Json:
    """The error value of a failed run."""
    assert isinstance(outcome, Failed), outcome
    return json.loads(outcome.payload)


def failing(message: str, times: int = 1 << 30) -> Callable[[dict[str, Json]], Answer]:
    """A function that fails the first so many times."""
    left = [times]

    def function(request: dict[str, Json]) -> Answer:
        left[0] -= 1
        if left[0] < 0:
            return DONE
        return 500, {"error": {"block": "x", "kind": "exception", "message": message}}

    return function
