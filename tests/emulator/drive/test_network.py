"""Where requests go, and how failures look to a workflow."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request

from emulator.cloud import Answer, Call
from emulator.drive import network
from emulator.drive.hosts import Hosts
from emulator.drive.http import Prepared
from emulator.drive.names import ExecutionName
from emulator.drive.network import Answered, Network
from emulator.drive.perform import failure
from emulator.wire import route
from emulator.workflows.effects import Failure, HttpCall, Succeeded
from tests.emulator.drive.world import Script, World, one


class Elsewhere:
    """The world outside: notes what it is asked, and may take its time."""

    def __init__(self, seconds: float = 0) -> None:
        self.requests: list[Prepared] = []
        self.seconds = seconds

    async def send(self, request: Prepared, most: int) -> Answered:
        self.requests.append(request)
        await asyncio.sleep(self.seconds)
        return Answered(200, [("content-type", "text/plain")], b"outside")

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


def get(url: str, **headers: str) -> Prepared:
    from emulator.drive.http import host_of

    return Prepared("GET", url, host_of(url), headers, b"")


def send(folder: Path, request: Prepared, hosts: str = "", elsewhere: Elsewhere | None = None):
    async def story() -> Answered:
        world = World(folder)

        async def answer(call: Call) -> Answer:
            return Answer(200, {}, json.dumps([call.path, call.headers["Host"]]).encode())

        async def buckets(http: Request) -> object:
            return {"by": http.headers["authorization"], "q": http.url.query}

        world.functions.functions["f-1.l.run.app"] = answer
        world.app(route("GET", "/storage/v1/b", buckets))
        (folder / "hosts.yaml").write_text(hosts)
        rules = Hosts.read(folder / "hosts.yaml")
        net = Network(world.cloud, elsewhere or Elsewhere(), rules, 1000)
        return await net.send(request, 0.2)

    return asyncio.run(story())


def test_a_function_here_is_called_without_a_socket(tmp_path: Path) -> None:
    answer = send(tmp_path, get("https://f-1.l.run.app/a/b?x=1#y"))
    assert json.loads(answer.body) == ["/a/b?x=1", "f-1.l.run.app"]


def test_google_is_this_emulator(tmp_path: Path) -> None:
    url = "https://storage.googleapis.com/storage/v1/b?project=p"
    answer = send(tmp_path, get(url, Authorization="Bearer access:x"))
    assert json.loads(answer.body) == {"by": "Bearer access:x", "q": "project=p"}


def test_google_knows_nobody_without_a_token(tmp_path: Path) -> None:
    answer = send(tmp_path, get("https://storage.googleapis.com/storage/v1/b"))
    assert answer.code == 401
    assert json.loads(answer.body)["error"]["status"] == "UNAUTHENTICATED"


def test_everything_else_goes_out(tmp_path: Path) -> None:
    assert send(tmp_path, get("https://example.com/")).body == b"outside"


def test_hosts_can_be_something_else(tmp_path: Path) -> None:
    hosts = (
        "pay.example.com: http://127.0.0.1:1/fake\n"
        "https://pay.example.com/v2/: http://127.0.0.1:2/two/\n"
        "f-1.l.run.app: {code: 503, headers: {Retry-After: '1'}, body: {busy: true}}\n"
    )
    outside = Elsewhere()
    send(tmp_path, get("https://pay.example.com/v1/x?y=1"), hosts, outside)
    send(tmp_path, get("https://pay.example.com/v2/x?y=1"), hosts, outside)
    assert [r.url for r in outside.requests] == [
        "http://127.0.0.1:1/fake/v1/x?y=1",
        "http://127.0.0.1:2/two/x?y=1",
    ]
    assert outside.requests[0].headers["Host"] == "pay.example.com"
    canned = send(tmp_path, get("https://f-1.l.run.app/"), hosts)
    assert (canned.code, canned.body) == (503, b'{"busy":true}')
    assert ("Retry-After", "1") in canned.headers


def test_a_private_service_can_be_something_else(tmp_path: Path) -> None:
    service = "projects/p/locations/l/namespaces/n/services/s"
    outside = Elsewhere()
    request = replace(get("https://10.0.0.1/v1/x"), private_service=service)
    send(tmp_path, request, f"{service}: http://127.0.0.1:3", outside)
    send(tmp_path, request, "example.com: http://127.0.0.1:3", outside)
    assert [r.url for r in outside.requests] == ["http://127.0.0.1:3/v1/x", "https://10.0.0.1/v1/x"]


def test_a_slow_answer_and_a_large_one_are_errors(tmp_path: Path) -> None:
    with pytest.raises(network.SlowError):
        send(tmp_path, get("https://example.com/"), elsewhere=Elsewhere(5))
    with pytest.raises(network.TooLargeError):
        hosts = "example.com: {body: " + "x" * 1001 + "}"
        send(tmp_path, get("https://example.com/"), hosts)


@pytest.mark.parametrize(
    ("error", "tags"),
    [
        (network.SlowError(), ("TimeoutError", "OSError")),
        (network.RefusedError("x"), ("ConnectionFailedError",)),
        (network.BrokenError("x"), ("ConnectionError",)),
        (network.TooLargeError(), ("ResourceLimitError",)),
    ],
)
def test_failures_are_told_apart(error: network.NetworkError, tags: tuple[str, ...]) -> None:
    assert failure(error).tags == tags


def test_a_workflow_calls_as_its_service_account(tmp_path: Path) -> None:
    """OIDC for the audience named, or the url; one token for many calls."""
    url = "https://f-1.l.run.app/x"

    def flow(*_) -> Script:
        calls = [
            HttpCall("GET", url, auth={"type": "OIDC"}),
            HttpCall("GET", url, auth={"type": "OIDC", "audience": "https://a"}),
            HttpCall("GET", url, auth={"type": "OIDC", "audience": "https://a"}),
            HttpCall("GET", url, auth={"type": "OAuth2"}),
            HttpCall("GET", url),
        ]
        bodies = []
        for number, call in enumerate(calls):
            answer = yield from one(number, call)
            bodies.append(answer["body"])
        return Succeeded(bodies)

    async def story() -> None:
        world = World(tmp_path, {"flow": flow})

        async def answer(call: Call) -> Answer:
            told = call.headers.get("Authorization", "nobody")
            return Answer(200, {"Content-Type": "text/plain"}, told.encode())

        world.functions.functions["f-1.l.run.app"] = answer
        flow_name = world.deploy(
            "flow", serviceAccount="projects/demo-project/serviceAccounts/me@x"
        )
        made = world.engine.create(flow_name, {})
        done = await world.engine.wait(ExecutionName.parse(made["name"], world.cloud.projects))
        assert json.loads(done["result"]) == [
            f"Bearer id:me@x:{url}",
            "Bearer id:me@x:https://a",
            "Bearer id:me@x:https://a",
            "Bearer access:me@x",
            "nobody",
        ]
        assert world.tokens.made == 3

    asyncio.run(story())


def test_credentials_that_cannot_be_made_are_an_auth_error(tmp_path: Path) -> None:
    from emulator.errors import ApiError

    def flow(*_) -> Script:
        call = HttpCall("GET", "https://x.example.com/", auth={"type": "OAuth2"})
        value = yield from one(0, call)
        assert isinstance(value, Failure)
        return Succeeded(list(value.tags))

    async def story() -> None:
        world = World(tmp_path, {"flow": flow})

        def refuse(_: str) -> str:
            raise ApiError("NOT_FOUND", "no such service account")

        world.tokens.access_token = refuse
        made = world.engine.create(world.deploy("flow"), {})
        done = await world.engine.wait(ExecutionName.parse(made["name"], world.cloud.projects))
        assert json.loads(done["result"]) == ["AuthError"]

    asyncio.run(story())
