"""Google's filter language: Logging's query language, and the lists of other services.

    severity >= ERROR AND labels.run = "42" AND (jsonPayload.n > 3 OR NOT textPayload : "x")

A filter is parsed once into a predicate over JSON. OR binds tighter than AND, terms side by
side are ANDed, comparisons ignore case except for regular expressions (Google: "Logging query
language").
"""

from __future__ import annotations

from emulator.cloud import Json
from emulator.filters.nodes import Comparison, Node, conjuncts, moment
from emulator.filters.parse import parse

__all__ = ["Comparison", "Node", "conjuncts", "matches", "moment", "parse"]


def matches(text: str, item: Json) -> bool:
    return parse(text)(item)
