"""The XML API's paths, and who answers each.

/<bucket>[?list-type|uploads|…]      /<bucket>/<object>[?uploads|uploadId|upload_id|…]

A bucket may stand in the host instead: `<bucket>.storage.googleapis.com`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError
from emulator.services.storage.absent import missing
from emulator.services.storage.ask import Ask, NotModified, StorageError, bad
from emulator.services.storage.guard import Guard
from emulator.services.storage.listing import MOST, Query, encode, page
from emulator.services.storage.resumable import Sessions
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.signing import Signed
from emulator.services.storage.xml.documents import Field, document, listing, refusal
from emulator.services.storage.xml.objects import XML, XmlObjects, given, with_params
from emulator.services.storage.xml.parts import Parts

_HOST = re.compile(r"(?:([a-z0-9._-]+)\.)?storage\.(?:googleapis\.com|localhost)(?::\d+)?")
Act = Awaitable[None]
SIGNATURE = b"X-Goog-Signature="
FORM = "multipart/form-data"


class XmlStorage:
    """The ASGI app of Storage's XML API."""

    def __init__(self, cloud: Cloud, shelf: Shelf, objects: XmlObjects, sessions: Sessions) -> None:
        self._cloud = cloud
        self._shelf = shelf
        self._objects = objects
        self._sessions = sessions
        self._guard = Guard(cloud.access, shelf)
        self._parts = Parts(shelf, self._guard)

    def claim(self, scope: Mapping[str, Any]) -> bool:
        """Surely meant for this API: by its signature, or by Storage's host."""
        if SIGNATURE in scope["query_string"]:
            return True
        return any(name == b"host" and b"storage." in host for name, host in scope["headers"]) and (
            _host(dict(scope["headers"])) is not None
        )

    def takes(self, scope: Mapping[str, Any]) -> bool:
        """A path that nobody else serves, and that starts with a bucket's name."""
        return self._shelf.has(unquote(scope["path"].split("/", 2)[1]))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        head = scope["method"] == "HEAD"
        ask = Ask.of(scope, receive, send, lambda _: Principal(""))
        try:
            await self._answer(await self._known(ask, scope), _path(scope))
        except NotModified:
            await ask.nothing(304)
        except ConnectionError:
            return
        except ApiError as error:
            body = b"" if head else refusal(error)
            await ask.answer(error.code, body, XML)

    async def _known(self, ask: Ask, scope: Any) -> Ask:
        """The request with its caller: whose signature or whose token it has."""
        if SIGNATURE in scope["query_string"]:
            query = scope["query_string"].decode("latin-1")
            signed = Signed.of(ask.method, _path(scope), query, ask.headers)
            checks = self._cloud.identity.signed_by
            caller = Principal(signed.account(self._cloud.clock.now(), checks))
        else:
            caller = self._cloud.identity.caller(ask.header(b"authorization") or None)
        return with_params(dataclasses.replace(ask, caller=caller))

    def _answer(self, ask: Ask, path: str) -> Act:
        found = _host(ask.headers)
        if found:
            return self._bucket(ask, found) if path == "/" else self._object(ask, found, path[1:])
        bucket, _, name = path[1:].partition("/")
        if name:
            return self._object(ask, unquote(bucket), name)
        return self._bucket(ask, unquote(bucket))

    # -- buckets ----------------------------------------------------------------------------

    def _bucket(self, ask: Ask, bucket: str) -> Act:
        by_method: dict[str, Callable[[Ask, str], Act]] = {"GET": self._about, "HEAD": self._head}
        if ask.method == "POST" and ask.header(b"content-type").startswith(FORM):
            raise missing("forms with a POST policy: use a signed URL")
        if ask.method not in by_method:
            raise _not_allowed(ask, "Buckets are made and changed by the JSON API here.")
        return by_method[ask.method](ask, bucket)

    async def _head(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.get", bucket)
        await ask.nothing(200)

    def _about(self, ask: Ask, bucket: str) -> Act:
        if "uploads" in ask.params:
            return self._parts.list_uploads(ask, bucket)
        for asked in ("location", "versioning", "storageClass"):
            if asked in ask.params:
                return self._setting(ask, bucket, asked)
        if unknown := sorted(_WITHOUT & ask.params.keys()):
            raise StorageError(501, "NotImplemented", f"?{unknown[0]} is not emulated.")
        return self._list(ask, bucket)

    async def _setting(self, ask: Ask, bucket: str, asked: str) -> None:
        resource = self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.buckets.get", bucket)
        enabled = (resource.get("versioning") or {}).get("enabled")
        values: dict[str, Field] = {
            "location": ("LocationConstraint", resource["location"]),
            "versioning": (
                "VersioningConfiguration",
                [("Status", "Enabled" if enabled else "Suspended")],
            ),
            "storageClass": ("StorageClass", resource["storageClass"]),
        }
        root, value = values[asked]
        await ask.answer(200, document(root, value), XML)

    async def _list(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.objects.list", bucket)
        second = ask.params.get("list-type") == "2"
        query = _query(ask, bucket, second)
        found = page(self._shelf.catalog, query)
        token = ask.params.get("continuation-token", "")
        await ask.answer(200, listing(query, found, second, token), XML)

    # -- objects ----------------------------------------------------------------------------

    def _object(self, ask: Ask, bucket: str, encoded: str) -> Act:
        try:
            name = unquote(encoded, errors="strict")
        except UnicodeDecodeError:
            raise bad("Object names must be valid UTF-8.") from None
        if "uploadId" in ask.params:
            return self._part(ask)(ask, bucket, name)
        if key := ask.params.get("upload_id"):
            cancel = ask.method == "DELETE"
            return self._sessions.cancel(ask, key) if cancel else self._sessions.receive(ask, key)
        by_method: dict[str, Callable[[Ask, str, str], Act]] = {
            "GET": self._objects.get,
            "HEAD": self._objects.get,
            "PUT": self._objects.put,
            "DELETE": self._objects.delete,
            "POST": self._begin,
        }
        if ask.method not in by_method:
            raise _not_allowed(ask)
        return by_method[ask.method](ask, bucket, name)

    def _part(self, ask: Ask) -> Callable[[Ask, str, str], Act]:
        by_method = {
            "PUT": self._parts.put,
            "POST": self._parts.finish,
            "DELETE": self._parts.abort,
            "GET": self._parts.list_parts,
        }
        if ask.method not in by_method:
            raise _not_allowed(ask)
        return by_method[ask.method]

    def _begin(self, ask: Ask, bucket: str, name: str) -> Act:
        if "uploads" in ask.params:
            return self._parts.begin(ask, bucket, name)
        if ask.header(b"x-goog-resumable").lower() == "start":
            return self._sessions.begin_by_headers(ask, bucket, name, given(ask))
        raise bad("A POST to an object must begin a resumable or a multipart upload.")


_WITHOUT = frozenset({"acl", "cors", "lifecycle", "logging", "policy", "tagging", "website"})


def _query(ask: Ask, bucket: str, second: bool) -> Query:
    params = ask.params
    token = params.get("continuation-token", "")
    begin = params.get("start-after", "") if second else params.get("marker", "")
    limit = ask.number("max-keys")
    like = {
        "prefix": params.get("prefix", ""),
        "delimiter": params.get("delimiter", ""),
        "pageToken": token or (encode(begin) if begin else ""),
        "maxResults": str(limit if limit and limit > 0 else MOST),
        "versions": "true" if "versions" in params else "",
    }
    return Query.of(dataclasses.replace(ask, params=like), bucket)


def _host(headers: Mapping[bytes, bytes]) -> str | None:
    """The bucket of a virtual-hosted request; "" when Storage's host names none."""
    found = _HOST.fullmatch(headers.get(b"host", b"").decode("latin-1"))
    return (found[1] or "") if found else None


def _path(scope: Mapping[str, Any]) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].decode("latin-1")


def _not_allowed(ask: Ask, hint: str = "") -> StorageError:
    return StorageError(
        405, "MethodNotAllowed", f"{ask.method} is not allowed here. {hint}".strip()
    )
