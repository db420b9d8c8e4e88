"""Google's filter language for lists (AIP-160): the part that Secret Manager's lists use."""

from __future__ import annotations

from emulator.cloud import Json


def matches(text: str, item: Json) -> bool:
    raise NotImplementedError(text, item)
