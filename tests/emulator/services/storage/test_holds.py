"""Held and retained objects stay, whatever is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.api_core import exceptions

from emulator.services.storage.ask import StorageError
from emulator.services.storage.holds import check_removable

OBJECT = {"bucket": "b", "name": "o", "timeCreated": "2026-01-01T00:00:00.000000Z"}
CREATED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("kind", ["temporary_hold", "event_based_hold"])
def test_a_hold(google_bucket, kind: str) -> None:
    blob = google_bucket.blob("held")
    blob.upload_from_string("x")
    setattr(blob, kind, True)
    blob.patch()
    for attempt in (blob.delete, lambda: google_bucket.blob("held").upload_from_string("y")):
        with pytest.raises(exceptions.Forbidden, match="under active hold"):
            attempt()
    setattr(blob, kind, False)
    blob.patch()
    blob.delete()


def test_a_retention_period(google_bucket) -> None:
    google_bucket.reload()
    google_bucket.retention_period = 1000
    google_bucket.patch()
    google_bucket.blob("o").upload_from_string("x")
    with pytest.raises(exceptions.Forbidden, match="retention policy"):
        google_bucket.blob("o").delete()
    google_bucket.retention_period = None
    google_bucket.patch()
    google_bucket.blob("o").delete()


@pytest.mark.parametrize(("later", "free"), [(99, False), (100, True)])
def test_until_when(later: int, free: bool) -> None:
    bucket = {"retentionPolicy": {"retentionPeriod": "100"}}
    if free:
        check_removable(bucket, OBJECT, CREATED + later)
    else:
        with pytest.raises(StorageError, match="until 2026-01-01T00:01:40"):
            check_removable(bucket, OBJECT, CREATED + later)


def test_an_objects_own_end_may_be_later() -> None:
    until = datetime.fromtimestamp(CREATED, UTC) + timedelta(days=1)
    held = OBJECT | {"retention": {"mode": "Unlocked", "retainUntilTime": until.isoformat()}}
    with pytest.raises(StorageError, match="until 2026-01-02"):
        check_removable({"retentionPolicy": {"retentionPeriod": "100"}}, held, CREATED + 200)
