"""The door: who is let in, and what mistakes look like from outside."""

from __future__ import annotations

import asyncio
import logging

import httpx2 as httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Route

from emulator.cloud import Service, project_number
from emulator.errors import ApiError
from emulator.front import Front
from emulator.projects import KnownProjects
from emulator.store import Store
from emulator.wire import route


async def where(request):
    return {"path": request.url.path, **request.path_params}


async def broken(_):
    raise ZeroDivisionError("a detail for the log")


async def refusing(_):
    raise ApiError("ALREADY_EXISTS", "it is there")


async def mounted(scope, receive, send):
    await PlainTextResponse("mounted")(scope, receive, send)


async def deployed(scope, receive, send):
    await PlainTextResponse(f"deployed {scope['path']}")(scope, receive, send)


ROUTES = [
    Host("{label}.run.app", app=deployed),
    route("GET", "/v1/projects/{project}/things/{thing}", where),
    route("GET", "/broken", broken),
    route("GET", "/refusing", refusing),
    Route("/{anything}/open", lambda _: PlainTextResponse("open")),
]


@pytest.fixture
def call():
    store = Store(None)
    services = [Service("a", ROUTES), Service("b", [], mounts={"/storage/v1/": mounted})]
    app = Front(services, KnownProjects(store, "my-project"), ["emulator"])
    app.serve(services, complete=True)

    def get(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport) as client:
                sent = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, f"http://127.0.0.1{path}", headers=sent)

        return asyncio.run(once())

    return get


def test_a_number_is_as_good_as_an_id(call) -> None:
    path = f"/v1/projects/{project_number('my-project')}/things/t"
    assert call(path).json()["project"] == "my-project"


def test_a_project_named_once_is_known_by_number(call) -> None:
    call("/v1/projects/other-project/things/t")
    path = f"/v1/projects/{project_number('other-project')}/things/t"
    assert call(path).json()["project"] == "other-project"


def test_unknown_paths_and_methods(call) -> None:
    for answer in (call("/nowhere"), call("/v1/projects/p/things/t", "POST")):
        assert answer.status_code == 404
        assert answer.json()["error"]["status"] == "NOT_FOUND"


def test_a_service_may_claim_requests_and_take_leftovers() -> None:
    async def claiming(scope, receive, send):
        await PlainTextResponse("claimed")(scope, receive, send)

    async def taking(scope, receive, send):
        await PlainTextResponse("taken")(scope, receive, send)

    odd = Service("odd", [])
    odd.claims = (lambda scope: b"mine" in scope["query_string"], claiming)
    odd.leftovers = (lambda scope: scope["path"].startswith("/bucket/"), taking)
    front = Front([Service("a", ROUTES), odd], KnownProjects(Store(None), "my-project"), [])
    front.serve([Service("a", ROUTES), odd], complete=True)

    async def ask(path: str) -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=front)) as client:
            return (await client.get(f"http://127.0.0.1{path}")).text

    assert asyncio.run(ask("/v1/projects/p/things/t?mine")) == "claimed"
    assert asyncio.run(ask("/bucket/object")) == "taken"
    assert asyncio.run(ask("/bucket/open")) == "open"
    assert "NOT_FOUND" in asyncio.run(ask("/nowhere"))


def test_refusals_look_like_googles(call) -> None:
    error = {"code": 409, "message": "it is there", "status": "ALREADY_EXISTS"}
    assert call("/refusing").json() == {"error": error}


def test_a_mistake_of_ours_stays_in_the_log(call, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        answer = call("/broken")
    assert (answer.status_code, answer.json()["error"]["status"]) == (500, "INTERNAL")
    assert "detail" not in answer.text
    assert "a detail for the log" in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example.com"},
        {"host": "127.0.0.1.evil.example.com"},
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_foreign_sites_are_kept_out(call, headers) -> None:
    assert call("/a/open", **headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost:9090"},
        {"host": "127.0.0.1"},
        {"host": "[::1]:9090"},
        {"host": "storage.googleapis.com"},
        {"host": "emulator:9090"},
        {"origin": "http://localhost:6789"},
    ],
)
def test_our_own_names_are_let_in(call, headers) -> None:
    assert call("/a/open", **headers).text == "open"


def test_mounts_come_before_routes_but_not_before_deployed_services(call) -> None:
    assert call("/storage/v1/b").text == "mounted"
    assert call("/storage/v1/b", host="load-1.run.app").text == "deployed /storage/v1/b"


def test_who_asks_for_a_late_service_waits_for_it() -> None:
    early, late = Service("a", ROUTES[1:2]), Service("b", [route("GET", "/late", where)])

    async def story() -> tuple[str, str]:
        app = Front([early], KnownProjects(Store(None), "my-project"), [])
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            asked = asyncio.create_task(client.get("/late"))
            first = await client.get("/v1/projects/p/things/t")
            assert not asked.done()
            app.serve([late, early], complete=False)
            return first.json()["thing"], (await asked).json()["path"]

    assert asyncio.run(story()) == ("t", "/late")


def test_what_nobody_serves_is_said_once_all_are_there() -> None:
    first, last = Service("a", ROUTES[1:2]), Service("b", [route("GET", "/late", where)])
    app = Front([first], KnownProjects(Store(None), "my-project"), [])

    async def story() -> tuple[bool, int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            asked = asyncio.create_task(client.get("/never"))
            app.serve([first, last], complete=False)
            assert (await client.get("/late")).status_code == 200
            undecided = asked.done()
            app.serve([first, last], complete=True)
            return undecided, (await asked).status_code

    assert asyncio.run(story()) == (False, 404)
