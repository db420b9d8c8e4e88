"""What keeps an object from being deleted or written over: holds, and retention periods.

Google: "Object holds", "Bucket Lock", "Object Retention Lock".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339, unix
from emulator.services.storage.ask import StorageError


def check_removable(bucket: Mapping[str, Any], resource: Mapping[str, Any], now: float) -> None:
    """403 while something holds the object."""
    name = f"{resource['bucket']}/{resource['name']}"
    if resource.get("temporaryHold") or resource.get("eventBasedHold"):
        raise StorageError(403, "forbidden", f"Object '{name}' is under active hold.")
    end = kept_until(bucket, resource)
    if end is not None and now < end:
        raise StorageError(
            403,
            "retentionPolicyNotMet",
            f"Object '{name}' is subject to bucket's retention policy or object retention and"
            f" cannot be deleted or overwritten until {rfc3339(end)}",
        )


def kept_until(bucket: Mapping[str, Any], resource: Mapping[str, Any]) -> float | None:
    """The later of the bucket's end and the object's own."""
    ends = []
    if period := (bucket.get("retentionPolicy") or {}).get("retentionPeriod"):
        ends.append(unix(resource["timeCreated"]) + int(period))
    if end := (resource.get("retention") or {}).get("retainUntilTime"):
        ends.append(unix(end))
    return max(ends, default=None)
