"""Which way a host goes."""

from __future__ import annotations

import pytest

from emulator.proxy.hosts import Way, way


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("storage.googleapis.com", Way.HERE),
        ("my-bucket.storage.googleapis.com", Way.HERE),
        ("europe-west1-run.googleapis.com", Way.HERE),
        ("www.googleapis.com", Way.HERE),
        ("PUBSUB.googleapis.com.", Way.HERE),
        ("load-123.europe-west1.run.app", Way.HERE),
        ("spanner.googleapis.com", Way.REFUSED),
        ("googleapis.com", Way.REFUSED),
        ("accounts.google.com", Way.REFUSED),
        ("europe-docker.pkg.dev", Way.REFUSED),
        ("example.org", Way.THROUGH),
        ("notgoogleapis.com", Way.THROUGH),
        ("storage.googleapis.com.example.org", Way.THROUGH),
    ],
)
def test_way(host: str, expected: Way) -> None:
    assert way(host) is expected
