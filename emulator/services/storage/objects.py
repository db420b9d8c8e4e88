"""Objects without their bytes: metadata, lists, deletes, copies, compositions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from emulator.cloud import Json
from emulator.services.storage.absent import check_given, check_predefined
from emulator.services.storage.ask import Ask, StorageError, bad
from emulator.services.storage.catalog import Row
from emulator.services.storage.guard import Guard
from emulator.services.storage.holds import check_removable, check_retention
from emulator.services.storage.joining import joined
from emulator.services.storage.listing import Query, page
from emulator.services.storage.preconditions import Preconditions
from emulator.services.storage.resources import OBJECT_FIELDS, object_bytes
from emulator.services.storage.rewriting import Rewrite
from emulator.services.storage.shelf import Shelf, is_versioned
from emulator.services.storage.spool import Spooled, fresh
from emulator.services.storage.upload import object_name

MOST_SOURCES = 32


class Objects:
    """Handlers of `/b/<bucket>/o…`."""

    def __init__(self, shelf: Shelf, guard: Guard) -> None:
        self._shelf = shelf
        self._guard = guard

    async def get(self, ask: Ask, bucket: str, name: str) -> None:
        row = self._guard.read(ask.caller, bucket, name, ask.number("generation"))
        Preconditions.of(ask.params).check_read(row)
        await ask.answer(200, object_bytes(row, ask.base))

    async def list_objects(self, ask: Ask, bucket: str) -> None:
        self._shelf.bucket(bucket)
        self._guard.bucket(ask.caller, "storage.objects.list", bucket)
        found = page(self._shelf.catalog, Query.of(ask, bucket))
        parts = [b'"kind":"storage#objects"']
        if found.rows:
            items = b",".join(object_bytes(row, ask.base) for row in found.rows)
            parts.append(b'"items":[' + items + b"]")
        if found.prefixes:
            parts.append(b'"prefixes":' + orjson.dumps(found.prefixes))
        if found.token:
            parts.append(b'"nextPageToken":' + orjson.dumps(found.token))
        await ask.answer(200, b"{" + b",".join(parts) + b"}")

    async def patch(self, ask: Ask, bucket: str, name: str) -> None:
        await self._change(ask, bucket, name, keep=True)

    async def update(self, ask: Ask, bucket: str, name: str) -> None:
        await self._change(ask, bucket, name, keep=False)

    async def _change(self, ask: Ask, bucket: str, name: str, keep: bool) -> None:
        self._guard.object(ask.caller, "storage.objects.update", bucket, name)
        given = await ask.json()
        row = self._shelf.get(bucket, name, ask.number("generation"))
        Preconditions.of(ask.params).check(row)
        resource, home = row.json(), self._shelf.bucket(bucket)
        check_given(home, given)
        check_predefined(ask, home)
        check_retention(ask, home, resource, given)
        if not keep:
            resource = {k: v for k, v in resource.items() if k not in _REPLACED}
        _merge(resource, {k: v for k, v in given.items() if k in OBJECT_FIELDS})
        await ask.answer(200, object_bytes(self._shelf.update(row, resource), ask.base))

    async def delete(self, ask: Ask, bucket: str, name: str) -> None:
        self._guard.object(ask.caller, "storage.objects.delete", bucket, name)
        generation = ask.number("generation")
        row = self._shelf.get(bucket, name, generation)
        Preconditions.of(ask.params).check(row)
        if generation is not None or not is_versioned(self._shelf.bucket(bucket)):
            check_removable(self._shelf.bucket(bucket), row.json(), self._shelf.clock.now())
        self._shelf.delete(row, for_good=generation is not None)
        await ask.nothing()

    # -- new objects out of old ones --------------------------------------------------------

    async def compose(self, ask: Ask, bucket: str, name: str) -> None:
        given = await ask.json()
        sources = given.get("sourceObjects") or []
        if not 1 <= len(sources) <= MOST_SOURCES:
            raise bad(f"The number of source components must be between 1 and {MOST_SOURCES}.")
        self._guard.write(ask.caller, bucket, name)
        rows = [self._component(ask, bucket, source) for source in sources]
        spooled = await self._joined([self._shelf.file(row) for row in rows])
        attributes = {**(given.get("destination") or {})}
        attributes.setdefault("contentType", rows[0].json().get("contentType"))
        row = self._commit(ask, bucket, name, spooled, attributes)
        count = sum(int(r.json().get("componentCount", 1)) for r in rows)
        await ask.answer(200, object_bytes(self._with_components(row, count), ask.base))

    def _component(self, ask: Ask, bucket: str, source: Mapping[str, Any]) -> Row:
        generation = source.get("generation")
        row = self._guard.read(
            ask.caller, bucket, source.get("name", ""), int(generation) if generation else None
        )
        wanted = (source.get("objectPreconditions") or {}).get("ifGenerationMatch")
        Preconditions(generation=int(wanted) if wanted is not None else None).check(row)
        return row

    async def _joined(self, files: list[Path]) -> Spooled:
        return await joined([file.open("rb") for file in files], fresh(self._shelf.incoming))

    def _with_components(self, row: Row, count: int) -> Row:
        resource = {**row.json(), "componentCount": count}
        new = Row(row.bucket, row.name, row.generation, row.metageneration, orjson.dumps(resource))
        self._shelf.catalog.replace(new)
        return new

    async def copy(self, ask: Ask, source: tuple[str, str], target: tuple[str, str]) -> None:
        row = await self._copied(ask, source, target)
        await ask.answer(200, object_bytes(row, ask.base))

    async def rewrite(self, ask: Ask, source: tuple[str, str], target: tuple[str, str]) -> None:
        given = await ask.json()
        if step := self._step(ask, source, target, given):
            await ask.answer_json(step)
            return
        row = self.duplicate(ask, source, target, given)
        size = row.json()["size"].encode()
        head = b'{"kind":"storage#rewriteResponse","done":true,"totalBytesRewritten":"%b",' % size
        body = head + b'"objectSize":"%b","resource":%b}' % (size, object_bytes(row, ask.base))
        await ask.answer(200, body)

    def _step(
        self, ask: Ask, source: tuple[str, str], target: tuple[str, str], given: Mapping[str, Json]
    ) -> dict[str, Json] | None:
        """The answer of a rewrite that is not done with this call."""
        found = self._guard.read(ask.caller, *source, ask.number("sourceGeneration")).json()
        self._guard.write(ask.caller, *target)
        homes = [self._shelf.bucket(bucket) for bucket in (source[0], target[0])]
        wanted = given.get("storageClass") or homes[1]["storageClass"]
        near = homes[0]["location"] == homes[1]["location"] and found["storageClass"] == wanted
        rewrite = Rewrite.of(ask, found, target)
        done = rewrite.after(ask, at_once=near)
        return rewrite.unfinished(done) if done < rewrite.size else None

    async def move(self, ask: Ask, bucket: str, source: str, target: str) -> None:
        self._guard.object(ask.caller, "storage.objects.delete", bucket, source)
        row = await self._copied(ask, (bucket, source), (bucket, target))
        self._shelf.delete(self._shelf.get(bucket, source), for_good=False)
        await ask.answer(200, object_bytes(row, ask.base))

    async def _copied(self, ask: Ask, source: tuple[str, str], target: tuple[str, str]) -> Row:
        return self.duplicate(ask, source, target, await ask.json())

    def duplicate(
        self, ask: Ask, source: tuple[str, str], target: tuple[str, str], given: Mapping[str, Json]
    ) -> Row:
        """A new object with the bytes of `source`, and with what is `given` in place of its own."""
        object_name({"name": target[1]}, {})
        check_predefined(ask, self._shelf.bucket(target[0]))
        row = self._guard.read(ask.caller, *source, ask.number("sourceGeneration"))
        Preconditions.of(ask.params, source=True).check(row)
        self._shelf.bucket(target[0])
        self._guard.write(ask.caller, *target)
        kept = {k: v for k, v in row.json().items() if k in OBJECT_FIELDS and k != "storageClass"}
        attributes = {**kept, **{k: v for k, v in given.items() if k in OBJECT_FIELDS}}
        return self._commit(ask, *target, self._shelf.link(row), attributes)

    def _commit(
        self, ask: Ask, bucket: str, name: str, spooled: Spooled, given: Mapping[str, Json]
    ) -> Row:
        own = {k: v for k, v in ask.params.items() if not k.startswith("ifSource")}
        try:
            return self._shelf.commit(bucket, name, spooled, given, Preconditions.of(own))
        except StorageError:
            spooled.discard()
            raise


_REPLACED = OBJECT_FIELDS - {"storageClass", "acl"}


def _merge(resource: dict[str, Any], given: Mapping[str, Json]) -> None:
    """JSON merge patch: null takes a field away, and a key of `metadata` too."""
    for key, value in given.items():
        if value is None:
            resource.pop(key, None)
        elif isinstance(value, dict) and isinstance(resource.get(key), dict):
            _merge(resource[key], value)
        else:
            resource[key] = _clean(value)
    for emptied in ("metadata", "retention"):
        if resource.get(emptied) == {}:
            del resource[emptied]


def _clean(value: Json) -> Json:
    if isinstance(value, dict):
        return {k: v for k, v in value.items() if v is not None}
    return value
