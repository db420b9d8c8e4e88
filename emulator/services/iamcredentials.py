"""IAM Credentials v1: tokens in the name of a service account, for who may impersonate it."""

from __future__ import annotations

import base64
import binascii

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Json, Service
from emulator.errors import invalid
from emulator.identity import LIFETIME, Tokens
from emulator.wire import body, route


def service(cloud: Cloud) -> Service:
    return Service("iamcredentials", Impersonation(cloud).routes())


class Impersonation:
    """`projects/-/serviceAccounts/<email>:generateAccessToken` and its sisters."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        assert isinstance(cloud.identity, Tokens)
        self._tokens = cloud.identity

    def routes(self) -> list[BaseRoute]:
        account = "/v1/projects/{project}/serviceAccounts/{account}"
        return [
            route("POST", f"{account}:generateAccessToken", self._access_token),
            route("POST", f"{account}:generateIdToken", self._id_token),
            route("POST", f"{account}:signJwt", self._sign_jwt),
            route("POST", f"{account}:signBlob", self._sign_blob),
        ]

    async def _access_token(self, request: Request) -> Json:
        """Google's own library reads whole seconds only."""
        account = self._allowed(request, "getAccessToken")
        if not (await body(request)).get("scope"):
            raise invalid("Request must have at least one scope.")
        expires = rfc3339(self._cloud.clock.now() + LIFETIME).partition(".")[0]
        return {"accessToken": self._tokens.access_token(account), "expireTime": f"{expires}Z"}

    async def _id_token(self, request: Request) -> Json:
        account = self._allowed(request, "getOpenIdToken")
        audience = (await body(request)).get("audience")
        if not audience:
            raise invalid("Request must have an audience.")
        return {"token": self._tokens.id_token(account, audience)}

    async def _sign_jwt(self, request: Request) -> Json:
        self._allowed(request, "signJwt")
        try:
            claims = orjson.loads((await body(request)).get("payload") or "")
        except orjson.JSONDecodeError:
            raise invalid("The payload must be a JSON object of claims.") from None
        key, token = self._tokens.signed(claims)
        return {"keyId": key, "signedJwt": token}

    async def _sign_blob(self, request: Request) -> Json:
        self._allowed(request, "signBlob")
        try:
            payload = base64.b64decode((await body(request)).get("payload") or "", validate=True)
        except (binascii.Error, ValueError):
            raise invalid("The payload must be base64.") from None
        key, signature = self._tokens.signed_bytes(payload)
        return {"keyId": key, "signedBlob": base64.b64encode(signature).decode()}

    def _allowed(self, request: Request, verb: str) -> str:
        """The account, when the caller may act so in its name."""
        account: str = request.path_params["account"]
        caller = self._cloud.identity.caller(request.headers.get("authorization"))
        project = account.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
        if project.endswith(".gserviceaccount.com"):  # a default account
            project = self._cloud.settings.project_id
        name = f"projects/{project}/serviceAccounts/{account}"
        self._cloud.access.require(caller, f"iam.serviceAccounts.{verb}", name)
        return account
