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
BUSY_CODES = frozenset({408, 429, 500, 502, 503, 504})


class Missing(CloudError):
    """The thing asked for does not exist."""


def refusal(code: int, message: str, doing: str) -> CloudError:
    """The error for an HTTP code, told as what we were doing when it came."""
    text = f"{doing}: {message.strip() or f'HTTP {code}'}"
    if code == 401:
        hint = "run `gcloud auth application-default login`"
        return NotAllowed(f"{doing}: the credentials were not accepted", hint)
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
    from google.auth import exceptions as auth

    try:
        yield
    except api.GoogleAPICallError as error:
        raise refusal(error.code or 500, error.message or str(error), doing) from error
    except api.RetryError as error:
        raise Busy(f"{doing}: gave up waiting: {error.message}") from error
    except auth.RefreshError as error:
        raise refusal(401, str(error), doing) from error
    except (auth.TransportError, OSError) as error:
        raise unreachable(doing, error) from error


def unreachable(doing: str, error: Exception) -> Unreachable:
    """Requests' and urllib3's connection errors are OSErrors with long, nested texts."""
    text = re.sub(r"<[^>]*>:? ?", "", str(error))
    return Unreachable(f"{doing}: no answer ({text})", "is it running, and the network up?")
