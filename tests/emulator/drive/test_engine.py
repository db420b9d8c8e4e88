"""Executions from creation to their end, through restarts, queues and cancelling."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from emulator.cloud import Answer, Call
from emulator.drive.engine import Quotas
from emulator.drive.names import ExecutionName
from emulator.errors import ApiError
from emulator.workflows.effects import (
    Failed,
    Frame,
    HttpCall,
    Log,
    Now,
    RunChild,
    Sleep,
    Succeeded,
    Uuid,
    Yielded,
)
from tests.emulator.drive.world import Script, World, ask, finish, one, settle

URL = "https://load-1.europe-west1.run.app/"


def name_of(world: World, document: dict) -> ExecutionName:
    return ExecutionName.parse(document["name"], world.cloud.projects)


def echo(argument, environment, _) -> Script:
    return finish({"argument": argument, "id": environment["GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID"]})


def calls_sleeps_calls(argument, environment, _) -> Script:
    first = yield from one(0, HttpCall("GET", URL))
    yield from one(1, Sleep(60))
    second = yield from one(2, HttpCall("GET", URL))
    return Succeeded([first["body"], second["body"]])


class Counter:
    """A function that answers how often it was called."""

    def __init__(self, world: World) -> None:
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        world.functions.functions["load-1.europe-west1.run.app"] = self.answer

    async def answer(self, call: Call) -> Answer:
        self.calls += 1
        number = self.calls
        await self.gate.wait()
        return Answer(200, {"content-type": "application/json"}, str(number).encode())


def test_an_execution_succeeds_with_its_result(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, {"echo": echo})
        made = world.engine.create(world.deploy("echo"), {"argument": '{"a":1}'})
        assert made["state"] == "ACTIVE"
        done = await world.engine.wait(name_of(world, made))
        assert done["state"] == "SUCCEEDED"
        identity = made["name"].rpartition("/")[2]
        assert json.loads(done["result"]) == {"argument": {"a": 1}, "id": identity}
        assert done["endTime"] >= done["startTime"]
        assert done["duration"].endswith("s")
        assert world.store.list("execution-open") == []

    asyncio.run(story())


def test_a_failed_execution_tells_where(tmp_path: Path) -> None:
    def fails(*_) -> Script:
        yield from ()
        return Failed('{"message":"no"}', "no\nin step", (Frame("load", "main", 3, 5, 7),))

    async def story() -> dict:
        world = World(tmp_path, {"fails": fails})
        made = world.engine.create(world.deploy("fails"), {})
        return await world.engine.wait(name_of(world, made))

    done = asyncio.run(story())
    assert done["state"] == "FAILED"
    assert done["error"]["payload"] == '{"message":"no"}'
    assert done["error"]["stackTrace"]["elements"] == [
        {"step": "load", "routine": "main", "position": {"line": "3", "column": "5", "length": "7"}}
    ]


def test_a_killed_emulator_goes_on_where_it_was(tmp_path: Path) -> None:
    """The recorded call is not made again, and the sleep keeps its deadline."""

    async def story() -> None:
        world = World(tmp_path, {"flow": calls_sleeps_calls})
        counter = Counter(world)
        made = world.engine.create(world.deploy("flow"), {})
        await world.clock.move(20)
        assert counter.calls == 1
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(39)
        assert counter.calls == 1
        await later.clock.move(2)
        done = await later.engine.wait(name_of(later, made))
        assert json.loads(done["result"]) == [1, 2]
        assert counter.calls == 2

    asyncio.run(story())


def test_a_call_without_a_recorded_answer_is_made_again(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, {"flow": calls_sleeps_calls})
        counter = Counter(world)
        counter.gate.clear()
        made = world.engine.create(world.deploy("flow"), {})
        await settle()
        await world.engine.stop()
        counter.gate.set()
        later = world.again()
        await later.engine.start()
        await later.clock.move(61)
        done = await later.engine.wait(name_of(later, made))
        assert json.loads(done["result"]) == [2, 3]

    asyncio.run(story())


def test_time_and_chance_stay_what_they_were(tmp_path: Path) -> None:
    def flow(*_) -> Script:
        now = yield from one(0, Now())
        unique = yield from one(1, Uuid())
        yield from one(2, Sleep(10))
        return Succeeded([now, unique])

    async def story() -> None:
        world = World(tmp_path, {"flow": flow})
        made = world.engine.create(world.deploy("flow"), {})
        started = world.clock.now()
        await settle()
        unique = list(world.store.read(f"execution/{made['name']}"))
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(10)
        now, again = json.loads((await later.engine.wait(name_of(later, made)))["result"])
        assert now == started
        assert again.encode() in b"".join(unique)

    asyncio.run(story())


def test_replies_are_fed_in_the_recorded_order(tmp_path: Path) -> None:
    def race(*_) -> Script:
        order = []
        reply = yield Yielded((ask(0, Sleep(5)), ask(1, Sleep(3)), ask(2, Sleep(100))))
        while len(order) < 2:
            order.append(reply.id)
            reply = yield Yielded()
        return Succeeded(order)

    async def story() -> None:
        world = World(tmp_path, {"race": race})
        made = world.engine.create(world.deploy("race"), {})
        await world.clock.move(50)
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(60)
        done = await later.engine.wait(name_of(later, made))
        assert json.loads(done["result"]) == [1, 0]

    asyncio.run(story())


def test_logs_are_written_once(tmp_path: Path) -> None:
    def says(*_) -> Script:
        yield from one(0, Log({"a": 1}, "WARNING"))
        yield from one(1, Sleep(5))
        return Succeeded(None)

    async def story() -> None:
        world = World(tmp_path, {"says": says})
        world.engine.create(world.deploy("says"), {})
        await settle()
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(5)
        entries = [*world.logs.entries, *later.logs.entries]
        said = [e for e in entries if e["logName"] == "projects/demo-project/logs/Workflows"]
        assert [(e["jsonPayload"], e["severity"]) for e in said] == [({"a": 1}, "WARNING")]
        assert said[0]["labels"]["workflows.googleapis.com/execution_id"]

    asyncio.run(story())


def test_cancelling_ends_it_at_once_and_for_ever(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, {"flow": calls_sleeps_calls})
        counter = Counter(world)
        made = world.engine.create(world.deploy("flow"), {})
        await settle()
        name = name_of(world, made)
        assert world.engine.cancel(name)["state"] == "CANCELLED"
        await world.clock.move(100)
        assert counter.calls == 1
        assert (await world.engine.wait(name))["state"] == "CANCELLED"
        with pytest.raises(ApiError, match="cannot be cancelled in state CANCELLED"):
            world.engine.cancel(name)
        later = world.again()
        await later.engine.start()
        assert later.engine.get(name)["state"] == "CANCELLED"

    asyncio.run(story())


def test_what_ended_long_ago_is_forgotten(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, {"echo": echo})
        await world.engine.start()
        workflow = world.deploy("echo")
        name = name_of(world, world.engine.create(workflow, {}))
        await world.engine.wait(name)
        days = 0
        async with asyncio.timeout(20):
            while world.engine.all_of(workflow):
                await world.clock.move(86_400)
                await asyncio.sleep(0.001)
                days += 1
        assert days >= 90
        with pytest.raises(ApiError):
            world.engine.get(name)
        await world.engine.stop()

    asyncio.run(story())


def test_above_the_quota_executions_wait_their_turn(tmp_path: Path) -> None:
    def naps(*_) -> Script:
        yield from one(0, Sleep(10))
        return Succeeded(None)

    async def story() -> None:
        world = World(tmp_path, {"naps": naps}, Quotas(concurrent=2, backlog=2))
        workflow = world.deploy("naps")
        made = [world.engine.create(workflow, {}) for _ in range(4)]
        assert [one["state"] for one in made] == ["ACTIVE", "ACTIVE", "QUEUED", "QUEUED"]
        with pytest.raises(ApiError) as refused:
            world.engine.create(workflow, {})
        assert refused.value.code == 429
        await settle()
        world.engine.cancel(name_of(world, made[3]))
        await world.clock.move(11)
        assert world.engine.get(name_of(world, made[2]))["state"] == "ACTIVE"
        await world.clock.move(11)
        states = [world.engine.get(name_of(world, one))["state"] for one in made]
        assert states == ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "CANCELLED"]

    asyncio.run(story())


def test_an_execution_may_refuse_to_queue(tmp_path: Path) -> None:
    def naps(*_) -> Script:
        yield from one(0, Sleep(10))
        return Succeeded(None)

    async def story() -> None:
        world = World(tmp_path, {"naps": naps}, Quotas(concurrent=1))
        workflow = world.deploy("naps")
        world.engine.create(workflow, {})
        with pytest.raises(ApiError, match="Quota exceeded"):
            world.engine.create(workflow, {"disableConcurrencyQuotaOverflowBuffering": True})

    asyncio.run(story())


def test_a_child_is_started_once_whatever_happens(tmp_path: Path) -> None:
    def parent(*_) -> Script:
        value = yield from one(0, RunChild("child", None, None, {"n": 4}))
        return Succeeded(value)

    def child(argument, *_) -> Script:
        yield from one(0, Sleep(30))
        return Succeeded(argument["n"] * 2)

    async def story() -> None:
        world = World(tmp_path, {"parent": parent, "child": child})
        allow(world)
        world.deploy("child", "child")
        made = world.engine.create(world.deploy("parent", "parent"), {})
        await world.clock.move(10)
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(21)
        done = await later.engine.wait(name_of(later, made))
        assert json.loads(done["result"]) == 8
        assert len(later.store.list("execution")) == 2

    asyncio.run(story())


def test_a_child_needs_the_role_to_start_it(tmp_path: Path) -> None:
    def parent(*_) -> Script:
        value = yield from one(0, RunChild("child", None, None, None))
        return Succeeded([value.message, list(value.tags), value.fields["code"]])

    async def story() -> None:
        world = World(tmp_path, {"parent": parent, "child": lambda *_: finish()})
        world.deploy("child", "child")
        poor = "projects/demo-project/serviceAccounts/poor@demo-project.iam.gserviceaccount.com"
        flow = world.deploy("parent", "parent", serviceAccount=poor)
        done = await world.engine.wait(name_of(world, world.engine.create(flow, {})))
        assert json.loads(done["result"])[1:] == [["HttpError"], 403]

    asyncio.run(story())


def test_a_deleted_workflow_takes_its_executions_along(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, {"flow": calls_sleeps_calls})
        Counter(world)
        workflow = world.deploy("flow")
        world.engine.create(workflow, {})
        await settle()
        world.engine.remove_all(workflow)
        await settle()
        assert world.engine.all_of(workflow) == []
        assert world.store.list("execution-open") == []

    asyncio.run(story())


def test_a_machine_that_breaks_fails_its_execution_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_) -> Iterator:
        yield from one(0, Now())
        raise LookupError("oops")

    async def story() -> None:
        world = World(tmp_path, {"breaks": breaks})
        made = world.engine.create(world.deploy("breaks"), {})
        done = await world.engine.wait(name_of(world, made))
        assert done["state"] == "FAILED"
        assert json.loads(done["error"]["payload"])["tags"] == ["SystemError"]

    asyncio.run(story())
    assert "oops" in caplog.text


def test_what_utf8_cannot_carry_ends_an_execution_all_the_same(tmp_path: Path) -> None:
    """JSON may hold half a surrogate pair; neither the log nor the store can."""

    def odd(*_) -> Script:
        yield from one(0, Log("\ud800", "INFO"))
        return Failed('"\ud800"', "odd", ())

    async def story() -> None:
        world = World(tmp_path, {"odd": odd})
        world.logs.write = lambda entry: world.logs.entries.append(json_of(entry))
        made = world.engine.create(world.deploy("odd"), {})
        done = await world.engine.wait(name_of(world, made))
        assert (done["state"], done["error"]["payload"]) == ("FAILED", '"?"')
        assert "?" in [entry.get("textPayload") for entry in world.logs.entries]

    asyncio.run(story())


def json_of(entry: dict) -> dict:
    return orjson.loads(orjson.dumps(entry))


def test_an_effect_that_breaks_is_an_error_of_the_workflow(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def flow(*_) -> Script:
        value = yield from one(0, HttpCall("GET", URL))
        return Succeeded(list(value.tags))

    async def story() -> None:
        world = World(tmp_path, {"flow": flow})

        async def breaks(_: Call) -> Answer:
            raise LookupError("oops")

        world.functions.functions["load-1.europe-west1.run.app"] = breaks
        made = world.engine.create(world.deploy("flow"), {})
        done = await world.engine.wait(name_of(world, made))
        assert json.loads(done["result"]) == ["SystemError"]

    asyncio.run(story())
    assert "oops" in caplog.text


def test_where_it_is_can_be_read_while_it_runs(tmp_path: Path) -> None:
    def waits(*_) -> Script:
        yield Yielded((ask(0, Sleep(5), "left"), ask(1, Sleep(5), "right", "sub")))
        return Succeeded(None)

    async def story() -> None:
        world = World(tmp_path, {"waits": waits})
        made = world.engine.create(world.deploy("waits"), {})
        await settle()
        now = world.engine.get(name_of(world, made))
        assert now["status"]["currentSteps"] == [
            {"routine": "main", "step": "left"},
            {"routine": "sub", "step": "right"},
        ]

    asyncio.run(story())


def allow(world: World) -> None:
    """The default service account may start workflows."""
    from emulator.drive.documents import default_account

    member = f"serviceAccount:{default_account('demo-project')}"
    binding = {"role": "roles/workflows.invoker", "members": [member]}
    world.cloud.access.set_policy("projects/demo-project", {"bindings": [binding]})
