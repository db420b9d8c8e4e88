"""TailLogEntries over gRPC: a stream that goes on until the client hangs up.

Google holds entries back for `buffer_window` to bring them into the order of their timestamps;
here they are told as they come, each batch in that order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from emulator.cloud import Identity
from emulator.errors import ApiError, invalid
from emulator.rpc.grpc import as_bytes, as_json
from emulator.services.logging.api import Logging

MESSAGES = "google.cloud.logging_v2.types"


def handler(identity: Identity, api: Logging) -> Any:
    """A grpc method handler."""
    import grpc

    async def stream(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        try:
            metadata = dict(context.invocation_metadata() or ())
            caller = identity.caller(metadata.get("authorization"))
            first = as_json(f"{MESSAGES}.TailLogEntriesRequest", await _first(requests))
            async with aclosing(api.follow(caller, first)) as following:
                async for entries in following:
                    yield as_bytes(f"{MESSAGES}.TailLogEntriesResponse", {"entries": entries})
        except ApiError as error:
            await context.abort(grpc.StatusCode[error.status], error.message)

    return grpc.stream_stream_rpc_method_handler(stream)


async def _first(requests: AsyncIterator[bytes]) -> bytes:
    """A client that has nothing more to ask still listens."""
    async for data in requests:
        return data
    raise invalid("The stream was closed before a request came.")
