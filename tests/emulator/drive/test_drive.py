"""Killed at any moment, started again: every execution ends right, no recorded call is repeated.

A real emulator process and a real server that counts. The journal is read while the emulator is
dead: what it holds then is what may not be asked for again.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from urllib.error import HTTPError

import pytest

from emulator.drive.journal import Journal
from emulator.store import Store
from emulator.workflows.effects import Failure
from tests.emulator.drive.counting import CountingServer
from tests.emulator.drive.process import Emulator, emulator

PARENT = "v1/projects/crash-project/locations/europe-west1"
ITEMS = 5
AT_ONCE = 3
DEFINITION = """
main:
  params: [args]
  steps:
    - begin:
        assign:
          - found: {}
          - called: null
          - id: ${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}
    - fan:
        parallel:
          shared: [found, called]
          branches:
            - items:
                steps:
                  - each:
                      parallel:
                        shared: [found]
                        for:
                          value: item
                          range: [1, ITEMS]
                          steps:
                            - first:
                                try:
                                  call: http.get
                                  args:
                                    url: ${args.url}
                                    query: {key: '${id + "/" + string(item) + "-shaky"}'}
                                  result: answer
                                retry:
                                  predicate: ${http.default_retry_predicate}
                                  max_retries: 5
                                  backoff: {initial_delay: 0.1, max_delay: 1, multiplier: 2}
                            - rest:
                                call: sys.sleep
                                args: {seconds: 0.15}
                            - second:
                                call: http.post
                                args:
                                  url: ${args.url}
                                  query: {key: '${id + "/" + string(item) + "-plain"}'}
                                  body: {item: "${item}"}
                                result: other
                            - keep:
                                assign:
                                  - found[string(item)]: ${[answer.body.serial, other.body.serial]}
            - callback:
                steps:
                  - open:
                      call: events.create_callback_endpoint
                      args: {http_callback_method: POST}
                      result: door
                  - tell:
                      call: http.get
                      args:
                        url: ${args.url}
                        query: {key: '${id + "/callback"}', callback: "${door.url}"}
                  - wait:
                      call: events.await_callback
                      args: {callback: "${door}", timeout: 600}
                      result: request
                  - remember:
                      assign: [{called: "${request.http_request.body.called}"}]
    - done:
        return: {found: "${found}", called: "${called}", id: "${id}"}
""".replace("ITEMS", str(ITEMS))


class Ledger:
    """What was recorded when the emulator was dead, and which calls were made in vain."""

    def __init__(self, server: CountingServer) -> None:
        self.server = server
        self.serials: dict[str, int] = {}
        """Key → serial of its recorded success: what the result must show."""
        self.vain: Counter[str] = Counter()

    def read(self, data: Path, running: set[str]) -> None:
        recorded: Counter[str] = Counter()
        store = Store(data / "emulator.sqlite")
        for name in running:
            for _, reply in Journal(store, name).load().replies:
                value = reply.value
                if isinstance(value, Failure) or not isinstance(value, dict):
                    continue
                if "serial" in (body := value.get("body") or {}):
                    recorded[body["key"]] += 1
                    if value["code"] == 200:
                        self.serials[body["key"]] = body["serial"]
        ids = {name.rpartition("/")[2] for name in running}
        store.close()
        for key, count in self.server.arrivals.items():
            if key.partition("/")[0] in ids:
                self.vain[key] = count - recorded[key]

    def check(self, result: dict) -> None:
        """Each key was called as often as it had to be, and as often as it was in vain."""
        identity = result["id"]
        assert result["called"] == f"{identity}/callback"
        assert set(result["found"]) == {str(item) for item in range(1, ITEMS + 1)}
        for item, serials in result["found"].items():
            for kind, serial in zip(("shaky", "plain"), serials, strict=True):
                key = f"{identity}/{item}-{kind}"
                assert self.serials.get(key, serial) == serial, key
                needed = 2 if kind == "shaky" else 1
                assert self.server.arrivals[key] <= needed + self.vain[key], key


def crash(folder: Path, kills: int, seed: int) -> str:
    chance = random.Random(seed)
    with CountingServer() as server, emulator(folder / "data") as cloud:
        ledger, running, ended = Ledger(server), set(), 0
        cloud.start()
        body = {"sourceContents": DEFINITION}
        cloud.ask("POST", f"{PARENT}/workflows?workflowId=crash", body)
        for _ in range(kills):
            while len(running) < AT_ONCE:
                running.add(begin(cloud, server))
            time.sleep(chance.uniform(0, 0.9))
            cloud.kill()
            while server.connections:
                time.sleep(0.005)
            ledger.read(cloud.data, running)
            cloud.start()
            ended += settle(cloud, ledger, running)
        deadline = time.monotonic() + 60
        while running:
            assert time.monotonic() < deadline, [cloud.ask("GET", f"v1/{name}") for name in running]
            ended += settle(cloud, ledger, running)
            time.sleep(0.02)
        calls = sum(server.arrivals.values())
    return f"{kills} kills, {ended} executions ended right, {calls} calls, no recorded one repeated"


def begin(cloud: Emulator, server: CountingServer) -> str:
    argument = json.dumps({"url": server.url})
    made = cloud.ask("POST", f"{PARENT}/workflows/crash/executions", {"argument": argument})
    return str(made["name"])


def settle(cloud: Emulator, ledger: Ledger, running: set[str]) -> int:
    """Check what has ended."""
    ended = 0
    for name in list(running):
        found = cloud.ask("GET", f"v1/{name}")
        if found["state"] != "ACTIVE":
            assert found["state"] == "SUCCEEDED", found
            ledger.check(json.loads(found["result"]))
            running.discard(name)
            ended += 1
    return ended


def test_a_few_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = crash(tmp_path, kills=3, seed=7)
    with capsys.disabled():
        print(f"\n{told}")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = crash(tmp_path, kills=100, seed=2026)
    with capsys.disabled():
        print(f"\n{told}")


def test_what_is_over_cannot_be_called_back(tmp_path: Path) -> None:
    with emulator(tmp_path / "data") as cloud:
        cloud.start()
        source = {"sourceContents": "main: {steps: [{a: {return: 1}}]}"}
        cloud.ask("POST", f"{PARENT}/workflows?workflowId=w", source)
        made = cloud.ask("POST", f"{PARENT}/workflows/w/executions", {})
        while cloud.ask("GET", f"v1/{made['name']}")["state"] == "ACTIVE":
            time.sleep(0.01)
        with pytest.raises(HTTPError, match="404"):
            cloud.ask("POST", f"v1/{made['name']}/callbacks/none", {})
