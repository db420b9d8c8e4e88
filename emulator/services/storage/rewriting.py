"""How far a rewrite has come, told in its token (Google: "Objects: rewrite").

Within one place and storage class a rewrite is done at once, as in the cloud. Otherwise a client
may have it done in steps by `maxBytesRewrittenPerCall`; the bytes are copied with the last.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from emulator.cloud import Json
from emulator.services.storage.ask import Ask, bad

STEP = 1024 * 1024
"""What a call copies at most must be a multiple of this."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One call: what is copied where, and how much of it was before."""

    key: list[Json]
    size: int
    before: int

    @classmethod
    def of(cls, ask: Ask, source: Mapping[str, Any], target: tuple[str, str]) -> Rewrite:
        key = [source["bucket"], source["name"], source["generation"], *target]
        return cls(key, int(source["size"]), _before(ask.params.get("rewriteToken", ""), key))

    def after(self, ask: Ask, at_once: bool) -> int:
        """Bytes that have been rewritten when this call has answered."""
        most = ask.number("maxBytesRewrittenPerCall")
        if most is not None and (most <= 0 or most % STEP):
            raise bad("maxBytesRewrittenPerCall must be a positive multiple of 1048576.")
        return self.size if at_once or most is None else min(self.size, self.before + most)

    def unfinished(self, done: int) -> dict[str, Json]:
        token = base64.urlsafe_b64encode(orjson.dumps([done, *self.key])).decode()
        return {
            "kind": "storage#rewriteResponse",
            "done": False,
            "totalBytesRewritten": str(done),
            "objectSize": str(self.size),
            "rewriteToken": token,
        }


def _before(token: str, key: list[Json]) -> int:
    if not token:
        return 0
    try:
        done, *of = orjson.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError):
        raise bad("The rewrite token is invalid.") from None
    if of != key or not isinstance(done, int):
        raise bad("The rewrite token is of another rewrite, or the source has changed.")
    return done
