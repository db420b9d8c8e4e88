"""The metadata server, as it answers inside a function: project, region, service account, tokens.

Below `/md/<service>/` it speaks for that service's account; at the root for the person at this
machine, whose shell may point there as well. A request must carry `Metadata-Flavor: Google`, so
that no web page can make one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.clock import told_lifetime
from emulator.cloud import OWNER, Cloud, Json, Service, project_number
from emulator.errors import ApiError
from emulator.identity import LIFETIME
from emulator.wire import JsonResponse

AccountOf = Callable[[Cloud, str], tuple[str, str] | None]
"""(service account, full service name) of the service behind a label, if it is there."""
FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
TREE = "/computeMetadata"


def service(cloud: Cloud, account_of: AccountOf) -> Service:
    return Service("metadata", Metadata(cloud, account_of).routes())


class Metadata:
    """Directories and leaves of one service's metadata, made when asked for."""

    def __init__(self, cloud: Cloud, account_of: AccountOf) -> None:
        self._cloud = cloud
        self._account_of = account_of

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._answer),
            Route(TREE, self._answer),
            Route(TREE + "/{path:path}", self._answer),
            Route("/md/{service}", self._answer),
            Route("/md/{service}/", self._answer),
            Route("/md/{service}" + TREE, self._answer),
            Route("/md/{service}" + TREE + "/{path:path}", self._answer),
        ]

    async def _answer(self, request: Request) -> Response:
        flavored = request.headers.get("metadata-flavor") == "Google"
        if not flavored or "x-forwarded-for" in request.headers:
            return PlainTextResponse("Missing Metadata-Flavor:Google header.", 403, FLAVOR)
        path = request.path_params.get("path", "").strip("/")
        if not path:
            return _text("computeMetadata/\n")
        account, project = self._who(request.path_params.get("service"))
        if path.endswith(("/token", "/identity")):
            return self._credential(request, path, account)
        found = _below(self._tree(account, project), path.split("/"))
        if found is None:
            return PlainTextResponse("Not Found", 404, FLAVOR)
        return _shown(found, recursive=request.query_params.get("recursive") == "true")

    def _who(self, label: str | None) -> tuple[str, str]:
        """(account, project)"""
        default = self._cloud.settings.project_id
        if label is None:
            return OWNER.email, default
        found = self._account_of(self._cloud, label)
        if found is None:
            raise ApiError("NOT_FOUND", f"There is no service {label}.")
        account, name = found
        return account, name.split("/")[1]

    def _credential(self, request: Request, path: str, account: str) -> Response:
        *_, named, what = path.split("/")
        if named not in ("default", account):
            return PlainTextResponse("Not Found", 404, FLAVOR)
        identity = self._cloud.identity
        if what == "token":
            token = identity.access_token(account)
            left = told_lifetime(self._cloud.clock, LIFETIME) - 1
            answer = {"access_token": token, "expires_in": left, "token_type": "Bearer"}
            return JsonResponse(answer, headers=FLAVOR)
        audience = request.query_params.get("audience")
        if not audience:
            return PlainTextResponse("non-empty audience parameter required", 400, FLAVOR)
        return _text(identity.id_token(account, audience))

    def _tree(self, account: str, project: str) -> dict[str, Any]:
        number, region = project_number(project), self._cloud.settings.region
        one = {"aliases": ["default"], "email": account, "scopes": SCOPES}
        return {
            "v1": {
                "project": {"project-id": project, "numeric-project-id": int(number)},
                "instance": {
                    "id": project_number(account),
                    "region": f"projects/{number}/regions/{region}",
                    "zone": f"projects/{number}/zones/{region}-1",
                    "service-accounts": {"default": one, account: one},
                },
                "universe": {"universe-domain": "googleapis.com"},
            }
        }


def _below(tree: Json, path: list[str]) -> Json | None:
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree


def _shown(value: Json, recursive: bool) -> Response:
    if isinstance(value, dict):
        if recursive:
            return JsonResponse(_camel(value), headers=FLAVOR)
        lines = [f"{key}/" if isinstance(inner, dict) else key for key, inner in value.items()]
        return _text("\n".join([*lines, ""]))
    if recursive:
        return JsonResponse(value, headers=FLAVOR)
    return _text("\n".join(value) if isinstance(value, list) else str(value))


def _camel(value: Json) -> Json:
    """`numeric-project-id` → `numericProjectId`, as recursive answers write names."""
    if not isinstance(value, dict):
        return value
    return {_camel_key(key): _camel(inner) for key, inner in value.items()}


def _camel_key(key: str) -> str:
    if "@" in key:
        return key
    head, *rest = key.split("-")
    return head + "".join(word.capitalize() for word in rest)


def _text(text: str) -> Response:
    return Response(text, headers=FLAVOR, media_type="application/text")
