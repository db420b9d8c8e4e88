"""StreamingPull: messages go out as they come, leases are settled on the way in.

Pub/Sub: Subscriber.StreamingPull. What Google's subscriber libraries use for everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from emulator.cloud import Identity
from emulator.errors import ApiError
from emulator.services.pubsub.api import Subscriber, received
from emulator.services.pubsub.broker import Broker

Json = Any
AT_ONCE = 100


def handler(identity: Identity, subscriber: Subscriber, broker: Broker) -> Any:
    """A grpc method handler."""
    import grpc

    async def stream(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        try:
            metadata = dict(context.invocation_metadata() or ())
            caller = identity.caller(metadata.get("authorization"))
            first = _types().StreamingPullRequest.deserialize(await anext(requests))
            name = subscriber.consumer(caller, first.subscription)
            async for answer in _Stream(broker, name, first).answers(requests):
                yield answer
        except ApiError as error:
            await context.abort(grpc.StatusCode[error.status], error.message)

    return grpc.stream_stream_rpc_method_handler(stream)


def _types() -> Any:
    from google.pubsub_v1 import types

    return types


class _Stream:
    """One open stream."""

    def __init__(self, broker: Broker, name: str, first: Any) -> None:
        self._broker = broker
        self._name = name
        self._deadline = float(first.stream_ack_deadline_seconds or 10)
        self._most = int(first.max_outstanding_messages or 0)
        self._out: set[str] = set()
        """Leases that this stream gave and nobody settled."""
        self._ended = False
        self._first = first
        self._room = asyncio.Event()
        self._confirm: list[dict[str, Json]] = []

    async def answers(self, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._settle(self._first)
        listening = asyncio.get_running_loop().create_task(self._listen(requests))
        try:
            yield self._message([])
            while not self._ended and self._broker.exists(self._name):
                if taken := self._take():
                    yield self._message(taken)
                else:
                    await self._something()
            if not self._ended:
                resource = self._name.rpartition("/")[2]
                raise ApiError("NOT_FOUND", f"Resource not found (resource={resource}).")
        finally:
            listening.cancel()

    def _take(self) -> list[dict[str, Json]]:
        queue = self._broker.queue(self._name)
        living = {item.lease for item in queue.items.values() if item.lease}
        self._out &= living
        room = min(AT_ONCE, self._most - len(self._out)) if self._most else AT_ONCE
        items = self._broker.take(self._name, room, self._deadline) if room > 0 else []
        self._out.update(item.lease for item in items)
        return [received(queue.subscription, item) for item in items]

    async def _something(self) -> None:
        """Until a message, a lease's end, or word from the client."""
        self._room.clear()
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._room.wait())]
        if not self._most or len(self._out) < self._most:
            waits.append(asyncio.ensure_future(self._broker.changed(self._name)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _listen(self, requests: AsyncIterator[bytes]) -> None:
        try:
            async for raw in requests:
                self._settle(_types().StreamingPullRequest.deserialize(raw))
        finally:
            self._ended = True
            self._room.set()

    def _settle(self, request: Any) -> None:
        if request.stream_ack_deadline_seconds:
            self._deadline = float(request.stream_ack_deadline_seconds)
        self._broker.acknowledge(self._name, list(request.ack_ids))
        pairs = zip(request.modify_deadline_ack_ids, request.modify_deadline_seconds, strict=False)
        for lease, seconds in pairs:
            self._broker.extend(self._name, [lease], seconds)
        self._room.set()

    def _message(self, taken: Sequence[dict[str, Json]]) -> bytes:
        from google.protobuf import json_format

        queue = self._broker.queue(self._name)
        ordered = bool(queue.subscription.get("enableMessageOrdering"))
        once = bool(queue.subscription.get("enableExactlyOnceDelivery"))
        told = {
            "receivedMessages": list(taken),
            "subscriptionProperties": {
                "messageOrderingEnabled": ordered,
                "exactlyOnceDeliveryEnabled": once,
            },
        }
        kind = _types().StreamingPullResponse
        made = json_format.ParseDict(told, kind.pb(kind()).__class__())
        data: bytes = made.SerializeToString()
        return data
