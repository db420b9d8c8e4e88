"""base64, hash and json (Workflows: Standard library)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from emulator.workflows.errors import type_error, value_error
from emulator.workflows.expressions.operators import HIGH, LOW
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks
from emulator.workflows.values import to_json

ALGORITHMS = frozenset(("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"))
FOUR_SPACES = "    "


def base64_decode(_: Context, data: Any, padding: Any) -> bytes:
    text = checks.text(data, "'data'")
    if not checks.flag(padding, "'padding'"):
        text += "=" * (-len(text) % 4)
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeError) as mistake:
        raise value_error(f"invalid base64: {mistake}") from None


def base64_encode(_: Context, data: Any, padding: Any) -> str:
    text = base64.b64encode(checks.data(data, "'data'")).decode()
    return text if checks.flag(padding, "'padding'") else text.rstrip("=")


def algorithm(name: Any) -> str:
    if checks.text(name, "'algorithm'") not in ALGORITHMS:
        raise value_error(f"unknown algorithm {name!r}, use one of {', '.join(sorted(ALGORITHMS))}")
    return str(name).lower()


def checksum(_: Context, data: Any, name: Any) -> bytes:
    raw = checks.data(data, "'data'")
    return hashlib.new(algorithm(name), raw, usedforsecurity=False).digest()


def compute_hmac(_: Context, key: Any, data: Any, name: Any) -> bytes:
    raw = checks.data(data, "'data'")
    return hmac.new(checks.data(key, "'key'"), raw, algorithm(name)).digest()


def json_decode(_: Context, data: Any) -> Any:
    if type(data) not in {str, bytes}:
        checks.text(data, "'data'")
    try:
        return json.loads(data, parse_int=whole, parse_constant=constant)
    except (ValueError, RecursionError) as mistake:
        raise value_error(f"invalid JSON: {mistake}") from None


def whole(text: str) -> int | float:
    """Integers beyond 64 bits become doubles."""
    value = int(text) if len(text) < 25 else HIGH
    return value if LOW <= value < HIGH else float(text)


def constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def encode_to_string(context: Context, data: Any, indent: Any) -> str:
    prefix, step = indentation(indent)
    try:
        text = to_json(data, sorted_keys=context.choices.sorted_keys, indent=step)
    except ValueError as mistake:
        raise value_error(str(mistake)) from None
    return text.replace("\n", f"\n{prefix}") if prefix else text


def indentation(indent: Any) -> tuple[str, str | None]:
    """(prefix, step): false is one line, true is four spaces."""
    if indent is None or indent is False:
        return "", None
    if indent is True:
        return "", FOUR_SPACES
    if type(indent) is not dict:
        raise type_error("'indent' must be a boolean or a map of prefix and indent")
    prefix = checks.text(indent.get("prefix", ""), "'prefix'")
    return prefix, checks.text(indent.get("indent", FOUR_SPACES), "'indent'")


def encode(context: Context, data: Any, indent: Any) -> bytes:
    return encode_to_string(context, data, indent).encode(errors="replace")


DATA = ("data", REQUIRED)
PADDING = ("padding", True)
ALGORITHM = ("algorithm", REQUIRED)

FUNCTIONS = (
    Function("base64.decode", (DATA, PADDING), base64_decode),
    Function("base64.encode", (DATA, PADDING), base64_encode),
    Function("hash.compute_checksum", (DATA, ALGORITHM), checksum),
    Function("hash.compute_hmac", (("key", REQUIRED), DATA, ALGORITHM), compute_hmac),
    Function("json.decode", (DATA,), json_decode),
    Function("json.encode", (DATA, ("indent", None)), encode),
    Function("json.encode_to_string", (DATA, ("indent", None)), encode_to_string),
)
