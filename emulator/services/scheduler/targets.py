"""One delivery to whatever a job has: a URL is called, a topic gets a message.

Cloud Scheduler publishes as a service account of its own, which holds the right from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from emulator.drive.network import Sender
from emulator.errors import RPC_CODE, ApiError
from emulator.services.scheduler.attempt import Mint, attempt

Json = Any


class Topics(Protocol):
    """The part of Pub/Sub that a job needs."""

    def deliver(self, topic: str, message: Mapping[str, Json]) -> None:
        """Publish; ApiError for a topic that is not there."""
        ...


class Targets:
    """Everything that jobs may have as a target."""

    def __init__(self, sender: Sender, mint: Mint, topics: Topics) -> None:
        self._sender = sender
        self._mint = mint
        self._topics = topics

    async def attempt(self, job: Mapping[str, Json], due: float) -> tuple[int, int]:
        """HTTP status (0 without one) and google.rpc.Code (0 when all went well)."""
        if message := job.get("pubsubTarget"):
            return 0, self._published(message)
        return await attempt(job, due, self._sender, self._mint)

    def _published(self, target: Mapping[str, Json]) -> int:
        message = {field: target[field] for field in ("data", "attributes") if target.get(field)}
        try:
            self._topics.deliver(target["topicName"], message)
        except ApiError as error:
            return RPC_CODE[error.status]
        return 0

    async def close(self) -> None:
        await self._sender.close()
