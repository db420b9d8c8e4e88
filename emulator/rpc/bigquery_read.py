"""BigQuery's Storage Read API over gRPC, in Arrow (Google: "Use the BigQuery Storage Read API").

A session is one stream of the table as it was when the session was made; its rows lie in an Arrow
file until the emulator ends.
"""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

from emulator.cloud import Identity, Principal
from emulator.errors import ApiError

SERVICE = "google.cloud.bigquery.storage.v1.BigQueryRead"
ROWS = 20_000
"""Of one message, which gRPC limits by its bytes."""


class Source(Protocol):
    """Where a session's rows come from, and where they are kept. All of it blocks."""

    def take(
        self, session: str, table: str, columns: Sequence[str], restriction: str, caller: Principal
    ) -> Any:
        """Keep the rows of `table` (projects/p/datasets/d/tables/t) under `session`; them."""
        ...

    def open(self, session: str, caller: Principal) -> Any:
        """The rows of a session of this caller; ApiError NOT_FOUND."""
        ...


def handlers(identity: Identity, source: Source) -> list[Any]:
    import grpc

    reader = _Reader(identity, source)
    methods = {
        "CreateReadSession": grpc.unary_unary_rpc_method_handler(_refusing(reader.create)),
        "ReadRows": grpc.unary_stream_rpc_method_handler(reader.rows),
        "SplitReadStream": grpc.unary_unary_rpc_method_handler(_refusing(reader.split)),
    }
    return [grpc.method_handlers_generic_handler(SERVICE, methods)]


async def _messages() -> Any:
    """The classes of its messages, with the first call: they bring pandas and pyarrow along."""
    return await asyncio.to_thread(import_module, "google.cloud.bigquery_storage_v1.types")


def _refusing(method: Callable[[bytes, Any], Any]) -> Callable[[bytes, Any], Any]:
    @functools.wraps(method)
    async def answer(data: bytes, context: Any) -> Any:
        try:
            return await method(data, context)
        except ApiError as error:
            await _abort(context, error)

    return answer


async def _abort(context: Any, error: ApiError) -> None:
    import grpc

    await context.abort(grpc.StatusCode[error.status], error.message)


class _Reader:
    """Takes and gives messages as bytes."""

    def __init__(self, identity: Identity, source: Source) -> None:
        self._identity = identity
        self._source = source

    def _caller(self, context: Any) -> Principal:
        metadata = dict(context.invocation_metadata() or ())
        return self._identity.caller(metadata.get("authorization"))

    async def create(self, data: bytes, context: Any) -> bytes:
        types = await _messages()
        request = types.CreateReadSessionRequest.deserialize(data)
        wanted = request.read_session
        if wanted.data_format != types.DataFormat.ARROW:
            raise ApiError("UNIMPLEMENTED", "This emulator streams rows in Arrow only.")
        name = f"{request.parent}/locations/eu/sessions/{uuid.uuid4().hex}"
        options = wanted.read_options
        rows = await asyncio.to_thread(
            self._source.take, name, wanted.table, list(options.selected_fields),
            options.row_restriction, self._caller(context),
        )  # fmt: skip
        made = types.ReadSession(
            name=name,
            table=wanted.table,
            data_format=types.DataFormat.ARROW,
            arrow_schema={"serialized_schema": rows.schema.serialize().to_pybytes()},
            streams=[{"name": f"{name}/streams/0"}] if rows.num_rows else [],
            estimated_row_count=rows.num_rows,
        )
        return bytes(types.ReadSession.serialize(made))

    async def rows(self, data: bytes, context: Any) -> AsyncIterator[bytes]:
        types = await _messages()
        request = types.ReadRowsRequest.deserialize(data)
        session = request.read_stream.partition("/streams/")[0]
        try:
            found = await asyncio.to_thread(self._source.open, session, self._caller(context))
        except ApiError as error:
            await _abort(context, error)
            return
        schema: dict[str, Any] = {
            "arrow_schema": {"serialized_schema": found.schema.serialize().to_pybytes()}
        }
        for batch in found.slice(request.offset).to_batches(max_chunksize=ROWS):
            rows = types.ReadRowsResponse(
                arrow_record_batch={"serialized_record_batch": batch.serialize().to_pybytes()},
                row_count=batch.num_rows,
                **schema,
            )
            yield types.ReadRowsResponse.serialize(rows)
            schema = {}  # the first message of a stream tells it, as Google's does

    async def split(self, _: bytes, __: Any) -> bytes:
        """One stream stays one: Google may answer so as well."""
        types = await _messages()
        return bytes(types.SplitReadStreamResponse.serialize(types.SplitReadStreamResponse()))
