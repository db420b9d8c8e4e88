"""JSON in, JSON out, pages and masks: what every REST service of Google does the same way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.errors import ApiError, invalid

Json = Any
Handler = Callable[[Request], Awaitable[Json]]


class JsonResponse(Response):
    """A JSON answer, written by orjson."""

    media_type = "application/json"

    def render(self, content: Json) -> bytes:
        return orjson.dumps(content)


def route(method: str, path: str, handler: Handler) -> Route:
    """A route whose handler gives JSON, or a Response where it must say more."""

    async def endpoint(request: Request) -> Response:
        answer = await handler(request)
        return answer if isinstance(answer, Response) else JsonResponse(answer)

    return Route(path, endpoint, methods=[method])


def refusal(error: ApiError) -> JsonResponse:
    return JsonResponse(error.to_json(), status_code=error.code)


async def body(request: Request) -> dict[str, Json]:
    """The JSON object of a request; nothing at all counts as `{}`."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"Invalid JSON payload received. {error}"
        raise invalid(message) from None
    if not isinstance(value, dict):
        raise invalid("Invalid JSON payload received. The request body must be an object.")
    return value


def page(
    request: Request, items: Sequence[Json], key: str, default: int = 100, most: int = 1000
) -> dict[str, Json]:
    """One page of `items` by pageSize and pageToken; the token is an offset, opaque to clients."""
    size = _number(request, "pageSize") or default
    start = _number(request, "pageToken")
    if size < 0:
        raise invalid("The page size must not be negative.")
    end = start + min(size, most)
    answer: dict[str, Json] = {key: list(items[start:end])}
    if end < len(items):
        answer["nextPageToken"] = str(end)
    return answer


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name) or "0"
    try:
        return int(text)
    except ValueError:
        raise invalid(f"Invalid value for {name}: '{text}'.") from None


def mask_of(request: Request, given: dict[str, Json]) -> list[str]:
    """Paths of `updateMask`, camelCased; without one, every field that the body has."""
    return mask_paths(request.query_params.get("updateMask", ""), given)


def mask_paths(text: str, given: dict[str, Json]) -> list[str]:
    paths = [camel(path.strip()) for path in text.split(",") if path.strip()]
    return list(given) if not paths or paths == ["*"] else paths


def camel(path: str) -> str:
    """`service_config.max_instance_count` → `serviceConfig.maxInstanceCount`."""
    head, *rest = path.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def apply_mask(target: dict[str, Json], given: dict[str, Json], paths: Sequence[str]) -> None:
    """Copy the fields of `paths` from `given`; a path that is not given is cleared."""
    for path in paths:
        *way, last = path.split(".")
        source: Json = given
        into = target
        for key in way:
            source = source.get(key, {}) if isinstance(source, dict) else {}
            into = into.setdefault(key, {})
        if isinstance(source, dict) and last in source:
            into[last] = source[last]
        else:
            into.pop(last, None)
