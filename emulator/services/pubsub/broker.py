"""From a topic into the queues of its subscriptions, kept in the store until acknowledged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.clock import rfc3339
from emulator.cloud import Clock
from emulator.errors import ApiError
from emulator.rpc.filters import Test, compile_filter
from emulator.services.pubsub.names import seconds
from emulator.services.pubsub.queue import Item, Queue
from emulator.store import Store

Json = Any
TOPIC = "pubsub-topic"
SUBSCRIPTION = "pubsub-subscription"
MESSAGE = "pubsub-message"
"""`<subscription>/<number>` → message, published, attempts."""
DEAD_ATTEMPTS = 5


class Broker:
    """Every message that is on its way."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._queues: dict[str, Queue] = {}
        self._filters: dict[str, Test] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._numbers: Iterator[int] = itertools.count(int(clock.now() * 1_000_000))
        for _, subscription in store.list(SUBSCRIPTION):
            self._open(subscription)
        for key, kept in store.list(MESSAGE):
            self._load(key, kept)

    def _load(self, key: str, kept: Mapping[str, Json]) -> None:
        if queue := self._queues.get(key.rpartition("/")[0]):
            item = Item(key, kept["message"], kept["published"], kept["attempts"])
            queue.add(item)

    # -- subscriptions ------------------------------------------------------------------------

    def subscriptions(self) -> list[dict[str, Json]]:
        return [queue.subscription for queue in self._queues.values()]

    def subscribe(self, subscription: dict[str, Json]) -> None:
        """Make it, or keep its messages under what it says now."""
        self._filters[subscription["name"]] = _test(subscription)
        self._store.put(SUBSCRIPTION, subscription["name"], subscription)
        if queue := self._queues.get(subscription["name"]):
            queue.subscription = subscription
            self._wake(subscription["name"])
        else:
            self._open(subscription)

    def _open(self, subscription: dict[str, Json]) -> None:
        name = subscription["name"]
        self._queues[name] = Queue(subscription)
        self._filters[name] = _test(subscription)

    def unsubscribe(self, name: str) -> None:
        self.forget(name, self.queue(name).drop(lambda _: True))
        self._store.delete(SUBSCRIPTION, name)
        del self._queues[name], self._filters[name]
        self._wake(name)
        self._news.pop(name, None)

    def queue(self, name: str) -> Queue:
        if name not in self._queues:
            resource = name.rpartition("/")[2]
            raise ApiError("NOT_FOUND", f"Resource not found (resource={resource}).")
        return self._queues[name]

    def exists(self, name: str) -> bool:
        return name in self._queues

    # -- messages -----------------------------------------------------------------------------

    def publish(self, topic: str, messages: Sequence[Mapping[str, Json]]) -> list[str]:
        """Kept for every subscription of the topic when this answers; the messages' ids."""
        now = self._clock.now()
        made = [self._stamped(message, now) for message in messages]
        for subscription in self.subscriptions():
            if subscription["topic"] == topic and not subscription.get("detached"):
                self._enqueue(subscription["name"], made, now)
        return [message["messageId"] for message in made]

    def _stamped(self, message: Mapping[str, Json], now: float) -> dict[str, Json]:
        given = {k: v for k, v in message.items() if v not in (None, "", {})}
        return {**given, "messageId": str(next(self._numbers)), "publishTime": rfc3339(now)}

    def _enqueue(self, name: str, messages: Sequence[dict[str, Json]], now: float) -> None:
        for message in messages:
            if self._filters[name](message):
                item = Item(f"{name}/{message['messageId']:0>20}", message, now)
                self._keep(item)
                self._queues[name].add(item)
        self._wake(name)

    def _keep(self, item: Item) -> None:
        kept = {"message": item.message, "published": item.published, "attempts": item.attempts}
        self._store.put(MESSAGE, item.key, kept)

    def take(self, name: str, most: int, deadline: float | None = None) -> list[Item]:
        """Lease messages; those that were tried too often go to the dead letter topic."""
        queue, now = self.queue(name), self._clock.now()
        kept = seconds(queue.subscription["messageRetentionDuration"], 0)
        self.forget(name, queue.drop(lambda item: item.published + kept < now))
        taken = queue.take(most, now, deadline)
        policy = queue.subscription.get("deadLetterPolicy")
        if not policy:
            return taken
        for item in taken:
            self._keep(item)
        return [item for item in taken if not self._buried(name, item, policy)]

    def _buried(self, name: str, item: Item, policy: Mapping[str, Json]) -> bool:
        if item.attempts <= int(policy.get("maxDeliveryAttempts") or DEAD_ATTEMPTS):
            return False
        marks = {
            "CloudPubSubDeadLetterSourceDeliveryCount": str(item.attempts - 1),
            "CloudPubSubDeadLetterSourceSubscription": name.rpartition("/")[2],
            "CloudPubSubDeadLetterSourceSubscriptionProject": name.split("/")[1],
        }
        attributes = {**item.message.get("attributes", {}), **marks}
        self.publish(policy["deadLetterTopic"], [{**item.message, "attributes": attributes}])
        self.acknowledge(name, [item.lease])
        return True

    def acknowledge(self, name: str, leases: Sequence[str]) -> list[str]:
        """Those leases that had not ended."""
        queue = self.queue(name)
        done = {lease: item for lease in leases if (item := queue.acknowledge(lease))}
        self.forget(name, list(done.values()))
        return list(done)

    def extend(self, name: str, leases: Sequence[str], seconds_: float) -> None:
        queue, now = self.queue(name), self._clock.now()
        for lease in leases:
            queue.extend(lease, now + seconds_, now)
        self._wake(name)

    def seek(self, name: str, until: float) -> None:
        """Everything published before counts as acknowledged."""
        self.forget(name, self.queue(name).drop(lambda item: item.published < until))

    def forget(self, name: str, items: Sequence[Item]) -> None:
        for item in items:
            self._store.delete(MESSAGE, item.key)
        if items:
            self._wake(name)  # a message of the same ordering key may be next

    # -- waiting ------------------------------------------------------------------------------

    def _wake(self, name: str) -> None:
        if event := self._news.pop(name, None):
            event.set()

    async def changed(self, name: str) -> None:
        """Until there may be something to take, by a new message or by the clock."""
        event = self._news.setdefault(name, asyncio.Event())
        moment = self.queue(name).next_moment(self._clock.now())
        if moment is None:
            await event.wait()
            return
        waits = [
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(self._clock.sleep_until(moment)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _test(subscription: Mapping[str, Json]) -> Test:
    """Pub/Sub: "Filter messages from a subscription"."""
    text = subscription.get("filter") or ""
    if "hasPrefix" in text:
        raise ApiError("UNIMPLEMENTED", "hasPrefix in filters is not served by this emulator.")
    return compile_filter(text, {"attributes": lambda message: message.get("attributes", {})})
