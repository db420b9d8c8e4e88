"""Carries messages to whoever shall have them: the endpoints of push subscriptions, and services
of this emulator that take them without a request (Eventarc).

Pub/Sub: "Push subscriptions" (wrapped and unwrapped, authentication, what counts as success).
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import orjson

from emulator.cloud import Cloud
from emulator.drive.http import Prepared, host_of
from emulator.drive.network import NetworkError, Sender
from emulator.errors import ApiError
from emulator.services.pubsub.broker import Broker
from emulator.services.pubsub.queue import Item

Json = Any
Consumer = Callable[[Mapping[str, Json]], Awaitable[bool]]
"""Takes one message; False gives it back."""
GOOD = frozenset({102, 200, 201, 202, 204})
SLOW_START = {"minimumBackoff": "0.1s", "maximumBackoff": "60s"}
"""Push subscriptions without a retry policy back off all the same."""
AT_ONCE = 20
AGENT = "CloudPubSub-Google"

log = logging.getLogger(__name__)


class Mint(Protocol):
    """The part of `Identity` that signs for a caller."""

    def id_token(self, account: str, audience: str) -> str: ...


class Carrier:
    """One task per subscription that is not pulled from."""

    def __init__(self, cloud: Cloud, broker: Broker, sender: Sender) -> None:
        self._cloud = cloud
        self._broker = broker
        self._sender = sender
        self.consumers: dict[str, Consumer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._started = False

    async def start(self) -> None:
        self._started = True
        for subscription in self._broker.subscriptions():
            self.look_at(subscription["name"])

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.close()

    def look_at(self, name: str) -> None:
        """Begin, go on or stop carrying, as the subscription now says."""
        if task := self._tasks.pop(name, None):
            task.cancel()
        if self._started and self._broker.exists(name) and self._carries(name):
            self._tasks[name] = asyncio.get_running_loop().create_task(self._follow(name))

    def _carries(self, name: str) -> bool:
        subscription = self._broker.queue(name).subscription
        return name in self.consumers or bool(subscription["pushConfig"].get("pushEndpoint"))

    async def _follow(self, name: str) -> None:
        while self._broker.exists(name):
            items = self._broker.take(name, AT_ONCE)
            if not items:
                await self._broker.changed(name)
                continue
            await asyncio.gather(*(self._carry(name, item) for item in items))

    async def _carry(self, name: str, item: Item) -> None:
        try:
            taken = await self._taken(name, item)
        except ApiError:
            taken = False
        except Exception:
            log.exception("a message of %s was not delivered", name)
            taken = False
        if not self._broker.exists(name):
            return
        if taken:
            self._broker.acknowledge(name, [item.lease])
        else:
            self._broker.extend(name, [item.lease], 0)

    async def _taken(self, name: str, item: Item) -> bool:
        if consumer := self.consumers.get(name):
            return await consumer(item.message)
        queue = self._broker.queue(name)
        request = request_of(queue.subscription, item, self._cloud.identity)
        try:
            answer = await self._sender.send(request, queue.deadline)
        except NetworkError:
            return False
        return answer.code in GOOD


def request_of(subscription: Mapping[str, Json], item: Item, mint: Mint) -> Prepared:
    config = subscription["pushConfig"]
    endpoint = config["pushEndpoint"]
    headers = {"User-Agent": AGENT, "Accept": "application/json", **_unwrapped(config, item)}
    if oidc := config.get("oidcToken"):
        audience = oidc.get("audience") or endpoint
        token = mint.id_token(oidc["serviceAccountEmail"], audience)
        headers["Authorization"] = f"Bearer {token}"
    if "noWrapper" in config:
        body = base64.b64decode(item.message.get("data", ""))
    else:
        headers["Content-Type"] = "application/json"
        body = orjson.dumps(wrapped(subscription, item))
    return Prepared("POST", endpoint, host_of(endpoint), headers, body)


def _unwrapped(config: Mapping[str, Json], item: Item) -> dict[str, str]:
    """Attributes as headers, for who asked for the bare data with its metadata."""
    if not (config.get("noWrapper") or {}).get("writeMetadata"):
        return {}
    return {
        "x-goog-pubsub-message-id": item.message["messageId"],
        "x-goog-pubsub-publish-time": item.message["publishTime"],
        **item.message.get("attributes", {}),
    }


def wrapped(subscription: Mapping[str, Json], item: Item) -> dict[str, Json]:
    message = {
        **item.message,
        "message_id": item.message["messageId"],
        "publish_time": item.message["publishTime"],
    }
    told: dict[str, Json] = {"message": message, "subscription": subscription["name"]}
    if subscription.get("deadLetterPolicy"):
        told["deliveryAttempt"] = item.attempts
    return told
