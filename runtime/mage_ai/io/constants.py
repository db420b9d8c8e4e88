"""Words that users' code compares with."""

from __future__ import annotations

from runtime.names import reserved_words

UNIQUE_CONFLICT_METHOD_IGNORE = "IGNORE"
UNIQUE_CONFLICT_METHOD_UPDATE = "UPDATE"
SQL_RESERVED_WORDS = sorted(reserved_words())
