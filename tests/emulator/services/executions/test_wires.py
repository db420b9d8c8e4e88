"""The whole emulator, the real language, and every answer checked against Google's description."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2 as httpx

from emulator.app import build
from emulator.cloud import Settings
from tests.emulator.services.client import PARENT

SOURCE = """
main:
  params: [args]
  steps:
    - each:
        for:
          value: n
          range: [1, 2]
          steps:
            - keep:
                try:
                  steps:
                    - fail:
                        raise: ${n}
                except:
                  as: e
                  steps:
                    - note:
                        assign: [{last: "${e}"}]
    - fan:
        parallel:
          for:
            value: m
            in: [a, b]
            steps:
              - nothing:
                  assign: [{x: "${m}"}]
    - open:
        call: events.create_callback_endpoint
        args: {http_callback_method: PUT}
        result: door
    - wait:
        call: events.await_callback
        args: {callback: "${door}", timeout: 30}
        result: request
    - done:
        return: ${[args.n, request.http_request.body, request.http_request.query.q]}
"""


@asynccontextmanager
async def emulator(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = build(Settings(folder, check_answers=True))
    await app.start()
    try:
        transport = httpx.ASGITransport(app.cloud.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client
    finally:
        await app.stop()


async def until(client: httpx.AsyncClient, name: str, condition) -> dict:
    for _ in range(2000):
        found = (await client.get(f"/v1/{name}")).json()
        if condition(found):
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(found)


def test_every_answer_is_one_that_google_describes(tmp_path: Path) -> None:
    async def story() -> None:
        async with emulator(tmp_path) as client:
            body = {"sourceContents": SOURCE, "executionHistoryLevel": 2}
            params = {"workflowId": "flow"}
            made = await client.post(f"{PARENT}/workflows", params=params, json=body)
            assert made.status_code == 200, made.text
            flow = f"{PARENT}/workflows/flow"
            for path in (flow, f"{flow}:listRevisions", f"{PARENT}/workflows"):
                assert (await client.get(path)).status_code == 200, path
            started = (await client.post(f"{flow}/executions", json={"argument": '{"n":4}'})).json()
            name = started["name"]
            await until(client, name, lambda e: "wait" in str(e.get("status")))
            [door] = (await client.get(f"/v1/{name}/callbacks")).json()["callbacks"]
            assert door["waiters"] == "1"
            called = await client.put(f"/v1/{door['name']}", params={"q": "x"}, json={"ok": True})
            assert called.status_code == 200, called.text
            done = await until(client, name, lambda e: e["state"] != "ACTIVE")
            assert json.loads(done["result"]) == [4, {"ok": True}, "x"]
            listed = await client.get(f"{flow}/executions", params={"view": "FULL"})
            assert listed.json()["executions"] == [done]
            entries = (await client.get(f"/v1/{name}/stepEntries")).json()["stepEntries"]
            kinds = {entry["stepType"] for entry in entries}
            assert {"STEP_FOR", "STEP_FOR_ITERATION", "STEP_RAISE", "STEP_STD_LIB_CALL"} <= kinds
            assert (await client.get(f"/v1/{entries[0]['name']}")).json() == entries[0]
            exported = await client.get(f"/v1/{name}:exportData")
            assert exported.status_code == 200
            assert (await client.delete(flow)).json()["done"]
            assert (await client.get(f"/v1/{name}")).status_code == 404

    asyncio.run(story())


def test_what_was_said_is_in_the_log_service(tmp_path: Path) -> None:
    source = """
- say:
    call: sys.log
    args: {data: {a: 1}, severity: WARNING}
"""

    async def story() -> None:
        async with emulator(tmp_path) as client:
            params = {"workflowId": "flow"}
            body = {"sourceContents": source, "callLogLevel": "LOG_ALL_CALLS"}
            await client.post(f"{PARENT}/workflows", params=params, json=body)
            started = await client.post(f"{PARENT}/workflows/flow/executions", json={})
            await until(client, started.json()["name"], lambda e: e["state"] == "SUCCEEDED")
            wanted = {"resourceNames": ["projects/demo-project"], "filter": "severity>=WARNING"}
            [entry] = (await client.post("/v2/entries:list", json=wanted)).json()["entries"]
            assert entry["jsonPayload"] == {"a": 1}
            assert entry["logName"] == "projects/demo-project/logs/Workflows"
            wanted["filter"] = 'jsonPayload.step="say"'
            found = (await client.post("/v2/entries:list", json=wanted)).json()["entries"]
            states = {entry["jsonPayload"]["state"] for entry in found}
            assert states == {"BEGUN", "SUCCEEDED"}
            told = {e["jsonPayload"]["state"]: e["jsonPayload"] for e in found}
            begun, ended = told["BEGUN"], told["SUCCEEDED"]
            assert begun["callee"] == ended["callee"] == "sys.log"
            assert begun["begun"]["namedArgs"]["severity"] == {"argument": '"WARNING"'}
            assert begun["begun"]["namedArgs"]["data"] == {"argument": '{"a":1}'}
            assert ended["succeeded"]["callStartTime"].endswith("Z")
            assert "response" not in ended["succeeded"]

    asyncio.run(story())
