"""Methods as gRPC handlers. Message classes are imported by the first call that needs them."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from emulator.cloud import Identity
from emulator.errors import ApiError
from emulator.rpc.method import Handler

Message = Any
EMPTY = "google.protobuf.empty_pb2.Empty"
OPERATION = "google.longrunning.operations_pb2.Operation"


@dataclass(frozen=True, slots=True)
class Rpc:
    """A handler and the messages that it speaks in, by their Python names."""

    handler: Handler
    request: str
    answer: str


def handler(service: str, rpcs: Mapping[str, Rpc], identity: Identity) -> Any:
    """A grpc.GenericRpcHandler for `service`."""
    import grpc

    methods = {
        name: grpc.unary_unary_rpc_method_handler(_behaviour(rpc, identity))
        for name, rpc in rpcs.items()
    }
    return grpc.method_handlers_generic_handler(service, methods)


def _behaviour(rpc: Rpc, identity: Identity) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def answer(data: bytes, context: Any) -> bytes:
        import grpc

        try:
            metadata = dict(context.invocation_metadata() or ())
            caller = identity.caller(metadata.get("authorization"))
            return as_bytes(rpc.answer, await rpc.handler(caller, as_json(rpc.request, data)))
        except ApiError as error:
            await context.abort(grpc.StatusCode[error.status], error.message)
            raise

    return answer


def as_json(message: str, data: bytes) -> dict[str, Any]:
    """`data` of a message class."""
    from google.protobuf import json_format

    value: dict[str, Any] = json_format.MessageToDict(_class(message).FromString(data))
    return value


def as_bytes(message: str, value: Any) -> bytes:
    """The other way; fields that the class does not know are left out."""
    from google.protobuf import json_format

    made = json_format.ParseDict(value, _class(message)(), ignore_unknown_fields=True)
    data: bytes = made.SerializeToString()
    return data


@cache
def _class(message: str) -> Message:
    """The protobuf class; behind a proto-plus one, the one that it wraps."""
    module, _, name = message.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        told = f"Over gRPC this API needs Google's library for it here: {error}."
        raise ApiError("UNIMPLEMENTED", told) from None
    return found.pb(found()).__class__ if hasattr(found, "pb") else found
