"""Methods as routes of the REST port."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request as HttpRequest
from starlette.routing import BaseRoute

from emulator.cloud import Identity
from emulator.rpc.method import Json, Method, Request
from emulator.wire import body, route

SYSTEM = frozenset(
    {"alt", "access_token", "callback", "fields", "key", "prettyPrint", "quotaUser", "uploadType",
     "upload_protocol", "oauth_token"}
)  # fmt: skip
"""Query parameters of every method of Google's."""


def routes(methods: Iterable[Method], identity: Identity) -> list[BaseRoute]:
    return [_route(method, identity) for method in methods]


def _route(method: Method, identity: Identity) -> BaseRoute:
    async def endpoint(http: HttpRequest) -> Json:
        caller = identity.caller(http.headers.get("authorization"))
        return await method.handler(caller, await _request(method, http))

    return route(method.verb, method.route(), endpoint)


async def _request(method: Method, http: HttpRequest) -> Request:
    query = http.query_params.multi_items()
    request: Request = {
        name: value for name, value in query if name not in SYSTEM and not name.startswith("$")
    }
    if method.body == "*":
        request |= await body(http)
    elif method.body:
        request[method.body] = await body(http)
    method.put_fields(request, http.path_params)
    return request
