"""retry, and the retry policies of http (Workflows: Retry steps)."""

from __future__ import annotations

from typing import Any

from emulator.workflows.functions import REQUIRED, Context, Function, Predicate

IDEMPOTENT_CODES = frozenset((429, 502, 503, 504))
IDEMPOTENT_TAGS = frozenset(("ConnectionError", "ConnectionFailedError", "TimeoutError"))
OTHER_CODES = frozenset((429, 503))
OTHER_TAGS = frozenset(("ConnectionFailedError",))


def matches(error: Any, codes: frozenset[int], tags: frozenset[str]) -> bool:
    if type(error) is not dict:
        return False
    found = error.get("tags")
    if type(found) is list and any(type(tag) is str and tag in tags for tag in found):
        return True
    code = error.get("code")
    return type(code) is int and code in codes


def idempotent(error: Any) -> bool:
    """429, 502, 503, 504 and broken connections. 500 is not among them."""
    return matches(error, IDEMPOTENT_CODES, IDEMPOTENT_TAGS)


def non_idempotent(error: Any) -> bool:
    """Only what proves that the request was not handled."""
    return matches(error, OTHER_CODES, OTHER_TAGS)


DEFAULT_BACKOFF = {"initial_delay": 1, "max_delay": 60, "multiplier": 1.25}
IDEMPOTENT = Predicate("http.default_retry_predicate", idempotent)
NON_IDEMPOTENT = Predicate("http.default_retry_predicate_non_idempotent", non_idempotent)


def policy(predicate: Predicate) -> dict[str, Any]:
    return {"predicate": predicate, "max_retries": 5, "backoff": DEFAULT_BACKOFF}


CONSTANTS: dict[str, Any] = {
    "http.default_retry": policy(IDEMPOTENT),
    "http.default_retry_non_idempotent": policy(NON_IDEMPOTENT),
    "http.default_retry_predicate": IDEMPOTENT,
    "http.default_retry_predicate_non_idempotent": NON_IDEMPOTENT,
    "retry.always": Predicate("retry.always", lambda _: True),
    "retry.never": Predicate("retry.never", lambda _: False),
    "retry.default_backoff": DEFAULT_BACKOFF,
}
"""Objects of the library: named without being called."""

ERROR = (("error", REQUIRED),)


def deciding(predicate: Predicate) -> Function:
    def work(_: Context, error: Any) -> bool:
        return predicate.decide(error)

    return Function(predicate.name, ERROR, work)


FUNCTIONS = tuple(deciding(value) for value in CONSTANTS.values() if isinstance(value, Predicate))
