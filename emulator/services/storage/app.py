"""Storage's paths, and who answers each: plain ASGI, since names hold slashes that routes lose.

/storage/v1/b[/<bucket>[/iam|/storageLayout|/o[/<object>[/compose|/copyTo/…]]]]
/upload/storage/v1/b/<bucket>/o      /download/storage/v1/b/<bucket>/o/<object>
/batch/storage/v1
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

from emulator.cloud import Cloud, project_number
from emulator.errors import ApiError
from emulator.services.storage import absent, batch
from emulator.services.storage.ask import Ask, NotModified, StorageError, bad
from emulator.services.storage.buckets import Buckets
from emulator.services.storage.download import Downloads
from emulator.services.storage.guard import Guard
from emulator.services.storage.notifications import Notifications
from emulator.services.storage.objects import Objects
from emulator.services.storage.resumable import Sessions
from emulator.services.storage.shelf import Shelf
from emulator.services.storage.upload import Uploads
from emulator.services.storage.xml.app import XmlStorage
from emulator.services.storage.xml.objects import XmlObjects
from emulator.wire import JsonResponse

API = "/storage/v1/"
COPIES = ("copyTo", "rewriteTo", "moveTo")
Act = Awaitable[None]
Handler = TypeVar("Handler")


class Storage:
    """The ASGI app of Cloud Storage."""

    def __init__(self, cloud: Cloud, shelf: Shelf) -> None:
        guard = Guard(cloud.access, shelf)
        self._caller = cloud.identity.caller
        self._buckets = Buckets(shelf, guard, cloud.access, cloud.projects)
        self._objects = Objects(shelf, guard)
        self._uploads = Uploads(shelf, guard)
        self._downloads = Downloads(shelf, guard)
        self._shelf = shelf
        self._notifications = Notifications(shelf, guard, cloud.parts)
        self.sessions = Sessions(shelf, guard)
        parts = XmlObjects(self._objects, self._uploads, self._downloads)
        self.xml = XmlStorage(cloud, shelf, parts, self.sessions)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            ask = Ask.of(scope, receive, send, self._caller)
            await self._answer(ask, scope)
        except NotModified:
            await ask.nothing(304)
        except ConnectionError:
            return
        except ApiError as error:
            await JsonResponse(error.to_json(), error.code)(scope, receive, send)

    def _answer(self, ask: Ask, scope: dict[str, Any]) -> Act:
        raw = scope.get("raw_path") or scope["path"].encode()
        path = raw.decode("latin-1")
        head, found, rest = path.partition(API)
        parts = rest.split("/")
        if path.startswith("/batch"):
            return batch.serve(ask, scope, self)
        if not found or parts[0] not in ("b", "projects"):
            raise _unknown(ask, path)
        absent.check_request(ask)
        if head in ("/upload", "/resumable/upload"):
            return self._upload(ask, _decoded(parts[1]))
        if head == "/download":
            return self._downloads.send(ask, _decoded(parts[1]), _decoded("/".join(parts[3:])))
        if parts[0] == "projects":
            if parts[2:] != ["serviceAccount"]:
                raise absent.of_project("/".join(parts[2:3]))
            return self._service_account(ask, parts[1])
        if len(parts) > 3 and parts[2] == "o" and parts[3]:
            return self._object(ask, _decoded(parts[1]), parts[3:])
        return self._bucket(ask, parts[1:], scope)

    # -- bytes ------------------------------------------------------------------------------

    def _upload(self, ask: Ask, bucket: str) -> Act:
        if key := ask.params.get("upload_id"):
            cancel = ask.method == "DELETE"
            return self.sessions.cancel(ask, key) if cancel else self.sessions.receive(ask, key)
        kind = ask.params.get("uploadType", "media")
        by_kind: dict[str, Callable[[Ask, str], Act]] = {
            "media": self._uploads.media,
            "multipart": self._uploads.multipart,
            "resumable": self.sessions.begin,
        }
        if kind not in by_kind:
            raise bad(f"Invalid uploadType: {kind}")
        return by_kind[kind](ask, bucket)

    # -- objects ----------------------------------------------------------------------------

    def _object(self, ask: Ask, bucket: str, parts: list[str]) -> Act:
        if parts[1:2] == ["acl"] or parts[1:] == ["restore"]:
            raise absent.of_object(ask, self._shelf.bucket(bucket), parts[1])
        if ask.method == "POST":
            return self._made(ask, bucket, parts)
        name = _decoded("/".join(parts))
        if ask.method in ("GET", "HEAD"):
            media = ask.params.get("alt") == "media"
            return (self._downloads.send if media else self._objects.get)(ask, bucket, name)
        by_method: dict[str, Callable[[Ask, str, str], Act]] = {
            "PATCH": self._objects.patch,
            "PUT": self._objects.update,
            "DELETE": self._objects.delete,
        }
        return _pick(by_method, ask)(ask, bucket, name)

    def _made(self, ask: Ask, bucket: str, parts: list[str]) -> Act:
        if parts[-1] == "compose":
            return self._objects.compose(ask, bucket, _decoded("/".join(parts[:-1])))
        verb = next((part for part in parts if part in COPIES), None)
        if verb is None:
            raise _unknown(ask, "/".join(parts))
        at = parts.index(verb)
        name, rest = _decoded("/".join(parts[:at])), parts[at + 1 :]
        if verb == "moveTo":
            return self._objects.move(ask, bucket, name, _decoded("/".join(rest[1:])))
        target = (_decoded(rest[1]), _decoded("/".join(rest[3:])))
        method = self._objects.copy if verb == "copyTo" else self._objects.rewrite
        return method(ask, (bucket, name), target)

    # -- buckets ----------------------------------------------------------------------------

    def _bucket(self, ask: Ask, parts: list[str], scope: dict[str, Any]) -> Act:
        if not parts or not parts[0]:
            all_of_them = {"GET": self._buckets.list_buckets, "POST": self._buckets.create}
            return _pick(all_of_them, ask)(ask)
        bucket, what = _decoded(parts[0]), "/".join(parts[1:]).rstrip("/")
        if what == "iam/testPermissions":
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("permissions", [])
            return self._buckets.test_permissions(ask, bucket, asked)
        by_path: dict[str, dict[str, Callable[[Ask, str], Act]]] = {
            "": {
                "GET": self._buckets.get,
                "PATCH": self._buckets.change,
                "PUT": self._buckets.change,
                "DELETE": self._buckets.delete,
            },
            "iam": {"GET": self._buckets.policy, "PUT": self._buckets.set_policy},
            "o": {"GET": self._objects.list_objects, "POST": self._uploads.media},
            "storageLayout": {"GET": self._buckets.layout},
        }
        if what.startswith("notificationConfigs"):
            return self._notification(ask, bucket, what.partition("/")[2])
        if (kind := what.partition("/")[0]) in absent.PATHS:
            raise absent.of_bucket(self._shelf.bucket(bucket), kind)
        if what not in by_path:
            raise _unknown(ask, what)
        return _pick(by_path[what], ask)(ask, bucket)

    def _notification(self, ask: Ask, bucket: str, number: str) -> Act:
        if not number:
            whole = {"GET": self._notifications.list_all, "POST": self._notifications.insert}
            return _pick(whole, ask)(ask, bucket)
        one = {"GET": self._notifications.get, "DELETE": self._notifications.delete}
        return _pick(one, ask)(ask, bucket, number)

    async def _service_account(self, ask: Ask, project: str) -> None:
        number = project_number(project)
        email = f"service-{number}@gs-project-accounts.iam.gserviceaccount.com"
        await ask.answer_json({"kind": "storage#serviceAccount", "email_address": email})


def _pick(handlers: dict[str, Handler], ask: Ask) -> Handler:
    if ask.method not in handlers:
        raise StorageError(405, "methodNotAllowed", f"{ask.method} is not allowed here.")
    return handlers[ask.method]


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise bad("Object names must be valid UTF-8.") from None


def _unknown(ask: Ask, path: str) -> StorageError:
    return StorageError(404, "notFound", f"{ask.method} {path} is not part of this API.")
