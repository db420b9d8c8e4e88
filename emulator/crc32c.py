"""CRC-32C, Google's checksum, by the C library where it is there."""

from __future__ import annotations

import base64

import google_crc32c


def crc32c(data: bytes, start: int = 0) -> int:
    """Checksum of `data` after what `start` is the checksum of."""
    return int(google_crc32c.extend(start, data))


def crc32c_base64(value: int) -> str:
    """As Storage writes it: four bytes, big end first."""
    return base64.b64encode(value.to_bytes(4)).decode()
