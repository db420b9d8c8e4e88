"""Service accounts for tests that have a cloud's store but no IAM API."""

from __future__ import annotations

from emulator.services.iam.common import KIND, resource
from emulator.store import Store


def hire(store: Store, *emails: str) -> None:
    """Policies name only accounts that exist."""
    for email in emails:
        project = email.partition("@")[2].partition(".")[0]
        made = resource(project, email, {})
        store.put(KIND, made["name"], made)
