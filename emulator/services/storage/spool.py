"""Bytes on their way into a bucket: streamed to a file while their checksums are taken.

Small bodies are handled where they are; from a block on, one thread writes and another takes the
MD5, which is as slow as all the rest together, while the loop receives the next block. So memory
holds two blocks whatever the size of the object.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from emulator.crc32c import crc32c, crc32c_base64

BLOCK = 1024 * 1024
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Spooled:
    """All bytes of a generation to be: in a file, or still in memory when they are few."""

    path: Path | None
    size: int
    crc32c: str
    md5: str | None
    """None for composite objects, which have none at Google either."""
    data: bytes = b""

    def place(self, final: Path) -> None:
        """Become the file `final`. A half-written one has no row, and is swept away."""
        if self.path is not None:
            self.path.rename(final)
            return
        descriptor = os.open(final, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            _write_all(descriptor, self.data)
        finally:
            os.close(descriptor)

    def discard(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def in_memory(data: bytes) -> Spooled:
    md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    return Spooled(None, len(data), crc32c_base64(crc32c(data)), md5, data)


class Spool:
    """One file being written."""

    def __init__(self, path: Path, append: bool = False) -> None:
        self.path = path
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._crc = 0
        self._waiting: list[bytes] = []
        self._held = 0
        self._jobs: list[asyncio.Future[None]] = []
        if append and path.exists():
            self._read_again()
        self._file = path.open("ab" if append else "wb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        self._waiting.append(chunk)
        self._held += len(chunk)
        self.size += len(chunk)
        if self._held >= BLOCK:
            await self.settle()
            block, loop = self._taken(), asyncio.get_running_loop()
            work = (self._keep, self._md5.update)
            self._jobs = [loop.run_in_executor(None, job, block) for job in work]

    async def settle(self) -> None:
        """Wait for the block that is being written."""
        if self._jobs:
            await asyncio.wait(self._jobs)
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            job.result()

    async def flush(self) -> None:
        """Everything received is in the file."""
        await self.settle()
        block = self._taken()
        self._keep(block)
        self._md5.update(block)

    def _taken(self) -> bytes:
        """What waits, in one piece: threads then fight less over the interpreter."""
        chunks, self._waiting, self._held = self._waiting, [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def finish(self) -> Spooled:
        await self.flush()
        self._file.close()
        return self._spooled()

    def cut(self, size: int) -> None:
        """Forget what came after `size` bytes."""
        os.ftruncate(self._file.fileno(), size)
        self._file.close()
        self._md5, self._crc, self.size = hashlib.md5(usedforsecurity=False), 0, 0
        self._read_again()
        self._file = self.path.open("ab", buffering=0)

    async def abandon(self) -> None:
        await self.settle()
        self._file.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        self._file.close()

    def _keep(self, block: bytes) -> None:
        _write_all(self._file.fileno(), block)
        self._crc = crc32c(block, self._crc)

    def _read_again(self) -> None:
        with self.path.open("rb", buffering=0) as file:
            while data := file.read(BLOCK):
                self._md5.update(data)
                self._crc = crc32c(data, self._crc)
                self.size += len(data)

    def _spooled(self) -> Spooled:
        md5 = base64.b64encode(self._md5.digest()).decode()
        return Spooled(self.path, self.size, crc32c_base64(self._crc), md5)


def of_file(path: Path) -> Spooled:
    """Take the checksums of a file that is already there."""
    spool = Spool(path, append=True)
    spool.close()
    return spool._spooled()


def fresh(folder: Path) -> Path:
    """A name that no other upload of this process has."""
    return folder / f"{os.getpid()}-{next(_numbers)}"


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
