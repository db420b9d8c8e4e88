"""The messages of one subscription: waiting, leased, given back. Pure: time is an argument.

Pub/Sub: "Lease management", "Order messages", "Handle message failures" (retry policy).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.services.pubsub.names import seconds

Json = Any


@dataclass(slots=True)
class Item:
    """One message that this subscription has not seen acknowledged."""

    key: str
    """Where it is kept; keys sort by age."""
    message: Mapping[str, Json]
    published: float
    attempts: int = 0
    due: float = 0.0
    """Not before this."""
    lease: str = ""
    ends: float = 0.0
    """Of the lease."""

    @property
    def ordering(self) -> str:
        return str(self.message.get("orderingKey") or "")


@dataclass(slots=True)
class Queue:
    """What one subscription holds, oldest first."""

    subscription: dict[str, Json]
    items: dict[str, Item] = field(default_factory=dict)
    _leases: dict[str, Item] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def deadline(self) -> float:
        return float(self.subscription["ackDeadlineSeconds"])

    def add(self, item: Item) -> None:
        self.items[item.key] = item

    def take(self, most: int, now: float, deadline: float | None = None) -> list[Item]:
        """Lease up to `most` messages that may be delivered now."""
        self._expire(now)
        taken: list[Item] = []
        blocked: set[str] = set()
        ordered = bool(self.subscription.get("enableMessageOrdering"))
        for item in self.items.values():
            if len(taken) >= most:
                break
            held = item.lease or item.due > now or item.ordering in blocked
            if ordered and item.ordering:
                blocked.add(item.ordering)
            if not held:
                self._lend(item, now + (self.deadline if deadline is None else deadline))
                taken.append(item)
        return taken

    def _lend(self, item: Item, ends: float) -> None:
        item.lease = f"{item.key.rpartition('/')[2]}-{next(self._numbers)}"
        item.ends = ends
        item.attempts += 1
        self._leases[item.lease] = item

    def _expire(self, now: float) -> None:
        for item in [item for item in self._leases.values() if item.ends <= now]:
            self._back(item, item.ends)

    def acknowledge(self, lease: str) -> Item | None:
        """The message, which is gone from here now; None for a lease that has ended."""
        item = self._leases.pop(lease, None)
        if item:
            del self.items[item.key]
        return item

    def extend(self, lease: str, ends: float, now: float) -> bool:
        """A lease that ends now gives its message back."""
        item = self._leases.get(lease)
        if item is None:
            return False
        item.ends = ends
        if ends <= now:
            self._back(item, now)
        return True

    def _back(self, item: Item, now: float) -> None:
        self._leases.pop(item.lease, None)
        item.lease = ""
        item.due = now + self.wait(item.attempts)

    def wait(self, attempts: int) -> float:
        """Before the next attempt: none without a retry policy, doubled with each by it."""
        policy = self.subscription.get("retryPolicy")
        if policy is None:
            return 0.0
        least = seconds(policy.get("minimumBackoff"), 10.0)
        most = seconds(policy.get("maximumBackoff"), 600.0)
        return float(min(most, least * 2 ** min(attempts - 1, 20)))

    def next_moment(self, now: float) -> float | None:
        """When something of here may be delivered that may not be now."""
        ordered = bool(self.subscription.get("enableMessageOrdering"))
        moments = (
            item.ends if item.lease else item.due
            for item in self.items.values()
            if item.lease or item.due > now or not (ordered and item.ordering)
        )
        return min(moments, default=None)

    def drop(self, wanted: Callable[[Item], bool]) -> list[Item]:
        """Take out all that are wanted, leased or not."""
        dropped = [item for item in self.items.values() if wanted(item)]
        for item in dropped:
            del self.items[item.key]
            self._leases.pop(item.lease, None)
        return dropped
