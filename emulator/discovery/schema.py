"""Is this JSON what a schema says?  Every mistake with its path, as Google words it.

The answer is also the plain form of the JSON: camelCase names, enums by name, no nulls. Google's
clients may send `"ingressSettings": 2`; services then see "ALLOW_INTERNAL_ONLY".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.clock import unix
from emulator.wire import camel

Json = Any
_DURATION = re.compile(r"-?\d+(\.\d{1,9})?s")
_SNAKE = re.compile(r"(?<=[a-z0-9])([A-Z])")
_TYPES = {
    "int32": "TYPE_INT32",
    "uint32": "TYPE_UINT32",
    "int64": "TYPE_INT64",
    "uint64": "TYPE_UINT64",
    "byte": "TYPE_BYTES",
    "float": "TYPE_FLOAT",
    "double": "TYPE_DOUBLE",
    "google-datetime": "type.googleapis.com/google.protobuf.Timestamp",
    "google-duration": "type.googleapis.com/google.protobuf.Duration",
    "google-fieldmask": "type.googleapis.com/google.protobuf.FieldMask",
}
_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake."""

    path: str
    message: str


@dataclass(slots=True)
class Reader:
    """Reads one value by its schema."""

    schemas: Mapping[str, Json]
    lenient: bool = False
    """Unknown fields are dropped without a word, as the older JSON APIs do."""
    problems: list[Problem] = field(default_factory=list)

    def read(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        return _READERS[schema.get("type", "any")](self, value, schema, path)

    def wrong(self, path: str, kind: str, value: Json) -> None:
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        self.problems.append(Problem(path, f"Invalid value at '{path}' ({kind}), {shown[:80]}"))

    # -- containers -------------------------------------------------------------------------

    def object(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        if not isinstance(value, dict):
            self.wrong(path, "type.googleapis.com/message", value)
            return value
        properties = schema.get("properties")
        if properties is None:
            return self._map(value, schema.get("additionalProperties"), path)
        return self._message(value, properties, path)

    def _map(self, value: dict[str, Json], of: Mapping[str, Json] | None, path: str) -> Json:
        if of is None:
            return value
        return {key: self.read(inner, of, f"{path}[{key}]") for key, inner in value.items()}

    def _message(
        self, value: dict[str, Json], properties: Mapping[str, Json], path: str
    ) -> dict[str, Json]:
        plain = {}
        for key, inner in value.items():
            name = key if key in properties else camel(key)
            if name not in properties:
                self._unknown(key, path)
            elif inner is not None:
                plain[name] = self.read(inner, properties[name], joined(path, name))
        return plain

    def _unknown(self, key: str, path: str) -> None:
        if self.lenient or key.startswith("@"):
            return
        at = f" at '{path}'" if path else ""
        message = f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.'
        self.problems.append(Problem(path, message))

    def array(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        if not isinstance(value, list):
            return [self.read(value, schema["items"], path)]  # Google takes one for a list of one
        return [self.read(e, schema["items"], f"{path}[{at}]") for at, e in enumerate(value)]

    # -- scalars ----------------------------------------------------------------------------

    def string(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        if "enum" in schema:
            return self._enum(value, schema, path)
        form = schema.get("format", "")
        if form in _RANGES:
            return self._big(value, form, path)
        if not isinstance(value, str):
            self.wrong(path, "TYPE_STRING", value)
        elif form in _FORMATS and not _FORMATS[form](value):
            self.wrong(path, _TYPES[form], value)
        return value

    def _enum(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        names: list[str] = schema["enum"]
        if isinstance(value, int) and not isinstance(value, bool):
            numbers: list[int] = schema.get("enumNumbers") or list(range(len(names)))
            return names[numbers.index(value)] if value in numbers else value
        if value not in names:
            self.wrong(path, "TYPE_ENUM", value)
        return value

    def _big(self, value: Json, form: str, path: str) -> Json:
        """64-bit numbers are strings in JSON; plain numbers are taken as well."""
        number = _whole(value)
        if number is None or not _RANGES[form][0] <= number <= _RANGES[form][1]:
            self.wrong(path, _TYPES[form], value)
            return value
        return str(number)

    def integer(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        number, form = _whole(value), schema.get("format", "int32")
        low, high = _RANGES.get(form, _RANGES["int64"])
        if number is None or not low <= number <= high:
            self.wrong(path, _TYPES.get(form, "TYPE_INT32"), value)
            return value
        return number

    def number(self, value: Json, schema: Mapping[str, Json], path: str) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float | str) or _real(value):
            self.wrong(path, _TYPES.get(schema.get("format", "double"), "TYPE_DOUBLE"), value)
        return value

    def boolean(self, value: Json, _: Mapping[str, Json], path: str) -> Json:
        if not isinstance(value, bool):
            self.wrong(path, "TYPE_BOOL", value)
        return value

    def any(self, value: Json, _: Mapping[str, Json], __: str) -> Json:
        return value


_READERS: dict[str, Callable[[Reader, Json, Mapping[str, Json], str], Json]] = {
    "object": Reader.object,
    "array": Reader.array,
    "string": Reader.string,
    "integer": Reader.integer,
    "number": Reader.number,
    "boolean": Reader.boolean,
    "any": Reader.any,
}


def joined(path: str, name: str) -> str:
    """Google names fields in messages as the protocol buffers do."""
    return f"{path}.{snake(name)}" if path else snake(name)


def snake(name: str) -> str:
    return _SNAKE.sub(lambda found: f"_{found[1]}", name).lower()


def _whole(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"[+-]?\d+", value) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def _real(value: int | float | str) -> bool:
    """True when it is no number."""
    try:
        float(value)
    except ValueError:
        return True
    return False


def _is_base64(text: str) -> bool:
    plain = text.replace("-", "+").replace("_", "/")
    try:
        base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_time(text: str) -> bool:
    try:
        unix(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return False
    return True


_FORMATS: dict[str, Callable[[str], bool]] = {
    "byte": _is_base64,
    "google-datetime": _is_time,
    "google-duration": lambda text: _DURATION.fullmatch(text) is not None,
}
