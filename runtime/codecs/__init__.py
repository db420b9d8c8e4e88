"""Value ⇄ bytes: every format in which an artifact can lie in the bucket.

parquet        pandas DataFrame or Series (BigQuery and DuckDB read it where it lies)
parquet-polars, parquet-arrow, parquet-geo    the same file, given back as what it was
json           numbers, booleans, lists, dicts; with datetimes, numpy scalars … tagged
text, bytes    str, bytes
npy, npz       numpy array, scipy sparse matrix
pickle         anything else; only read back after its digest was checked

A library is imported only when a value of it has to be read or written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from runtime.codecs import frames, objects, values
from runtime.codecs.encoded import Encoded

__all__ = ["Encoded", "decode", "encode", "encode_many"]

Value = Any

_ENCODERS = (values.encode_plain, frames.encode, objects.encode_known, values.encode_json)
_DECODERS = {**values.DECODERS, **frames.DECODERS, **objects.DECODERS}


def encode(value: Value) -> Encoded:
    """The first format that gives the value back as Mage would."""
    for encoder in _ENCODERS:
        if (encoded := encoder(value)) is not None:
            return encoded
    return objects.encode_pickle(value)


def encode_many(outputs: list[Value]) -> list[Encoded]:
    """One artifact per output; small JSON outputs lie together in one (`spread`)."""
    if len(outputs) > 1 and (together := values.encode_spread(outputs)) is not None:
        return [together]
    return [encode(output) for output in outputs]


def decode(name: str, source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Value:
    """The value that was encoded. `pickle` comes here only from `artifacts`, checked."""
    return _DECODERS[name](source, meta)
