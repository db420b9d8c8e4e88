"""Plain values as JSON and text, with what JSON lacks put in tagged objects.

Mage keeps dictionaries as JSON too: integer keys become strings and tuples become lists, and
values such as datetimes and numpy numbers are restored. A tag is an object with the one key
`$type` besides `value`; a user's own dict with a key `$type` is wrapped as a tag itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import IO, Any

from runtime.codecs.encoded import Encoded, as_bytes, whole

TAG = "$type"
_PLAIN = (bool, int, float, type(None))


class NotJson(Exception):
    """Some part of the value is none of the types that are kept as JSON."""


def encode_plain(value: Any) -> Encoded | None:
    """Text, bytes and scalars."""
    kind = type(value)
    if kind is str:
        return whole("text", "txt", value.encode("utf-8", "surrogatepass"))
    if kind is bytes:
        return whole("bytes", "bin", value)
    if kind in _PLAIN:
        return whole("json", "json", json.dumps(value).encode())
    return None


def encode_json(value: Any) -> Encoded | None:
    """Lists, dicts and single values such as datetimes; None for anything else."""
    try:
        return whole("json", "json", dumps(value))
    except NotJson:
        return None


def encode_spread(outputs: list[Any]) -> Encoded | None:
    """Several outputs in one artifact, if each of them is kept as JSON."""
    try:
        return whole("json", "json", dumps(outputs), spread=len(outputs))
    except NotJson:
        return None


def dumps(value: Any) -> bytes:
    """JSON text; raises NotJson."""
    try:
        return json.dumps(_tagged(value), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson from error


def loads(data: bytes | str) -> Any:
    text = data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data
    if f'"{TAG}"' not in text:
        return json.loads(text)
    return json.loads(text, object_hook=_untagged)


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind in _PLAIN:
        return value
    if kind is dict:
        plain = {_key(key): _tagged(item) for key, item in value.items()}
        return {TAG: "dict", "value": list(plain.items())} if TAG in plain else plain
    if kind is list or kind is tuple:
        return [_tagged(item) for item in value]
    return _special(value)


def _key(key: Any) -> Any:
    """Numbers, booleans and None become strings, as json does; the rest is refused."""
    if isinstance(key, str | int | float) or key is None:
        return key
    item = getattr(key, "item", None)
    if item is not None and type(key).__module__ == "numpy":
        return item()
    raise NotJson(type(key))


def _special(value: Any) -> dict[str, Any]:
    """A tag; the module's name is compared, so that nothing has to be imported."""
    name = f"{type(value).__module__.partition('.')[0]}.{type(value).__qualname__}"
    if write := _WRITERS.get(name):
        return {TAG: name, "value": write(value)}
    if type(value).__module__ == "numpy" and hasattr(value, "dtype"):
        return _numpy(value)
    raise NotJson(name)


def _numpy(value: Any) -> dict[str, Any]:
    if value.dtype.kind not in "biufMmSU":
        raise NotJson(str(value.dtype))
    if value.ndim or value.dtype.kind in "MmS":
        data = _base64(value.tobytes())
        return {TAG: "numpy.raw", "value": [value.dtype.str, list(value.shape), data]}
    return {TAG: "numpy", "value": [value.dtype.str, value.item()]}


def _untagged(data: dict[str, Any]) -> Any:
    name = data.get(TAG)
    return _READERS[name](data["value"]) if name in _READERS else data


def _base64(data: bytes) -> str:
    from base64 import b64encode

    return b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    from base64 import b64decode

    return b64decode(text)


def _members(value: Any) -> list[Any]:
    """A set's members; a tuple among them would come back as a list, which no set holds."""
    if any(isinstance(item, tuple) for item in value):
        raise NotJson("tuple in a set")
    return [_tagged(item) for item in value]


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "datetime.datetime": lambda v: [v.isoformat(), v.fold, getattr(v.tzinfo, "key", None)],
    "datetime.date": lambda v: v.isoformat(),
    "datetime.time": lambda v: v.isoformat(),
    "datetime.timedelta": lambda v: [v.days, v.seconds, v.microseconds],
    "decimal.Decimal": str,
    "uuid.UUID": str,
    "builtins.bytes": _base64,
    "builtins.complex": lambda v: [v.real, v.imag],
    "builtins.set": _members,
    "builtins.frozenset": _members,
    "pandas.Timestamp": lambda v: [v.isoformat(), _zone(v), v.unit],
    "pandas.NaTType": lambda _: None,
    "pandas.NAType": lambda _: None,
}


def _zone(value: Any) -> str | None:
    return getattr(value.tzinfo, "key", None) or getattr(value.tzinfo, "zone", None)


def _datetime(value: list[Any]) -> Any:
    from datetime import datetime

    text, fold, key = value
    moment = datetime.fromisoformat(text).replace(fold=fold)
    if key is None:
        return moment
    from zoneinfo import ZoneInfo

    return moment.replace(tzinfo=ZoneInfo(key))


def _timestamp(value: list[Any]) -> Any:
    import pandas

    text, zone, unit = value
    moment = pandas.Timestamp(text).as_unit(unit)
    return moment.tz_convert(zone) if zone else moment


def _member(module: str, name: str) -> Any:
    """Something of a module that is imported only now."""
    from importlib import import_module
    from operator import attrgetter

    return attrgetter(name)(import_module(module))


def _from(module: str, name: str, star: bool = False) -> Callable[[Any], Any]:
    """Reads a tag by calling something of a module."""

    def read(value: Any) -> Any:
        call = _member(module, name)
        return call(*value) if star else call(value)

    return read


def _numpy_scalar(value: list[Any]) -> Any:
    import numpy

    return numpy.dtype(value[0]).type(value[1])


def _numpy_raw(value: list[Any]) -> Any:
    import numpy

    kind, shape, data = value
    array = numpy.frombuffer(_from_base64(data), dtype=kind).reshape(shape)
    return array.copy() if shape else array[()]


_READERS: dict[Any, Callable[[Any], Any]] = {
    "dict": dict,
    "datetime.datetime": _datetime,
    "datetime.date": _from("datetime", "date.fromisoformat"),
    "datetime.time": _from("datetime", "time.fromisoformat"),
    "datetime.timedelta": _from("datetime", "timedelta", star=True),
    "decimal.Decimal": _from("decimal", "Decimal"),
    "uuid.UUID": _from("uuid", "UUID"),
    "builtins.bytes": _from_base64,
    "builtins.complex": lambda v: complex(*v),
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "pandas.Timestamp": _timestamp,
    "pandas.NaTType": lambda _: _member("pandas", "NaT"),
    "pandas.NAType": lambda _: _member("pandas", "NA"),
    "numpy": _numpy_scalar,
    "numpy.raw": _numpy_raw,
}


def _text(source: bytes | IO[bytes], _meta: Mapping[str, Any]) -> str:
    return as_bytes(source).decode("utf-8", "surrogatepass")


DECODERS: dict[str, Callable[[bytes | IO[bytes], Mapping[str, Any]], Any]] = {
    "text": _text,
    "bytes": lambda source, _meta: as_bytes(source),
    "json": lambda source, _meta: loads(as_bytes(source)),
}
