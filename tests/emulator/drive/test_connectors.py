"""googleapis.*: calls of described APIs, retried, polled to their end, and helpers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from emulator.drive.names import ExecutionName
from emulator.wire import JsonResponse, route
from emulator.workflows.effects import (
    ConnectorCall,
    Failure,
    Request,
    RunChild,
    Succeeded,
    Yielded,
)
from tests.emulator.drive.test_engine import allow
from tests.emulator.drive.world import Script, World, finish, one, settle

Handler = Callable[[HttpRequest], Awaitable[Any]]
FUNCTIONS = "googleapis.cloudfunctions.v2.projects.locations.functions.create"
FUNCTION = {"parent": "projects/p/locations/l", "functionId": "f", "body": {}}


def calls(method: str, arguments: dict) -> Callable[..., Script]:
    def flow(*_) -> Script:
        value = yield from one(0, ConnectorCall(method, arguments))
        if isinstance(value, Failure):
            value = [value.message, list(value.tags), dict(value.fields)]
        return Succeeded(value)

    return flow


async def result(world: World, source: str = "flow", seconds: float = 0) -> Any:
    made = world.engine.create(world.deploy(source), {})
    await world.clock.move(seconds)
    done = await world.engine.wait(ExecutionName.parse(made["name"], world.cloud.projects))
    return json.loads(done["result"])


def story(
    folder: Path,
    method: str,
    arguments: dict,
    *routes: tuple[str, str, Handler],
    seconds: float = 0,
) -> Any:
    async def run() -> Any:
        world = World(folder, {"flow": calls(method, arguments)})
        world.app(*(route(*one_) for one_ in routes))
        return await result(world, seconds=seconds)

    return asyncio.run(run())


def test_arguments_go_where_the_description_says(tmp_path: Path) -> None:
    seen = {}

    async def get(request: HttpRequest) -> Any:
        seen.update(request.query_params, token=request.headers["authorization"])
        seen["path"] = request.scope["raw_path"].decode()
        return Response(b"\x00\xff", media_type="application/octet-stream")

    text = story(
        tmp_path,
        "googleapis.storage.v1.objects.get",
        {"bucket": "b", "object": "a%2Fb c", "alt": "media", "generation": 7},
        ("GET", "/storage/v1/b/{bucket}/o/{object:path}", get),
    )
    assert text == {"$": "AP8="}
    assert seen["path"] == "/storage/v1/b/b/o/a%2Fb%20c"
    assert (seen["alt"], seen["generation"]) == ("media", "7")
    assert seen["token"].startswith("Bearer access:")


def test_media_is_uploaded(tmp_path: Path) -> None:
    async def put(request: HttpRequest) -> Any:
        return [dict(request.query_params), (await request.body()).decode()]

    got = story(
        tmp_path,
        "googleapis.storage.v1.objects.insert",
        {"bucket": "b", "name": "n", "body": "hello"},
        ("POST", "/upload/storage/v1/b/b/o", put),
    )
    assert got == [{"name": "n", "uploadType": "media"}, "hello"]


def test_a_mistake_in_the_arguments_is_told(tmp_path: Path) -> None:
    message, tags, _ = story(tmp_path, "googleapis.storage.v1.objects.get", {"bukket": "b"})
    assert tags == ["TypeError"]
    assert "unknown argument 'bukket'" in message
    assert "missing argument 'bucket'" in message
    assert "missing argument 'object'" in message


def test_an_unknown_connector_says_how_to_go_on(tmp_path: Path) -> None:
    message, tags, _ = story(tmp_path, "googleapis.nothing.v1.things.get", {})
    assert tags == ["SystemError"]
    assert "googleapis.nothing.v1.things.get is not known here" in message


def test_a_refusal_is_an_http_error(tmp_path: Path) -> None:
    async def refuse(_: HttpRequest) -> Any:
        return JsonResponse({"error": {"code": 403}}, status_code=403)

    method, arguments = "googleapis.storage.v1.buckets.get", {"bucket": "b"}
    message, tags, fields = story(tmp_path, method, arguments, ("GET", "/storage/v1/b/b", refuse))
    assert message == "HTTP server responded with error code 403"
    assert tags == ["HttpError"]
    assert (fields["code"], fields["body"]) == (403, {"error": {"code": 403}})


@pytest.mark.parametrize(("verb", "tries"), [("GET", 2), ("POST", 1)])
def test_a_bad_gateway_is_tried_again_only_where_it_is_safe(
    tmp_path: Path, verb: str, tries: int
) -> None:
    seen = []

    async def flaky(_: HttpRequest) -> Any:
        seen.append(verb)
        return JsonResponse({}, status_code=502 if len(seen) == 1 else 200)

    method = "googleapis.storage.v1.buckets." + ("get" if verb == "GET" else "insert")
    arguments = {"bucket": "b"} if verb == "GET" else {"project": "p", "body": {}}
    path = "/storage/v1/b/b" if verb == "GET" else "/storage/v1/b"
    story(tmp_path, method, arguments, (verb, path, flaky), seconds=5)
    assert len(seen) == tries


class Operation:
    """A long-running operation that is done after some polls."""

    def __init__(self, polls: int, end: dict) -> None:
        self.polls, self.end = polls, end
        self.started, self.times = 0, []

    async def start(self, _: HttpRequest) -> Any:
        self.started += 1
        return {"name": "projects/p/locations/l/operations/o", "done": False}

    async def poll(self, _: HttpRequest) -> Any:
        self.polls -= 1
        name = {"name": "projects/p/locations/l/operations/o"}
        return {**name, "done": True, **self.end} if self.polls <= 0 else {**name, "done": False}

    def routes(self) -> list:
        return [
            ("POST", "/v2/projects/p/locations/l/functions", self.start),
            ("GET", "/v2/projects/p/locations/l/operations/o", self.poll),
        ]


def test_a_long_running_operation_is_polled_to_its_response(tmp_path: Path) -> None:
    operation = Operation(3, {"response": {"@type": "x", "name": "f"}})
    assert story(tmp_path, FUNCTIONS, FUNCTION, *operation.routes(), seconds=4) == {"name": "f"}
    assert operation.started == 1


def test_each_poll_is_a_step(tmp_path: Path) -> None:
    operation = Operation(3, {"response": {"name": "f"}})

    def flow(*_) -> Script:
        request = Request(0, ConnectorCall(FUNCTIONS, FUNCTION), "create", "main")
        reply = yield Yielded((request,))
        return Succeeded(reply.steps)

    async def run() -> None:
        world = World(tmp_path, {"flow": flow})
        world.app(*(route(*one_) for one_ in operation.routes()))
        assert await result(world, seconds=4) == 3

    asyncio.run(run())


def test_a_failed_operation_is_an_operation_error(tmp_path: Path) -> None:
    operation = Operation(1, {"error": {"code": 3, "message": "no such runtime"}})
    message, tags, fields = story(tmp_path, FUNCTIONS, FUNCTION, *operation.routes(), seconds=4)
    assert (message, tags) == ("no such runtime", ["OperationError"])
    assert fields["error"]["code"] == 3


def test_polling_has_a_policy_and_a_time_limit(tmp_path: Path) -> None:
    operation = Operation(1000, {})
    params = {"timeout": 30, "polling_policy": {"initial_delay": 10, "multiplier": 1}}
    arguments = {**FUNCTION, "connector_params": params}
    _, tags, _ = story(tmp_path, FUNCTIONS, arguments, *operation.routes(), seconds=60)
    assert tags == ["TimeoutError"]
    assert operation.polls == 997
    skipped = {**FUNCTION, "connector_params": {"skip_polling": True}}
    assert story(tmp_path, FUNCTIONS, skipped, *operation.routes())["done"] is False


def test_a_killed_emulator_goes_on_polling_and_starts_nothing_again(tmp_path: Path) -> None:
    operation = Operation(2, {"response": {"name": "f"}})

    async def run() -> None:
        world = World(tmp_path, {"flow": calls(FUNCTIONS, FUNCTION)})
        world.app(*(route(*one_) for one_ in operation.routes()))
        made = world.engine.create(world.deploy("flow"), {})
        await world.clock.move(1.5)
        await world.engine.stop()
        later = world.again()
        later.app(*(route(*one_) for one_ in operation.routes()))
        await later.engine.start()
        await later.clock.move(5)
        name = ExecutionName.parse(made["name"], later.cloud.projects)
        assert json.loads((await later.engine.wait(name))["result"]) == {"name": "f"}

    asyncio.run(run())
    assert operation.started == 1


def test_cancelling_ends_the_polling(tmp_path: Path) -> None:
    operation = Operation(1000, {})

    async def run() -> None:
        world = World(tmp_path, {"flow": calls(FUNCTIONS, FUNCTION)})
        world.app(*(route(*one_) for one_ in operation.routes()))
        made = world.engine.create(world.deploy("flow"), {})
        await world.clock.move(5)
        name = ExecutionName.parse(made["name"], world.cloud.projects)
        left = operation.polls
        assert world.engine.cancel(name)["state"] == "CANCELLED"
        await world.clock.move(600)
        assert operation.polls == left < 1000
        later = world.again()
        later.app(*(route(*one_) for one_ in operation.routes()))
        await later.engine.start()
        await later.clock.move(600)
        assert operation.polls == left
        assert later.engine.get(name)["state"] == "CANCELLED"
        await later.engine.stop()

    asyncio.run(run())


def test_a_query_waits_for_its_rows(tmp_path: Path) -> None:
    async def query(_: HttpRequest) -> Any:
        reference = {"projectId": "p", "jobId": "j", "location": "EU"}
        return {"jobComplete": False, "jobReference": reference}

    async def rows(request: HttpRequest) -> Any:
        return {"jobComplete": True, "rows": [], "location": request.query_params["location"]}

    got = story(
        tmp_path,
        "googleapis.bigquery.v2.jobs.query",
        {"projectId": "p", "body": {"query": "select 1"}},
        ("POST", "/bigquery/v2/projects/p/queries", query),
        ("GET", "/bigquery/v2/projects/p/queries/j", rows),
        seconds=2,
    )
    assert got == {"jobComplete": True, "rows": [], "location": "EU"}


def test_a_job_with_errors_is_an_operation_error(tmp_path: Path) -> None:
    async def insert(_: HttpRequest) -> Any:
        status = {"state": "DONE", "errorResult": {"message": "bad SQL"}}
        return {"jobReference": {"projectId": "p", "jobId": "j"}, "status": status}

    message, tags, _ = story(
        tmp_path,
        "googleapis.bigquery.v2.jobs.insert",
        {"projectId": "p", "body": {}},
        ("POST", "/bigquery/v2/projects/p/jobs", insert),
    )
    assert (message, tags) == ("bad SQL", ["OperationError"])


def test_a_secret_is_read_and_written_as_text(tmp_path: Path) -> None:
    versions = "/v1/projects/demo-project/secrets/s/versions"

    async def access(_: HttpRequest) -> Any:
        return {"payload": {"data": "aMOpbGxv"}}

    async def add(request: HttpRequest) -> Any:
        return await request.json()

    helper = "googleapis.secretmanager.v1.projects.secrets"
    text = story(
        tmp_path,
        f"{helper}.versions.accessString",
        {"secret_id": "s"},
        ("GET", f"{versions}/latest:access", access),
    )
    assert text == "héllo"
    added = story(
        tmp_path,
        f"{helper}.addVersionString",
        {"secret_id": "s", "data": "héllo"},
        ("POST", "/v1/projects/demo-project/secrets/s:addVersion", add),
    )
    assert added == {"payload": {"data": "aMOpbGxv"}}


@pytest.mark.parametrize("skip", [False, True])
def test_another_workflow_is_run(tmp_path: Path, skip: bool) -> None:
    method = "googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run"
    arguments = {
        "workflow_id": "child",
        "argument": {"n": 1},
        "connector_params": {"skip_polling": skip},
    }

    async def run() -> None:
        world = World(
            tmp_path,
            {"flow": calls(method, arguments), "child": lambda argument, *_: finish(argument)},
        )
        allow(world)
        world.deploy("child", "child")
        assert await result(world) == (None if skip else {"n": 1})
        await settle()

    asyncio.run(run())


def test_a_file_can_answer_for_a_connector(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text(
        "googleapis.translate.v2: {body: {data: hola}}\n"
        "googleapis.language.v1.documents: {code: 429, body: slow down}\n"
    )
    got = story(tmp_path, "googleapis.translate.v2.translations.translate", {"q": "hello"})
    assert got == {"data": "hola"}
    _, tags, fields = story(tmp_path, "googleapis.language.v1.documents.analyze", {})
    assert (tags, fields["code"]) == (["HttpError"], 429)


def test_a_failing_child_is_an_execution_error(tmp_path: Path) -> None:
    def parent(*_) -> Script:
        value = yield from one(0, RunChild("child", None, None, None))
        return Succeeded([list(value.tags), value.fields["error"]["payload"]])

    def child(*_) -> Script:
        from emulator.workflows.effects import Failed

        yield from ()
        return Failed('"no"', "no", ())

    async def run() -> None:
        world = World(tmp_path, {"flow": parent, "child": child})
        allow(world)
        world.deploy("child", "child")
        assert await result(world) == [["ExecutionError"], '"no"']

    asyncio.run(run())
