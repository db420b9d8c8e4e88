"""A request already read, and its answer as JSON: what every route's few lines work with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio.server.errors import StudioError
from studio.server.views import plain

Handler = Callable[["Ask"], Any]
T = TypeVar("T")


class Ask:
    """One request: path, query and body, already read."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.path = request.path_params
        self.query = request.query_params
        self._body = body

    def json(self) -> dict[str, Any]:
        try:
            data = json.loads(self._body or b"{}")
        except ValueError:
            raise StudioError(400, "The body is not JSON") from None
        if not isinstance(data, dict):
            raise StudioError(400, "The body is not a JSON object")
        return data

    def record(self, of: type[T]) -> T:
        """The body as one of `messages`; unknown keys are refused."""
        data = self.json()
        known = {field.name for field in fields(of)}  # type: ignore[arg-type]  # a dataclass
        if unknown := set(data) - known:
            raise StudioError(400, f"Unknown: {', '.join(sorted(unknown))}")
        try:
            return of(**data)
        except TypeError as error:
            raise StudioError(400, str(error)) from None

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        if text and not text.isdigit():
            raise StudioError(400, f"{name} is a number")
        return int(text or default)


def endpoint(method: str) -> Callable[[str, Handler], Route]:
    """A route whose handler runs in a thread and whose answer becomes JSON."""

    def make(path: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            ask = Ask(request, await request.body())
            return JSONResponse(jsonable(await run_in_threadpool(handler, ask)))

        return Route(path, answer, methods=[method])

    return make


get, post, put = endpoint("GET"), endpoint("POST"), endpoint("PUT")
patch, delete = endpoint("PATCH"), endpoint("DELETE")


def jsonable(value: Any) -> Any:
    if value is None:
        return {}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return plain(asdict(value) if is_dataclass(value) and not isinstance(value, type) else value)
