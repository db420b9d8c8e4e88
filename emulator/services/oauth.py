"""Google's token endpoints, as key files and token verifiers use them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from emulator.cloud import OWNER, Cloud, Json, Service
from emulator.errors import ApiError
from emulator.identity import ISSUER, LIFETIME, Tokens
from emulator.wire import JsonResponse, route

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def service(cloud: Cloud) -> Service:
    tokens = cloud.identity
    assert isinstance(tokens, Tokens)
    oauth = OAuth(tokens, cloud.settings.url)
    return Service(
        "oauth",
        [
            route("POST", "/token", oauth.token),
            route("POST", "/oauth2/v4/token", oauth.token),
            route("GET", "/oauth2/v3/certs", oauth.certificates),
            route("GET", "/tokeninfo", oauth.info),
            route("GET", "/oauth2/v3/tokeninfo", oauth.info),
            route("GET", "/.well-known/openid-configuration", oauth.discovery),
        ],
    )


class OAuth:
    """Assertions in, tokens out."""

    def __init__(self, tokens: Tokens, url: str) -> None:
        self._tokens = tokens
        self._url = url

    async def token(self, request: Request) -> Json:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") == "refresh_token":  # a person's own credentials
            return self._access(OWNER.email)
        if form.get("grant_type") != JWT_GRANT:
            return _refused("unsupported_grant_type", "Invalid grant_type")
        try:
            account, claims = self._tokens.of_assertion(form.get("assertion", ""))
        except ApiError:
            return _refused("invalid_grant", "Invalid JWT Signature.")
        if audience := claims.get("target_audience"):
            return {"id_token": self._tokens.id_token(account, audience)}
        return self._access(account)

    def _access(self, account: str) -> Json:
        token = self._tokens.access_token(account)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    async def certificates(self, _: Request) -> Json:
        return self._tokens.certificates()

    async def info(self, request: Request) -> Json:
        params = request.query_params
        token = params.get("access_token") or params.get("id_token") or ""
        claims = self._tokens.describe(token)
        return claims or _refused("invalid_token", "Invalid Value")

    async def discovery(self, _: Request) -> Json:
        return {
            "issuer": ISSUER,
            "token_endpoint": f"{self._url}/token",
            "jwks_uri": f"{self._url}/oauth2/v3/certs",
            "id_token_signing_alg_values_supported": ["RS256"],
        }


def _refused(error: str, description: str) -> JsonResponse:
    return JsonResponse({"error": error, "error_description": description}, status_code=400)
