"""Cloud Storage: the JSON API as Google's own clients, pyarrow and plain HTTP use it.

app        paths → handlers                ask        one request, and the JSON answers
buckets    buckets and their policies      objects    metadata, lists, copies, compositions
upload, multipart, resumable               download   bytes out, with ranges
shelf      the rules, without the wire     catalog    one row per generation, in SQLite
signing    V4 signatures                  joining    many files into one
feed       what happened to objects       xml/       the XML API
lifecycle  what rules say, and janitor    holds      what may not be deleted
spool      bytes on their way in           guard      who may
notifications                             what Pub/Sub is told
"""

from __future__ import annotations

import asyncio

from emulator.cloud import Cloud, Service
from emulator.services.storage.app import Storage
from emulator.services.storage.janitor import Janitor
from emulator.services.storage.shelf import Shelf

PREFIXES = (
    "/storage/v1/",
    "/upload/storage/v1/",
    "/download/storage/v1/",
    "/batch/storage/v1",
    "/resumable/upload/storage/v1/",
)


def service(cloud: Cloud) -> Service:
    shelf = cloud.objects
    assert isinstance(shelf, Shelf)
    storage = Storage(cloud, shelf)
    tasks: list[asyncio.Task[None]] = []

    async def start() -> None:
        tasks.append(asyncio.create_task(shelf.sweep()))
        tasks.append(asyncio.create_task(Janitor(shelf).serve()))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        storage.sessions.close()
        shelf.close()

    mounts = dict.fromkeys(PREFIXES, storage)
    xml = storage.xml
    made = Service("storage", [], start=start, stop=stop, mounts=mounts)
    made.claims, made.leftovers = (xml.claim, xml), (xml.takes, xml)
    return made
