"""The layer around a service, from outside and from inside."""

from __future__ import annotations

import asyncio
import time

import httpx2 as httpx
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from emulator.discovery.check import Checker, DriftError
from emulator.errors import ApiError

FUNCTIONS = "/v2/projects/blocklift-local/locations/europe-west1/functions"


def call(method: str, path: str, body=None, answer=None, raises: bool = True):
    """(what the service saw, the answer) of one request through the check."""
    seen: list = []

    async def service(scope, receive, send) -> None:
        raw = await Request(scope, receive).body()
        seen.append(orjson.loads(raw) if raw else None)
        await JSONResponse(answer or {"name": "operations/x", "done": False})(scope, receive, send)

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(
            app=Checker("cloudfunctions.v2", raises=raises).around(service)
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://e") as client:
            return await client.request(method, path, json=body)

    response = asyncio.run(once())
    return seen[0], response.json()


def test_services_see_the_plain_form() -> None:
    body = {"service_config": {"ingressSettings": 2}}
    assert call("POST", f"{FUNCTIONS}?functionId=f", body)[0] == {
        "serviceConfig": {"ingressSettings": "ALLOW_INTERNAL_ONLY"}
    }


def test_clients_may_send_the_parameters_of_every_call() -> None:
    query = "?%24alt=json%3Benum-encoding%3Dint&prettyPrint=false&page_size=3"
    call("GET", FUNCTIONS + query, answer={"functions": []})


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("?functionIdx=f", {}, 'Unknown name "functionIdx": Cannot bind query parameter'),
        ("?functionId=f", {"x": 1}, """Unknown name "x" at 'function'"""),
        ("/f?updateMask=labels,serviceConfig.x", {}, '"serviceConfig.x"'),
        ("/f?updateMask=service_config.y", {}, '"service_config.y"'),
    ],
)
def test_refusals_name_the_field(path: str, body, told: str) -> None:
    method = "PATCH" if "updateMask" in path else "POST"
    with pytest.raises(ApiError) as refused:
        call(method, FUNCTIONS + path, body)
    assert refused.value.code == 400
    assert told in refused.value.message
    assert refused.value.details[0]["@type"].endswith("BadRequest")


def test_good_masks_pass() -> None:
    mask = "labels,labels.a,serviceConfig.maxInstanceCount,build_config.runtime,*"
    call("PATCH", f"{FUNCTIONS}/f?updateMask={mask}", {})


def test_a_wrong_page_size() -> None:
    with pytest.raises(ApiError, match="TYPE_INT32"):
        call("GET", f"{FUNCTIONS}?pageSize=many")


def test_answers_cannot_drift() -> None:
    with pytest.raises(DriftError, match=r"functions\.list answers wrongly.*colour"):
        call("GET", FUNCTIONS, answer={"functions": [{"colour": "red"}]})


def test_outside_of_tests_a_drift_is_a_line_in_the_log(caplog) -> None:
    call("GET", FUNCTIONS, answer={"functions": [{"colour": "red"}]}, raises=False)
    assert "colour" in caplog.text


def test_what_is_not_described_passes() -> None:
    assert call("POST", "/v2/elsewhere", {"any": "thing"})[0] == {"any": "thing"}


def test_what_is_no_json(emulator) -> None:
    refused = emulator.post(f"{FUNCTIONS}?functionId=f", b"{nonsense")
    assert (refused.code, refused.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_the_check_is_cheap() -> None:
    """Aim: under 0.2 ms; a busy test machine gets some more."""
    checker = Checker("cloudfunctions.v2")
    method = checker._api.method("POST", FUNCTIONS)
    assert method is not None
    body = orjson.dumps(
        {
            "labels": {f"l{n}": "v" for n in range(10)},
            "buildConfig": {"runtime": "python311", "entryPoint": "block"},
            "serviceConfig": {"availableMemory": "1Gi", "environmentVariables": {"a": "b"}},
        }
    )
    checker.plain_body(method, body)
    begun = time.perf_counter()
    for _ in range(100):
        checker.plain_body(method, body)
    assert (time.perf_counter() - begun) / 100 < 0.002
