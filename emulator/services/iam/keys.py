"""Keys of service accounts."""

from __future__ import annotations

import base64
from typing import Any

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Json
from emulator.errors import ApiError
from emulator.identity import unique_id
from emulator.keys import key_id, new_rsa_key, public_pem, to_pem
from emulator.services.iam.common import KEY, Part
from emulator.wire import route


class Keys(Part):
    """Keys of service accounts: the private half leaves once, the public half stays."""

    def routes(self) -> list[BaseRoute]:
        keys = "/v1/projects/{project}/serviceAccounts/{account}/keys"
        return [
            route("POST", keys, self._create),
            route("GET", keys, self._list),
            route("GET", f"{keys}/{{key}}", self._get),
            route("DELETE", f"{keys}/{{key}}", self._delete),
        ]

    async def _create(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccountKeys.create", name)
        email = self.find(name)["email"]
        private = new_rsa_key()
        number = key_id(private.public_key())
        pem = public_pem(private.public_key()).decode()
        made = {
            "name": f"{name}/keys/{number}",
            "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": "USER_MANAGED",
            "validAfterTime": rfc3339(self.cloud.clock.now()),
            "validBeforeTime": "9999-12-31T23:59:59Z",
        }
        self.store.put(KEY, number, {"account": email, "publicKey": pem, "key": made})
        file = orjson.dumps(self._file(email, number, to_pem(private).decode()))
        data = base64.b64encode(file).decode()
        secret = {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE", "privateKeyData": data}
        return {**made, **secret}

    def _file(self, email: str, number: str, pem: str) -> dict[str, str]:
        """A key file whose token endpoint is this emulator."""
        return {
            "type": "service_account",
            "project_id": self.cloud.settings.project_id,
            "private_key_id": number,
            "private_key": pem,
            "client_email": email,
            "client_id": unique_id(email),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": f"{self.cloud.settings.url}/token",
            "universe_domain": "googleapis.com",
        }

    async def _list(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccountKeys.list", name)
        email = self.find(name)["email"]
        return {"keys": [k["key"] for _, k in self.store.list(KEY) if k["account"] == email]}

    async def _get(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccountKeys.get", name)
        return self._kept(request, name)["key"]

    async def _delete(self, request: Request) -> Json:
        name = self.name(request)
        self.allow(request, "iam.serviceAccountKeys.delete", name)
        self._kept(request, name)
        self.store.delete(KEY, request.path_params["key"])
        return {}

    def _kept(self, request: Request, name: str) -> dict[str, Any]:
        kept: dict[str, Any] | None = self.store.get(KEY, request.path_params["key"])
        if kept is None or kept["account"] != self.find(name)["email"]:
            raise ApiError("NOT_FOUND", f"Key {request.path_params['key']} does not exist.")
        return kept
