"""What keeps an object from being deleted or written over: holds, and retention periods.

Google: "Object holds", "Bucket Lock", "Object Retention Lock".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clock import rfc3339, unix
from emulator.services.storage.ask import Ask, StorageError, bad


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


def check_retention(
    ask: Ask, bucket: Mapping[str, Any], resource: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    """May the object's own retention become what is given? (Google: "Object Retention Lock")"""
    if "retention" not in given:
        return
    wish = {k: v for k, v in (given["retention"] or {}).items() if v}
    if wish and "objectRetention" not in bucket:
        raise bad("Object retention is not enabled for this bucket.")
    if wish and not {"mode", "retainUntilTime"} <= wish.keys():
        raise bad("An object's retention needs both a mode and a retainUntilTime.")
    live = resource.get("retention") or {}
    if live and _loosens(live, wish) and not _may_loosen(ask, live):
        name = f"{resource['bucket']}/{resource['name']}"
        told = f"The retention of object '{name}' is {live['mode']} and cannot be loosened"
        raise StorageError(403, "forbidden", f"{told} (override_unlocked_retention).")


def _loosens(live: Mapping[str, Any], wish: Mapping[str, Any]) -> bool:
    if not wish or (live["mode"], wish["mode"]) == ("Locked", "Unlocked"):
        return True
    return unix(wish["retainUntilTime"]) < unix(live["retainUntilTime"])


def _may_loosen(ask: Ask, live: Mapping[str, Any]) -> bool:
    return live["mode"] == "Unlocked" and ask.flag("overrideUnlockedRetention")


def kept_until(bucket: Mapping[str, Any], resource: Mapping[str, Any]) -> float | None:
    """The later of the bucket's end and the object's own."""
    ends = []
    if period := (bucket.get("retentionPolicy") or {}).get("retentionPeriod"):
        ends.append(unix(resource["timeCreated"]) + int(period))
    if end := (resource.get("retention") or {}).get("retainUntilTime"):
        ends.append(unix(end))
    return max(ends, default=None)
