"""BigQuery's Storage Read API over gRPC, in Arrow (Google: "Use the BigQuery Storage Read API").

A session is one stream of the table as it was when the session was made; its rows lie in an Arrow
file until the emulator ends.
"""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
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
    from google.cloud.bigquery_storage_v1 import types

    reader = _Reader(identity, source, types)
    methods = {
        "CreateReadSession": grpc.unary_unary_rpc_method_handler(
            _refusing(reader.create),
            request_deserializer=types.CreateReadSessionRequest.deserialize,
            response_serializer=types.ReadSession.serialize,
        ),
        "ReadRows": grpc.unary_stream_rpc_method_handler(
            reader.rows,
            request_deserializer=types.ReadRowsRequest.deserialize,
            response_serializer=types.ReadRowsResponse.serialize,
        ),
        "SplitReadStream": grpc.unary_unary_rpc_method_handler(
            _refusing(reader.split),
            request_deserializer=types.SplitReadStreamRequest.deserialize,
            response_serializer=types.SplitReadStreamResponse.serialize,
        ),
    }
    return [grpc.method_handlers_generic_handler(SERVICE, methods)]


def _refusing(method: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    @functools.wraps(method)
    async def answer(request: Any, context: Any) -> Any:
        try:
            return await method(request, context)
        except ApiError as error:
            await _abort(context, error)

    return answer


async def _abort(context: Any, error: ApiError) -> None:
    import grpc

    await context.abort(grpc.StatusCode[error.status], error.message)


class _Reader:
    def __init__(self, identity: Identity, source: Source, types: Any) -> None:
        self._identity = identity
        self._source = source
        self._types = types

    def _caller(self, context: Any) -> Principal:
        metadata = dict(context.invocation_metadata() or ())
        return self._identity.caller(metadata.get("authorization"))

    async def create(self, request: Any, context: Any) -> Any:
        wanted, types = request.read_session, self._types
        if wanted.data_format != types.DataFormat.ARROW:
            raise ApiError("UNIMPLEMENTED", "This emulator streams rows in Arrow only.")
        name = f"{request.parent}/locations/eu/sessions/{uuid.uuid4().hex}"
        options = wanted.read_options
        rows = await asyncio.to_thread(
            self._source.take, name, wanted.table, list(options.selected_fields),
            options.row_restriction, self._caller(context),
        )  # fmt: skip
        return types.ReadSession(
            name=name,
            table=wanted.table,
            data_format=types.DataFormat.ARROW,
            arrow_schema={"serialized_schema": rows.schema.serialize().to_pybytes()},
            streams=[{"name": f"{name}/streams/0"}] if rows.num_rows else [],
            estimated_row_count=rows.num_rows,
        )

    async def rows(self, request: Any, context: Any) -> AsyncIterator[Any]:
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
            yield self._types.ReadRowsResponse(
                arrow_record_batch={"serialized_record_batch": batch.serialize().to_pybytes()},
                row_count=batch.num_rows,
                **schema,
            )
            schema = {}  # the first message of a stream tells it, as Google's does

    async def split(self, _: Any, __: Any) -> Any:
        """One stream stays one: Google may answer so as well."""
        return self._types.SplitReadStreamResponse()
