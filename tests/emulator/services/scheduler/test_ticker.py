"""Ticks, retries and restarts on a clock that moves when told."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from emulator.cloud import Answer, Call
from emulator.services import executions, pubsub, scheduler
from tests.emulator.drive.world import World, finish, settle
from tests.emulator.hiring import hire

JOBS = "/v1/projects/demo-project/locations/europe-west1/jobs"
pytestmark = pytest.mark.anyio
HOST = "hello-123.europe-west1.run.app"
MINUTE = 60.0


@dataclass
class Stage:
    """A scheduler, one function that it may call, and time in our hands."""

    world: World
    http: httpx.AsyncClient
    calls: list[tuple[float, Call]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    """Of the next answers; 200 when there are none left."""
    slow: float = 0.0

    async def answer(self, call: Call) -> Answer:
        clock = self.world.clock
        self.calls.append((clock.now(), call))
        if self.slow:
            await clock.sleep_until(clock.now() + self.slow)
        return Answer(self.codes.pop(0) if self.codes else 200, {}, b"")

    async def make(self, name: str = "tick", **fields: Any) -> dict[str, Any]:
        job = {
            "name": f"{JOBS.removeprefix('/v1/')}/{name}",
            "schedule": "* * * * *",
            "httpTarget": {"uri": f"https://{HOST}/work?a=1"},
            **fields,
        }
        job = {field: value for field, value in job.items() if value is not None}
        made = await self.http.post(JOBS, json=job)
        assert made.status_code == 200, made.text
        return dict(made.json())

    async def get(self, name: str = "tick") -> dict[str, Any]:
        return dict((await self.http.get(f"{JOBS}/{name}")).json())

    @property
    def times(self) -> list[str]:
        return [datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S") for at, _ in self.calls]


@asynccontextmanager
async def staged(world: World) -> AsyncIterator[Stage]:
    """The emulator from its start to its end; time begins at 22:13:20."""
    parts = (scheduler, executions, pubsub)
    services = [part.service(world.cloud) for part in parts]
    app = world.app(*(route for service in services for route in service.routes))
    for service in services:
        assert service.start
        await service.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9999") as http:
        stage = Stage(world, http)
        world.functions.functions[HOST] = stage.answer
        yield stage
    for service in services:
        assert service.stop
        await service.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, {"flow": lambda argument, *_: finish(argument)})


async def test_every_tick_calls_the_target_once(world: World) -> None:
    async with staged(world) as stage:
        job = await stage.make()
        assert job["scheduleTime"].startswith("2023-11-14T22:14:00")
        await world.clock.move(3 * MINUTE)
        assert stage.times == ["22:14:00", "22:15:00", "22:16:00"]
        job = await stage.get()
        assert job["lastAttemptTime"].startswith("2023-11-14T22:16:00")
        assert job["scheduleTime"].startswith("2023-11-14T22:17:00")
        assert job["status"] == {}


async def test_what_the_target_sees(world: World) -> None:
    async with staged(world) as stage:
        target = {
            "uri": f"https://{HOST}/work?a=1",
            "httpMethod": "PUT",
            "headers": {"content-type": "application/json", "x-cloudscheduler": "no"},
            "body": base64.b64encode(b"{}").decode(),
            "oidcToken": {"serviceAccountEmail": "sched@p", "audience": f"https://{HOST}"},
        }
        await stage.make(httpTarget=target)
        await world.clock.move(MINUTE)
        call = stage.calls[0][1]
        assert (call.method, call.path, call.body) == ("PUT", "/work?a=1", b"{}")
        assert call.headers["Content-Type"] == "application/json"
        assert call.headers["X-CloudScheduler"] == "true"
        assert call.headers["X-CloudScheduler-JobName"] == "tick"
        assert call.headers["X-CloudScheduler-ScheduleTime"].startswith("2023-11-14T22:14:00")
        assert call.headers["Authorization"] == f"Bearer id:sched@p:https://{HOST}"


async def test_a_body_may_be_in_the_alphabet_of_urls(world: World) -> None:
    async with staged(world) as stage:
        body = base64.urlsafe_b64encode(b"\xfb\xff").decode()
        await stage.make(httpTarget={"uri": f"https://{HOST}/", "body": body})
        await world.clock.move(MINUTE)
        call = stage.calls[0][1]
        assert call.body == b"\xfb\xff"
        assert call.headers["Content-Type"] == "application/octet-stream"


async def test_a_job_without_retries_waits_for_its_next_tick(world: World) -> None:
    async with staged(world) as stage:
        stage.codes = [503, 403]
        await stage.make()
        await world.clock.move(MINUTE)
        assert (await stage.get())["status"] == {"code": 14}
        await world.clock.move(MINUTE)
        assert (await stage.get())["status"] == {"code": 7}
        assert stage.times == ["22:14:00", "22:15:00"]


async def test_a_failed_attempt_is_retried_after_growing_waits(world: World) -> None:
    async with staged(world) as stage:
        stage.codes = [500, 500, 500]
        config = {"retryCount": 3, "minBackoffDuration": "2s", "maxBackoffDuration": "3s"}
        await stage.make(schedule="14 * * * *", retryConfig=config)
        await world.clock.move(MINUTE - 20 + 1)
        assert (await stage.get())["scheduleTime"].startswith("2023-11-14T22:14:02")
        await world.clock.move(MINUTE)
        assert stage.times == ["22:14:00", "22:14:02", "22:14:05", "22:14:08"]
        assert (await stage.get())["scheduleTime"].startswith("2023-11-14T23:14:00")


async def test_retries_end_with_their_count_and_with_the_next_tick(world: World) -> None:
    async with staged(world) as stage:
        stage.codes = [500] * 9
        config = {"retryCount": 5, "minBackoffDuration": "25s", "maxDoublings": 0}
        await stage.make(retryConfig=config)
        await world.clock.move(2 * MINUTE)
        assert stage.times == ["22:14:00", "22:14:25", "22:15:00"]
        await world.clock.move(6)


async def test_retries_go_on_as_long_as_they_may(world: World) -> None:
    async with staged(world) as stage:
        stage.codes = [500] * 9
        config = {"maxRetryDuration": "30s", "minBackoffDuration": "10s", "maxDoublings": 0}
        await stage.make(schedule="14 * * * *", retryConfig=config)
        await world.clock.move(5 * MINUTE)
        assert stage.times == ["22:14:00", "22:14:10", "22:14:30"]


async def test_a_tick_during_an_execution_comes_after_it(world: World) -> None:
    async with staged(world) as stage:
        stage.slow = 150.0
        await stage.make()
        await world.clock.move(4 * MINUTE)
        assert stage.times == ["22:14:00", "22:16:30"]


async def test_a_target_that_cannot_be_reached(world: World) -> None:
    async with staged(world) as stage:
        await stage.make(httpTarget={"uri": "http://127.0.0.1:1/refused"})
        await stage.http.post(f"{JOBS}/tick:run")
        async with asyncio.timeout(20):
            while "status" not in (job := await stage.get()):
                await asyncio.sleep(0.01)
        assert job["status"] == {"code": 14}


async def test_missed_ticks_are_not_made_up_for(world: World) -> None:
    async with staged(world) as stage:
        await stage.make(schedule="*/10 * * * *")
    again = world.again()
    again.clock._now += 3600.0
    async with staged(again) as stage:
        assert (await stage.get())["scheduleTime"].startswith("2023-11-14T23:20:00")
        await again.clock.move(5 * MINUTE)
        assert stage.calls == []
        await again.clock.move(5 * MINUTE)
        assert stage.times == ["23:20:00"]


async def test_a_machine_that_slept_skips_what_it_missed(world: World) -> None:
    async with staged(world) as stage:
        await stage.make(schedule="*/10 * * * *")
        await settle()
        await oversleep(world, 3600.0)
        assert stage.calls == []
        await world.clock.move(10 * MINUTE)
        assert stage.times == ["23:20:00"]


async def oversleep(world: World, seconds: float) -> None:
    """All sleepers wake, so much later."""
    world.clock._now += seconds
    sleeping = [world.clock._waits.pop() for _ in list(world.clock._waits)]
    for _, _, event in sleeping:
        event.set()
    await settle()


async def test_a_paused_job_does_not_tick_and_may_be_run(world: World) -> None:
    async with staged(world) as stage:
        await stage.make()
        paused = (await stage.http.post(f"{JOBS}/tick:pause")).json()
        assert paused["state"] == "PAUSED"
        assert "scheduleTime" not in paused
        await world.clock.move(5 * MINUTE)
        assert stage.calls == []
        await stage.http.post(f"{JOBS}/tick:run")
        await settle()
        assert stage.times == ["22:18:20"]
        assert (await stage.http.post(f"{JOBS}/tick:resume")).json()["state"] == "ENABLED"
        await world.clock.move(MINUTE)
        assert stage.times == ["22:18:20", "22:19:00"]


async def test_a_changed_schedule_counts_from_now_and_a_deleted_job_is_silent(
    world: World,
) -> None:
    async with staged(world) as stage:
        await stage.make(schedule="0 0 * * *")
        changed = await stage.http.patch(
            f"{JOBS}/tick?updateMask=schedule", json={"schedule": "* * * * *"}
        )
        assert changed.json()["scheduleTime"].startswith("2023-11-14T22:14:00")
        await world.clock.move(MINUTE)
        await stage.http.delete(f"{JOBS}/tick")
        await world.clock.move(MINUTE)
        assert stage.times == ["22:14:00"]


async def test_a_workflow_is_started_as_the_jobs_account(world: World) -> None:
    flow = world.deploy("flow")
    uri = f"https://workflowexecutions.googleapis.com/v1/{flow}/executions"
    body = json.dumps({"argument": json.dumps({"variables": {"a": 1}})})
    target = {
        "uri": uri,
        "body": base64.b64encode(body.encode()).decode(),
        "oauthToken": {"serviceAccountEmail": "sched@demo-project.iam.gserviceaccount.com"},
    }
    async with staged(world) as stage:
        await stage.make(httpTarget=target)
        await world.clock.move(MINUTE)
        assert (await stage.get())["status"] == {"code": 7}
        allow(world, "serviceAccount:sched@demo-project.iam.gserviceaccount.com")
        await world.clock.move(MINUTE)
        assert (await stage.get())["status"] == {}
        (run,) = world.engine.all_of(flow)
        assert json.loads(run["result"]) == {"variables": {"a": 1}}
    started, finished = [e for e in world.logs.entries if "jobName" in str(e)][-2:]
    assert started["jsonPayload"]["@type"].endswith("AttemptStarted")
    assert finished["httpRequest"] == {"status": 200}


PUBSUB = "/v1/projects/demo-project"
NEWS = "projects/demo-project/topics/news"


async def pulled(stage: Stage) -> list[dict[str, Any]]:
    asked = {"maxMessages": 10, "returnImmediately": True}
    answer = await stage.http.post(f"{PUBSUB}/subscriptions/mine:pull", json=asked)
    return [received["message"] for received in answer.json().get("receivedMessages", ())]


async def test_a_message_goes_to_a_topic_at_every_tick(world: World) -> None:
    async with staged(world) as stage:
        message = {"topicName": NEWS, "data": "aGk=", "attributes": {"from": "tick"}}
        await stage.make(httpTarget=None, pubsubTarget=message)
        await world.clock.move(MINUTE)
        assert (await stage.get())["status"] == {"code": 5}, "the topic is not there"
        await stage.http.put(f"/v1/{NEWS}", json={})
        await stage.http.put(f"{PUBSUB}/subscriptions/mine", json={"topic": NEWS})
        await world.clock.move(2 * MINUTE)
        assert (await stage.get())["status"] == {}
        got = await pulled(stage)
        assert [(one["data"], one["attributes"]) for one in got] == [("aGk=", {"from": "tick"})] * 2
        assert [one["publishTime"][11:19] for one in got] == ["22:15:00", "22:16:00"]
    told = [e["jsonPayload"] for e in world.logs.entries if "jobName" in str(e)][-1]
    assert (told["targetType"], told["pubsubTopic"]) == ("PUB_SUB", NEWS)


async def test_a_topic_takes_the_place_of_a_url(world: World) -> None:
    async with staged(world) as stage:
        await stage.make()
        change = {"pubsubTarget": {"topicName": NEWS, "attributes": {"a": "1"}}}
        path = f"{JOBS}/tick?updateMask=pubsubTarget"
        changed = (await stage.http.patch(path, json=change)).json()
        assert "httpTarget" not in changed
        assert changed["pubsubTarget"]["topicName"] == NEWS
        await world.clock.move(MINUTE)
        assert stage.calls == []


def allow(world: World, member: str) -> None:
    hire(world.cloud.store, member.removeprefix("serviceAccount:"))
    policy = {"bindings": [{"role": "roles/workflows.invoker", "members": [member]}]}
    world.cloud.access.set_policy("projects/demo-project", policy)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"schedule": "61 * * * *"}, "Schedule or time zone is invalid."),
    ({"timeZone": "Nowhere"}, "Schedule or time zone is invalid."),
    ({"httpTarget": {"uri": "hello"}}, "HttpTarget.uri"),
    ({"httpTarget": {"uri": "https://a.b", "httpMethod": "GET", "body": "e30="}}, "GET"),
    ({"httpTarget": {"uri": "https://a.b", "oauthToken": {}, "oidcToken": {}}}, "not both"),
    ({"retryConfig": {"retryCount": 6}}, "retryCount"),
    ({"attemptDeadline": "1s"}, "attemptDeadline"),
    ({"httpTarget": None}, "one target"),
    ({"pubsubTarget": {"topicName": NEWS, "data": "aGk="}}, "one target"),
    ({"httpTarget": None, "pubsubTarget": {"topicName": "news", "data": "aGk="}}, "topicName"),
    ({"httpTarget": None, "pubsubTarget": {"topicName": NEWS}}, "data or at least one attribute"),
    (
        {
            "httpTarget": None,
            "pubsubTarget": {"topicName": "projects/another/topics/news", "data": "aGk="},
        },
        "the job's own project",
    ),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
async def test_what_is_refused(world: World, fields: dict[str, Any], message: str) -> None:
    async with staged(world) as stage:
        job = {"schedule": "* * * * *", "httpTarget": {"uri": "https://a.b"}, **fields}
        job = {field: value for field, value in job.items() if value is not None}
        answer = await stage.http.post(JOBS, json=job)
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert message in answer.json()["error"]["message"]
        assert (await stage.http.get(JOBS)).json() == {"jobs": []}
