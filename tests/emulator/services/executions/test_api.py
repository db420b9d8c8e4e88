"""Workflow Executions v1 as a client sees it."""

import asyncio
import base64
import json
from pathlib import Path

from emulator.workflows.effects import (
    AwaitCallback,
    CreateCallback,
    Failed,
    Failure,
    Sleep,
    Succeeded,
)
from emulator.workflows.observer import StepInfo
from tests.emulator.drive.world import Script, World, finish, one, settle
from tests.emulator.services.client import PARENT, as_account, client_of

EXECUTIONS = f"{PARENT}/workflows/flow/executions"
LOAD = StepInfo("load", "main", "STEP_CALL", 2, 5, 4)
LOOP = StepInfo("loop", "main", "STEP_FOR", 3, 5, 4)
TURN = StepInfo("loop", "main", "STEP_FOR_ITERATION", 3, 5, 4)


class Thread:
    id = 0
    parent = None
    branch = ""

    def current(self):
        return ()

    def variables(self):
        return {"n": 1}


def echo(argument, *_) -> Script:
    if argument == "fail":
        return fails()
    return finish(argument)


def fails() -> Script:
    yield from ()
    return Failed('"how odd!"', "RuntimeError", ())


def naps(*_) -> Script:
    yield from one(0, Sleep(60), "nap")
    return Succeeded(None)


def waits(*_) -> Script:
    callback = yield from one(0, CreateCallback("POST"), "make")
    yield from one(1, Sleep(5))
    first = yield from one(2, AwaitCallback(callback, 100.0), "wait")
    second = yield from one(3, AwaitCallback(callback, 100.0), "wait again")
    if isinstance(second, Failure):
        second = list(second.tags)
    return Succeeded([first["http_request"]["body"], first["type"], second])


def steps(argument, environment, options) -> Script:
    seen, thread = options["observer"], Thread()
    seen.started(LOAD, thread, None)
    yield from one(0, Sleep(2))
    seen.ended(LOAD, thread)
    seen.started(LOOP, thread, None)
    for n in range(2):
        seen.started(TURN, thread, n)
        seen.ended(TURN, thread)
    seen.failed(LOOP, thread, '{"message":"no"}')
    return Succeeded(None)


SCRIPTS = {"echo": echo, "naps": naps, "waits": waits, "steps": steps}


async def run(client, world: World, argument: object = None) -> dict:
    """Start one and let it end."""
    body = {"argument": json.dumps(argument)}
    made = (await client.post(EXECUTIONS, json=body)).json()
    await settle()
    return (await client.get(f"/v1/{made['name']}")).json()


def test_an_execution_is_named_by_the_project_number(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("echo", labels={"team": "a", "kind": "x"})
        async with client_of(world) as client:
            body = {"argument": '{"a": 1}', "labels": {"kind": "y"}}
            made = (await client.post(EXECUTIONS, json=body)).json()
            assert made["state"] == "ACTIVE"
            assert made["name"].startswith("projects/") and made["name"].split("/")[1].isdigit()
            assert made["labels"] == {"team": "a", "kind": "y"}
            await settle()
            by_number = (await client.get(f"/v1/{made['name']}")).json()
            identity = made["name"].rpartition("/")[2]
            by_id = (await client.get(f"{EXECUTIONS}/{identity}")).json()
            assert by_number == by_id
            assert json.loads(by_id["result"]) == {"a": 1}
            basic = (await client.get(f"{EXECUTIONS}/{identity}", params={"view": "BASIC"})).json()
            assert "result" not in basic and basic["state"] == "SUCCEEDED"

    asyncio.run(story())


def test_arguments_are_checked(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        async with client_of(world) as client:
            assert (await client.post(EXECUTIONS, json={})).status_code == 404
            world.deploy("echo")
            for wrong in ("{", json.dumps("x" * 33_000)):
                answer = await client.post(EXECUTIONS, json={"argument": wrong})
                assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
            assert (await run(client, world))["argument"] == "null"

    asyncio.run(story())


def test_lists_show_the_newest_first_and_can_be_asked(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("echo")
        async with client_of(world) as client:
            for argument in (1, "fail", 3):
                await run(client, world, argument)
                await world.clock.move(10)
            listed = (await client.get(EXECUTIONS)).json()["executions"]
            assert [e["state"] for e in listed] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
            assert listed[0]["startTime"] > listed[2]["startTime"]
            assert "argument" not in listed[0]
            failed = await client.get(EXECUTIONS, params={"filter": 'state="FAILED"', "view": 2})
            [one_] = failed.json()["executions"]
            assert one_["error"]["payload"] == '"how odd!"'
            middle = listed[1]["startTime"]
            for text, states in (
                (f'startTime>"{middle}"', ["SUCCEEDED"]),
                (f"startTime<={middle} AND state=FAILED", ["FAILED"]),
                ("NOT state:SUCC OR duration>=5s", ["FAILED"]),
            ):
                answer = await client.get(EXECUTIONS, params={"filter": text})
                assert [e["state"] for e in answer.json()["executions"]] == states, text
            oldest = await client.get(EXECUTIONS, params={"orderBy": "startTime", "pageSize": 1})
            assert oldest.json()["executions"] == [listed[2]]
            assert oldest.json()["nextPageToken"]
            wrong = await client.get(EXECUTIONS, params={"filter": "colour=red"})
            assert wrong.status_code == 400

    asyncio.run(story())


def test_cancelling_answers_the_cancelled_execution(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("naps")
        async with client_of(world) as client:
            made = await run(client, world)
            assert made["status"]["currentSteps"] == [{"routine": "main", "step": "nap"}]
            answer = await client.post(f"/v1/{made['name']}:cancel", json={})
            assert answer.json()["state"] == "CANCELLED"
            again = await client.post(f"/v1/{made['name']}:cancel", json={})
            assert again.json()["error"]["status"] == "FAILED_PRECONDITION"

    asyncio.run(story())


def test_a_callback_is_stored_once_and_waited_for(tmp_path: Path) -> None:
    """200 when taken, 429 while one is stored that nobody waits for, 404 after the end."""

    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("waits")
        async with client_of(world) as client:
            made = await run(client, world)
            [callback] = (await client.get(f"/v1/{made['name']}/callbacks")).json()["callbacks"]
            assert (callback["method"], callback["waiters"]) == ("POST", "0")
            url = f"/v1/{callback['name']}"
            assert (await client.get(url)).status_code == 404
            assert (await client.post(url, json={"ok": 1})).status_code == 200
            assert (await client.post(url, json={"ok": 2})).status_code == 429
            await world.clock.move(6)
            [callback] = (await client.get(f"/v1/{made['name']}/callbacks")).json()["callbacks"]
            assert callback["waiters"] == "1"
            assert (await client.post(url, content=b"hello")).status_code == 200
            await settle()
            done = (await client.get(f"/v1/{made['name']}")).json()
            body, kind, second = json.loads(done["result"])
            assert (body, kind) == ({"ok": 1}, "HTTP")
            assert second["http_request"]["body"] == "hello"
            assert second["http_request"]["url"] == url
            assert (await client.post(url)).status_code == 404

    asyncio.run(story())


def test_a_stored_callback_survives_a_kill(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("waits")
        async with client_of(world) as client:
            made = await run(client, world)
            [callback] = (await client.get(f"/v1/{made['name']}/callbacks")).json()["callbacks"]
            assert (await client.post(f"/v1/{callback['name']}", json=1)).status_code == 200
        await world.engine.stop()
        later = world.again()
        await later.engine.start()
        await later.clock.move(200)
        async with client_of(later) as client:
            done = (await client.get(f"/v1/{made['name']}")).json()
            assert json.loads(done["result"]) == [1, "HTTP", ["TimeoutError"]]

    asyncio.run(story())


def test_a_callback_that_comes_while_the_emulator_starts_is_not_refused(tmp_path: Path) -> None:
    """Neither before it knows its executions, nor while it plays them again."""

    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("waits")
        async with client_of(world) as client:
            made = await run(client, world)
            [callback] = (await client.get(f"/v1/{made['name']}/callbacks")).json()["callbacks"]
        await world.engine.stop()
        later = world.again()
        async with client_of(later, start=False) as client:
            early = asyncio.create_task(client.post(f"/v1/{callback['name']}", json="early"))
            await settle()
            assert not early.done()
            await later.engine.start()
            assert (await early).status_code == 200
            await later.clock.move(200)
            done = (await client.get(f"/v1/{made['name']}")).json()
            assert json.loads(done["result"])[0] == "early"

    asyncio.run(story())


def test_a_callback_needs_the_permission(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("waits")
        async with client_of(world) as client:
            made = await run(client, world)
            [callback] = (await client.get(f"/v1/{made['name']}/callbacks")).json()["callbacks"]
            headers = as_account("x@demo-project.iam.gserviceaccount.com")
            answer = await client.post(f"/v1/{callback['name']}", headers=headers)
            assert answer.status_code == 403

    asyncio.run(story())


def test_step_entries_tell_what_happened(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("steps")
        async with client_of(world) as client:
            body = {"executionHistoryLevel": "EXECUTION_HISTORY_DETAILED"}
            made = (await client.post(EXECUTIONS, json=body)).json()
            await settle()
            path = f"/v1/{made['name']}/stepEntries"
            [live] = (await client.get(path)).json()["stepEntries"]
            assert live["state"] == "STATE_IN_PROGRESS"
            await world.clock.move(3)
            answer = (await client.get(path)).json()
            load, loop, first, second = answer["stepEntries"]
            assert answer["totalSize"] == 4
            assert load["state"] == "STATE_SUCCEEDED"
            assert load["updateTime"] > load["createTime"]
            assert load["variableData"] == {"variables": {"n": 1}}
            assert load["navigationInfo"] == {"next": "2"}
            assert loop["navigationInfo"] == {"previous": "1", "children": ["3", "4"]}
            assert loop["exception"] == {"payload": '{"message":"no"}'}
            assert first["navigationInfo"] == {"parent": "2", "next": "4"}
            assert second["stepEntryMetadata"]["progressNumber"] == "1"
            one_ = (await client.get(f"{path}/3")).json()
            assert one_ == first
            for text, count in (("state=FAILED", 1), ("stepType=STEP_FOR_ITERATION", 2),
                                ("parent=2 AND entryId>3", 1)):  # fmt: skip
                found = await client.get(path, params={"filter": text})
                assert len(found.json()["stepEntries"]) == count, text
            skipped = await client.get(path, params={"skip": 3})
            assert [e["entryId"] for e in skipped.json()["stepEntries"]] == ["4"]
            exported = (await client.get(f"/v1/{made['name']}:exportData")).json()
            assert len(json.loads(exported["data"])["stepEntries"]) == 4
            await client.post(f"/v1/{made['name']}:deleteExecutionHistory", json={})
            assert (await client.get(path)).json()["stepEntries"] == []

    asyncio.run(story())


def test_a_message_of_pubsub_starts_an_execution(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, SCRIPTS)
        world.deploy("echo")
        async with client_of(world) as client:
            data = base64.b64encode(b"hello").decode()
            body = {
                "GCPCloudEventsMode": "CE_PUBSUB_BINDING",
                "message": {"data": data, "messageId": "7"},
                "subscription": "projects/demo-project/subscriptions/s",
            }
            path = f"{PARENT}/workflows/flow:triggerPubsubExecution"
            made = (await client.post(path, json=body)).json()
            await settle()
            done = (await client.get(f"/v1/{made['name']}")).json()
            event = json.loads(done["result"])
            assert event["type"] == "google.cloud.pubsub.topic.v1.messagePublished"
            assert event["data"]["message"]["data"] == data

    asyncio.run(story())
