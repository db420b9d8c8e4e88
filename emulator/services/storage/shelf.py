"""The buckets and their objects: the rules, without the wire.

An object's bytes are one file that never changes, named by its generation; the catalog's row
comes after the file is whole, so a killed emulator has all of an object or nothing of it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import (
    Access,
    Clock,
    Json,
    ObjectEvent,
    ObjectListener,
    Settings,
    project_number,
)
from emulator.services.storage.absent import check_given
from emulator.services.storage.ask import StorageError
from emulator.services.storage.catalog import Catalog, Row
from emulator.services.storage.feed import Feed
from emulator.services.storage.holds import check_removable
from emulator.services.storage.preconditions import NONE, Preconditions
from emulator.services.storage.resources import (
    bucket_resource,
    etag,
    object_bytes,
    object_resource,
)
from emulator.services.storage.spool import Spooled, fresh, of_file

API = "https://www.googleapis.com"
"""What links in events start with."""
FINALIZED = "google.cloud.storage.object.v1.finalized"
DELETED = "google.cloud.storage.object.v1.deleted"
ARCHIVED = "google.cloud.storage.object.v1.archived"
UPDATED = "google.cloud.storage.object.v1.metadataUpdated"


class Shelf:
    """The `Objects` of a cloud, and what Storage's handlers work on."""

    def __init__(self, settings: Settings, access: Access, clock: Clock) -> None:
        self._files = settings.data / "storage"
        self._objects = str(self._files / "objects")
        self.incoming = self._files / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)
        self.catalog = Catalog(self._files / "catalog.sqlite")
        self._settings = settings
        self._access = access
        self.clock = clock
        self._feed = Feed()
        self.rules_changed = asyncio.Event()
        """Set when a bucket's lifecycle rules are others than before."""
        self._buckets = {b["name"]: (project, b) for project, b in self.catalog.buckets()}
        self._newest = self.catalog.newest()

    # -- buckets ----------------------------------------------------------------------------

    def bucket(self, name: str) -> dict[str, Any]:
        found = self._buckets.get(name)
        if found is None:
            raise StorageError(404, "notFound", "The specified bucket does not exist.")
        return found[1]

    def has(self, bucket: str) -> bool:
        return bucket in self._buckets

    def project_of(self, bucket: str) -> str:
        return self._buckets[bucket][0]

    def buckets(self, project: str) -> list[dict[str, Any]]:
        return [b for _, (owner, b) in sorted(self._buckets.items()) if owner == project]

    def create_bucket(self, project: str, given: Mapping[str, Json]) -> dict[str, Any]:
        name = given["name"]
        if name in self._buckets:
            raise StorageError(
                409,
                "conflict",
                "Your previous request to create the named bucket succeeded and you already own it."
                if self.project_of(name) == project
                else "The requested bucket name is not available. The bucket namespace is shared by"
                " all users of the system. Please select a different name and try again.",
            )
        made = bucket_resource(given, project_number(project), self.now())
        self.folder(name).mkdir(parents=True, exist_ok=True)
        self.keep_bucket(project, made)
        self._access.adopt(f"projects/_/buckets/{name}", f"projects/{project}")
        return made

    def with_rules(self) -> list[dict[str, Any]]:
        """Buckets that have lifecycle rules."""
        found = [bucket for _, bucket in self._buckets.values()]
        return [b for b in found if (b.get("lifecycle") or {}).get("rule")]

    def keep_bucket(self, project: str, resource: dict[str, Any]) -> None:
        old = self._buckets.get(resource["name"])
        if resource.get("lifecycle") != (old[1].get("lifecycle") if old else None):
            self.rules_changed.set()
        self.catalog.put_bucket(project, resource)
        self._buckets[resource["name"]] = (project, resource)

    def delete_bucket(self, name: str) -> None:
        if not self.catalog.is_empty(name):
            message = "The bucket you tried to delete is not empty."
            raise StorageError(409, "conflict", message)
        self.catalog.drop_bucket(name)
        del self._buckets[name]
        self._access.forget(f"projects/_/buckets/{name}")
        for stray in self.folder(name).glob("*"):
            stray.unlink()
        self.folder(name).rmdir()

    # -- reading ----------------------------------------------------------------------------

    def find(self, bucket: str, name: str, generation: int | None = None) -> Row | None:
        self.bucket(bucket)
        if generation is None:
            return self.catalog.live(bucket, name)
        return self.catalog.generation(bucket, name, generation)

    def get(self, bucket: str, name: str, generation: int | None = None) -> Row:
        row = self.find(bucket, name, generation)
        if row is None:
            raise no_object(bucket, name)
        return row

    def file(self, row: Row) -> Path:
        return Path(f"{self._objects}/{row.bucket}/{row.generation}")

    def folder(self, bucket: str) -> Path:
        return self._files / "objects" / bucket

    def path(self, bucket: str, name: str) -> Path:
        return self.file(self.get(bucket, name))

    # -- writing ----------------------------------------------------------------------------

    def commit(
        self,
        bucket: str,
        name: str,
        spooled: Spooled,
        given: Mapping[str, Json],
        conditions: Preconditions = NONE,
    ) -> Row:
        """`spooled` becomes the live generation, or nothing changes at all."""
        home, live = self.bucket(bucket), self.catalog.live(bucket, name)
        check_given(home, given)
        conditions.check(live)
        if live and not is_versioned(home):
            check_removable(home, live.json(), self.clock.now())
        generation = self._next_generation()
        resource = object_resource(home, name, generation, spooled, given, self.now())
        row = Row(bucket, name, generation, 1, orjson.dumps(resource))
        spooled.place(self.file(row))
        versioned = is_versioned(home)
        retired = self._retired(live) if live and versioned else None
        self.catalog.put(row, retired)
        if live and not versioned:
            self.file(live).unlink(missing_ok=True)
        if self._feed:
            self._tell_of_write(row, live, ARCHIVED if versioned else DELETED)
        return row

    def delete(self, row: Row, for_good: bool) -> None:
        """Of a versioned bucket's live object a noncurrent generation stays, unless `for_good`."""
        retired = None
        if not for_good and is_versioned(self.bucket(row.bucket)):
            retired = self._retired(row)
        self.catalog.remove(row, retired)
        if retired is None:
            self.file(row).unlink(missing_ok=True)
        self._tell(DELETED if retired is None else ARCHIVED, row)

    def update(self, row: Row, resource: dict[str, Any]) -> Row:
        metageneration = row.metageneration + 1
        resource |= {
            "metageneration": str(metageneration),
            "updated": self.now(),
            "etag": etag(row.generation, metageneration),
        }
        new = Row(row.bucket, row.name, row.generation, metageneration, orjson.dumps(resource))
        self.catalog.replace(new)
        self._tell(UPDATED, new)
        return new

    def drop_upload(self, key: str) -> None:
        """Give up a multipart upload."""
        for part in self.catalog.drop_session(key):
            (self.incoming / part.file).unlink(missing_ok=True)

    def put_file(self, bucket: str, name: str, file: Path, content_type: str) -> dict[str, Json]:
        if bucket not in self._buckets and bucket.startswith("gcf-"):
            given = {"name": bucket, "location": self._settings.region}
            self.create_bucket(self._settings.project_id, given)
        return self.commit(bucket, name, of_file(file), {"contentType": content_type}).json()

    def link(self, row: Row) -> Spooled:
        """The same bytes once more, without copying them: files never change."""
        path, resource = fresh(self.incoming), row.json()
        os.link(self.file(row), path)
        return Spooled(path, int(resource["size"]), resource["crc32c"], resource.get("md5Hash"))

    # -- events -----------------------------------------------------------------------------

    def subscribe(self, listener: ObjectListener) -> Callable[[], None]:
        return self._feed.subscribe(listener)

    def _tell(
        self, kind: str, row: Row, overwrote: int | None = None, overwritten_by: int | None = None
    ) -> None:
        if self._feed:
            resource = orjson.loads(object_bytes(row, API))
            now = self.clock.now()
            self._feed.tell(ObjectEvent(kind, resource, now, overwrote, overwritten_by))

    def _tell_of_write(self, row: Row, live: Row | None, end: str) -> None:
        """Of the old object first, as it was until then."""
        if live:
            self._tell(end, live, overwritten_by=row.generation)
        self._tell(FINALIZED, row, overwrote=live.generation if live else None)

    # -- keeping house ----------------------------------------------------------------------

    async def sweep(self) -> None:
        """Remove what a killed emulator left behind: files without a row."""
        started = time.time_ns() // 1000
        await asyncio.to_thread(_remove_old, self.incoming, self.catalog.sessions(), started)
        for bucket in list(self._buckets):
            kept = {str(generation) for generation in self.catalog.generations(bucket)}
            await asyncio.to_thread(_remove_old, self.folder(bucket), kept, started)

    def now(self) -> str:
        return rfc3339(self.clock.now())

    def close(self) -> None:
        self.catalog.close()

    def _retired(self, row: Row) -> Row:
        resource = orjson.dumps({**row.json(), "timeDeleted": self.now()})
        return Row(row.bucket, row.name, row.generation, row.metageneration, resource)

    def _next_generation(self) -> int:
        self._newest = max(self._newest + 1, int(self.clock.now() * 1_000_000))
        return self._newest


def is_versioned(bucket: Mapping[str, Any]) -> bool:
    return bool((bucket.get("versioning") or {}).get("enabled"))


def no_object(bucket: str, name: str) -> StorageError:
    return StorageError(404, "notFound", f"No such object: {bucket}/{name}")


def _remove_old(folder: Path, kept: set[str], before: int) -> None:
    for path in folder.glob("*"):
        if path.name.partition(".")[0] not in kept and path.stat().st_mtime_ns // 1000 < before:
            path.unlink(missing_ok=True)
