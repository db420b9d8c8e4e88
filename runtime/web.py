"""One keep-alive HTTP client for the process, and this function's identity.

Endpoints are Google's, or API_ENDPOINT_OVERRIDE for all of them (Google's storage library
knows the same variable). Tokens come from the metadata server (Google: About VM metadata),
which the emulator plays under GCE_METADATA_HOST; nothing else is asked for credentials.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from runtime.errors import SettingsProblem, StoreProblem
from runtime.record import field, mutable

if TYPE_CHECKING:
    from urllib3 import PoolManager, Retry

Json = Any
AGAIN = (429, 500, 502, 503, 504)
FRESH_SECONDS = 225
"""A token with less left is renewed; the metadata server gives a new one by then."""


def endpoint(service: str) -> str:
    """Root URL of a Google API: storage, workflowexecutions, secretmanager …"""
    override = os.environ.get("API_ENDPOINT_OVERRIDE")
    return override.rstrip("/") if override else f"https://{service}.googleapis.com"


@cache
def pool() -> PoolManager:
    """Connections are kept and shared by all threads."""
    import urllib3

    retry = urllib3.Retry(
        total=5, backoff_factor=0.2, status_forcelist=AGAIN, allowed_methods=None,
        raise_on_status=False, respect_retry_after_header=True,
    )  # fmt: skip
    timeout = urllib3.Timeout(connect=10, read=300)
    return urllib3.PoolManager(num_pools=8, maxsize=32, retries=retry, timeout=timeout)


def _connecting() -> Retry:
    """Again when nobody answered the door, or the answer was that it is too much."""
    import urllib3

    return urllib3.Retry(
        total=5, connect=5, read=0, other=0, status_forcelist=(429,), allowed_methods=None,
        backoff_factor=0.2, raise_on_status=False,
    )  # fmt: skip


@mutable
class Identity:
    """The service account that this function runs as."""

    _token: str = ""
    _until: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def token(self) -> str:
        """An access token, kept while it is fresh; empty where there are no identities."""
        with self._lock:
            if time.monotonic() > self._until:
                self._renew()
            return self._token

    def _renew(self) -> None:
        if not os.environ.get("GCE_METADATA_HOST") and os.environ.get("API_ENDPOINT_OVERRIDE"):
            self._until = float("inf")
            return
        answer = json.loads(metadata("instance/service-accounts/default/token"))
        self._token = answer["access_token"]
        self._until = time.monotonic() + answer["expires_in"] - FRESH_SECONDS


identity = Identity()


def metadata(path: str) -> str:
    """What the metadata server says of this function."""
    host = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    url = f"http://{host}/computeMetadata/v1/{path}"
    from urllib3.exceptions import HTTPError

    try:
        reply = pool().request("GET", url, headers={"Metadata-Flavor": "Google"})
    except HTTPError as error:
        raise SettingsProblem(
            f"no metadata server at {host}: this function has no identity ({error})"
        ) from error
    if reply.status != 200:
        raise SettingsProblem(f"the metadata server answered {reply.status} for {path}")
    return reply.data.decode()


def project_id() -> str:
    return os.environ.get("GOOGLE_CLOUD_PROJECT") or metadata("project/project-id")


def region() -> str:
    """Of this function: "projects/NUMBER/regions/REGION", its last part."""
    given = os.environ.get("BLOCKLIFT_REGION")
    return given or metadata("instance/region").rpartition("/")[2]


class Reply(Protocol):
    """An answer, whoever asked."""

    @property
    def status(self) -> int: ...

    @property
    def data(self) -> bytes: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


def is_local(url: str) -> bool:
    """Without TLS: the local cloud."""
    return url.startswith("http://")


def authorized(method: str, url: str, body: bytes | None = None, **options: Any) -> Reply:
    """A request as this function's service account; the caller looks at the status."""
    headers = _identified(options.pop("headers", None))
    if not options and is_local(url):
        from runtime import loopback

        quick = loopback.ask_all([loopback.Ask(method, url, headers, body or b"")])[0]
        if quick and _is_final(quick):
            return quick
    from urllib3.exceptions import HTTPError

    try:
        return pool().request(method, url, body=body, headers=headers, **options)
    except HTTPError as error:
        raise StoreProblem(f"{method} {url.partition('?')[0]}: {error}") from error


def authorized_gets(urls: Sequence[str]) -> list[Reply]:
    """Several at once, without threads where the cloud is on this machine."""
    from runtime import loopback

    headers = _identified(None)
    quick = loopback.ask_all([loopback.Ask("GET", url, headers) for url in urls])
    return [
        reply if reply and _is_final(reply) else authorized("GET", url)
        for reply, url in zip(quick, urls, strict=True)
    ]


def _identified(given: Mapping[str, str] | None) -> dict[str, str]:
    headers = dict(given or {})
    if token := identity.token():
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _is_final(reply: Reply) -> bool:
    """Neither to be asked again nor elsewhere."""
    return reply.status not in AGAIN and not 300 <= reply.status < 308


def call_json(method: str, url: str, body: Json = None) -> Json:
    """A Google API's JSON call; an answer that is no success is an exception.

    What starts something is repeated only where it surely did not arrive.
    """
    data = None if body is None else json.dumps(body).encode()
    careful = {} if method == "GET" else {"retries": _connecting()}
    headers = {"Content-Type": "application/json"}
    reply = authorized(method, url, data, headers=headers, **careful)
    if reply.status >= 300:
        raise refused(f"{method} {url.partition('?')[0]}", reply)
    return json.loads(reply.data or b"null")


def refused(what: str, reply: Reply) -> SettingsProblem | StoreProblem:
    """The exception for an answer that is no success, in the server's own words."""
    try:
        message = json.loads(reply.data)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = reply.data[:200].decode(errors="replace")
    kind = SettingsProblem if reply.status in (401, 403, 404) else StoreProblem
    return kind(f"{what} answered {reply.status}: {message}")
