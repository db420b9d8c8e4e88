"""Studio's application: the guard, the routes, and the built pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from deployer.errors import BlockliftError
from studio.server.asking import jsonable
from studio.server.errors import Changed, StudioError
from studio.server.guard import Guard, Pass
from studio.server.routes import routes
from studio.server.session import Session, told
from studio.server.watching import Watching

STATIC = Path(__file__).parents[1] / "static"
FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
"""Built files carry a digest in their names."""


def build(session: Session, door: Pass) -> Starlette:
    return Starlette(
        routes=[
            *routes(session),
            Route("/api/{rest:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            Route("/{path:path}", page),
        ],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={
            StudioError: refuse,
            BlockliftError: lambda request, error: refuse(request, told(error)),
            Exception: broken,
        },
        lifespan=lambda app: living(session),
    )


def living(session: Session) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        watching = Watching(session)
        watching.start()
        try:
            yield
        finally:
            watching.stop()
            for end in session.at_end:
                end()

    return lifespan()


def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, StudioError)
    answer: dict[str, object] = {"error": {"message": error.message, "hint": error.hint}}
    if isinstance(error, Changed):
        answer["conflict"] = jsonable(error.conflict)
    return JSONResponse(answer, error.status)


def broken(request: Request, error: Exception) -> Response:
    """Our own mistake: the traceback is in Studio's terminal, never in the browser."""
    message = f"Studio failed: {type(error).__name__}. Its terminal has the details."
    return JSONResponse({"error": {"message": message, "hint": ""}}, 500)


async def unknown(request: Request) -> Response:
    return JSONResponse({"error": {"message": "There is no such address", "hint": ""}}, 404)


async def page(request: Request) -> Response:
    """A built file, or the one page whose script shows every address."""
    name = request.path_params["path"]
    place = (STATIC / name).resolve()
    if name and place.is_file() and place.is_relative_to(STATIC):
        return FileResponse(place, headers=FOREVER if name.startswith("assets/") else None)
    return FileResponse(STATIC / "index.html")
