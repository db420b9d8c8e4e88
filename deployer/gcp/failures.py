"""What an API refused, in our own words: the one place that maps Google's errors to ours.

REST answers are told apart by HTTP code alone (409 is `Conflict` there, `AlreadyExists` over
gRPC), so only codes are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from deployer.errors import Busy, CloudError, Conflict, NotAllowed, Unreachable

PERMISSION = re.compile(r"[Pp]ermission '?([a-z]+(?:\.[A-Za-z]+)+)'?")
REFUSED = frozenset({"RefreshError", "OAuthError"})
"""google.auth: somebody answered, and said no."""
LOG_IN = "run `gcloud auth application-default login`"
MAY_NOT_ACT = "the caller needs roles/iam.serviceAccountTokenCreator on the `impersonate:` account"
BUSY_CODES = frozenset({408, 429, 500, 502, 503, 504})


class Missing(CloudError):
    """The thing asked for does not exist."""


def refusal(code: int, message: str, doing: str) -> CloudError:
    """The error for an HTTP code, told as what we were doing when it came."""
    text = f"{doing}: {message.strip() or f'HTTP {code}'}"
    if code == 401:
        return NotAllowed(f"{doing}: the credentials were not accepted", LOG_IN)
    if code == 403:
        return forbidden(text)
    if code == 404:
        return Missing(text)
    if code in {409, 412}:
        return Conflict(text)
    if code in BUSY_CODES:
        return Busy(text)
    return CloudError(text, policy_hint(message))


def forbidden(text: str) -> NotAllowed:
    """Name the permission; Google's sentence has it in one of two shapes."""
    found = PERMISSION.search(text)
    if "has not been used in project" in text or "is disabled" in text:
        return NotAllowed(text, "enable that API: `blocklift doctor` prints the command")
    if not found:
        return NotAllowed(text, policy_hint(text))
    hint = f"grant a role that has {found[1]} (`blocklift doctor` prints the command)"
    return NotAllowed(text, hint)


def policy_hint(message: str) -> str:
    found = re.search(r"constraints/[\w.]+", message)
    return f"the organization's policy {found[0]} forbids it" if found else ""


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Everything that Google's clients raise inside comes out as one of our errors."""
    from google.api_core import exceptions as api

    try:
        with reached(doing):
            yield
    except api.GoogleAPICallError as error:
        raise refusal(error.code or 500, error.message or str(error), doing) from error
    except api.RetryError as error:
        raise Busy(f"{doing}: gave up waiting: {error.message}") from error


@contextmanager
def reached(doing: str) -> Iterator[None]:
    """The same for calls without a client library: only the way there can fail."""
    try:
        yield
    except OSError as error:
        raise unreachable(doing, error) from error
    except Exception as error:
        if not type(error).__module__.startswith("google.auth"):
            raise
        raise credential_failure(doing, error) from error


def credential_failure(doing: str, error: Exception) -> CloudError:
    """google.auth is known by its name, so that who needs no credentials need not import it."""
    if not any(kind.__name__ in REFUSED for kind in type(error).__mro__):
        return unreachable(doing, error)
    reason = str(error.args[0] if error.args else error).strip()
    hint = MAY_NOT_ACT if "impersonated" in reason else LOG_IN
    return NotAllowed(f"{doing}: the credentials were not accepted: {reason}", hint)


def unreachable(doing: str, error: Exception) -> Unreachable:
    """Requests' and urllib3's connection errors are OSErrors with long, nested texts."""
    text = re.sub(r"<[^>]*>:? ?", "", str(error))
    return Unreachable(f"{doing}: no answer ({text})", "is it running, and the network up?")
