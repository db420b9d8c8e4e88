"""Arrays, sparse matrices, and pickles for everything that has no format of its own."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any

from runtime.codecs.encoded import Encoded, as_bytes, as_file, whole
from runtime.codecs.pictures import picture_of
from runtime.libraries import library
from runtime.record import replace


def encode_known(value: Any) -> Encoded | None:
    """Arrays without objects in them, scipy's sparse matrices."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray) and not value.dtype.hasobject:
        return Encoded("npy", "npy", lambda file: numpy.save(file, value), weight=value.nbytes)
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(value):
        return _sparse(sparse, value)
    return None


def _sparse(sparse: Any, value: Any) -> Encoded:
    """Matrices made to be built up, lil and dok, have no file format of their own."""
    built_up = value.format in ("lil", "dok")
    stored, meta = (value.tocsr(), {"format": value.format}) if built_up else (value, {})
    return Encoded("npz", "npz", lambda file: sparse.save_npz(file, stored), meta=meta)


def encode_pickle(value: Any) -> Encoded:
    """The digest goes into the manifest; without it nothing is read back."""
    try:
        data, by = _pickled(value)
        digest = _digest(data)
    except Exception as error:
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(
            f"a {name} cannot be stored between blocks ({error}); return plain data, a table, "
            "or an object whose class is defined in a module of the project"
        ) from error
    stored = whole("pickle", "pkl", data, by=by, sha256=digest)
    return replace(stored, picture=picture_of(value))


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _pickled(value: Any) -> tuple[bytes, str]:
    """By joblib where the value's own library uses it (scikit-learn), else pickle."""
    if (joblib := sys.modules.get("joblib")) is None:
        import pickle

        return pickle.dumps(value, protocol=5), "pickle"
    buffer = io.BytesIO()
    joblib.dump(value, buffer)
    return buffer.getvalue(), "joblib"


def _decode_pickle(source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Any:
    data = as_bytes(source)
    if _digest(data) != meta.get("sha256"):
        raise ValueError("a pickled output is not the one that its manifest names")
    if meta.get("by") == "joblib":
        return library("joblib", feature="reading this output").load(io.BytesIO(data))
    import pickle

    return pickle.loads(data)  # noqa: S301 (checked against the manifest above)


def _decode_npy(source: bytes | IO[bytes], _meta: Mapping[str, Any]) -> Any:
    import numpy

    return numpy.load(as_file(source), allow_pickle=False)


def _decode_npz(source: bytes | IO[bytes], meta: Mapping[str, Any]) -> Any:
    sparse = library("scipy.sparse", "scipy", "reading a sparse matrix")
    return sparse.load_npz(as_file(source)).asformat(meta.get("format"))


DECODERS: dict[str, Callable[[bytes | IO[bytes], Mapping[str, Any]], Any]] = {
    "npy": _decode_npy,
    "npz": _decode_npz,
    "pickle": _decode_pickle,
}
