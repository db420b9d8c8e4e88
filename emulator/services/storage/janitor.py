"""Carries out the lifecycle rules of every bucket: at the start, on a change, each hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from emulator.clock import unix
from emulator.services.storage import lifecycle
from emulator.services.storage.ask import StorageError
from emulator.services.storage.catalog import Row
from emulator.services.storage.holds import check_removable
from emulator.services.storage.shelf import Shelf

EVERY = 3600.0
AT_ONCE = 200
"""Objects that are judged before other requests have their turn."""

log = logging.getLogger(__name__)


class Janitor:
    """Works in the event loop, a few objects at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def serve(self) -> None:
        while True:
            self._shelf.rules_changed.clear()
            await self.tidy()
            await self._pause()

    async def _pause(self) -> None:
        clock = self._shelf.clock
        waits = [
            asyncio.ensure_future(clock.sleep_until(clock.now() + EVERY)),
            asyncio.ensure_future(self._shelf.rules_changed.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def tidy(self) -> None:
        """One round over all buckets that have rules."""
        for bucket in self._shelf.with_rules():
            rules = bucket["lifecycle"]["rule"]
            try:
                await self._objects(bucket, rules)
                self._uploads(bucket["name"], rules)
            except StorageError as gone:
                log.info("lifecycle of %s: %s", bucket["name"], gone.message)

    async def _objects(self, bucket: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> None:
        rows = self._shelf.catalog.scan_all(bucket["name"], "", None, -1)
        for count, (_, same) in enumerate(groupby(rows, key=lambda row: row.name), 1):
            for row, due in self._due(list(same), rules):
                self._perform(bucket, row, due)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _due(
        self, rows: list[Row], rules: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[Row, str]]:
        now = self._shelf.clock.now()
        for row, version in zip(
            rows, lifecycle.versions([row.json() for row in rows]), strict=True
        ):
            if due := lifecycle.action(rules, version, now):
                yield row, due

    def _perform(self, bucket: Mapping[str, Any], row: Row, due: str) -> None:
        """Unless the object has changed, or is held."""
        kept = self._shelf.find(row.bucket, row.name, row.generation)
        if kept is None:
            return
        resource = kept.json()
        if due != lifecycle.DELETE:
            changed = {"storageClass": due, "timeStorageClassUpdated": self._shelf.now()}
            self._shelf.update(kept, resource | changed)
            return
        try:
            check_removable(bucket, resource, self._shelf.clock.now())
        except StorageError:
            return
        self._shelf.delete(kept, for_good="timeDeleted" in resource)

    def _uploads(self, bucket: str, rules: Sequence[Mapping[str, Any]]) -> None:
        ages, now = lifecycle.upload_age(rules), self._shelf.clock.now()
        for key, _, begun in self._shelf.catalog.uploads(bucket) if ages else ():
            if now >= unix(begun) + min(ages) * lifecycle.DAY:
                self._shelf.drop_upload(key)
