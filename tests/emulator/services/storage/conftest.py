"""Google's own Storage client at the running emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage


@pytest.fixture(scope="session")
def client(emulator) -> Iterator[storage.Client]:
    made = storage.Client(
        project="blocklift-local",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": emulator.url},
    )
    yield made
    made.close()


@pytest.fixture
def google_bucket(client: storage.Client, bucket: str) -> storage.Bucket:
    return client.bucket(bucket)
