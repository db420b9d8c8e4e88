"""Many files' bytes one after the other in a new file: compositions and multipart uploads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from emulator.crc32c import crc32c, crc32c_base64
from emulator.services.storage.spool import BLOCK, Spooled


async def joined(sources: Sequence[BinaryIO], path: Path) -> Spooled:
    """Without an MD5, as such objects are at Google; the sources are closed afterwards.

    They come opened: so they stay readable when their object is overwritten meanwhile.
    """
    try:
        return await asyncio.to_thread(_concatenate, sources, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        for source in sources:
            source.close()


def _concatenate(sources: Sequence[BinaryIO], path: Path) -> Spooled:
    checksum = size = 0
    with path.open("wb", buffering=0) as whole:
        for source in sources:
            while data := source.read(BLOCK):
                whole.write(data)
                checksum = crc32c(data, checksum)
                size += len(data)
    return Spooled(path, size, crc32c_base64(checksum), None)
