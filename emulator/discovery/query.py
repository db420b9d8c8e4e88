"""Query parameters and update masks against a method's description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.discovery.catalog import Api, Method
from emulator.discovery.schema import Problem, Reader
from emulator.wire import camel

Json = Any
_NUMBERS = ("integer", "number")
EVERYWHERE = frozenset(
    {"alt", "fields", "key", "prettyPrint", "quotaUser", "userIp", "access_token", "oauth_token"}
)


def check(api: Api, method: Method, pairs: Iterable[tuple[str, str]]) -> list[Problem]:
    """What is wrong with a query string."""
    problems, seen = [], set()
    for name, value in pairs:
        schema = _schema(api, method, name)
        seen.add(camel(name))
        if schema is None:
            if not name.startswith("$") and name not in EVERYWHERE:
                problems.append(_unknown(name))
        elif schema.get("location") != "path":
            problems += _value_problems(api, schema, name, value)
    for name, schema in method.parameters.items():
        if schema.get("required") and schema.get("location") == "query" and name not in seen:
            problems.append(Problem(name, f"Required parameter is missing: {name}"))
    return problems


def _schema(api: Api, method: Method, name: str) -> Mapping[str, Json] | None:
    for table in (method.parameters, api.parameters):
        for spelled in (name, camel(name)):
            if spelled in table:
                found: Mapping[str, Json] = table[spelled]
                return found
    return None


def _unknown(name: str) -> Problem:
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    return Problem(name, message)


def _value_problems(api: Api, schema: Mapping[str, Json], name: str, text: str) -> list[Problem]:
    if schema.get("format") == "google-fieldmask":
        return []
    value: Json = text
    if schema.get("type") == "boolean":
        value = {"true": True, "false": False}.get(text.lower(), text)
    elif "enum" in schema and text.isdigit():
        value = int(text)
    reader = Reader(api.schemas)
    reader.read(value, {k: v for k, v in schema.items() if k != "location"}, name)
    return reader.problems


# -- update masks ---------------------------------------------------------------------------


def check_mask(api: Api, method: Method, mask: str) -> list[Problem]:
    """Paths that lead to no field of the resource."""
    schema: Mapping[str, Json] = api.schemas[method.request or ""]
    wrong = [path for path in mask.split(",") if path and not _leads(api, schema, path.strip())]
    return [
        Problem(
            "update_mask",
            "Invalid value at 'update_mask' (type.googleapis.com/google.protobuf.FieldMask), "
            f'"{path}"',
        )
        for path in wrong
    ]


def _leads(api: Api, schema: Mapping[str, Json], path: str) -> bool:
    if path == "*":
        return True
    for part in path.split("."):
        while "$ref" in schema:
            schema = api.schemas[schema["$ref"]]
        if schema.get("type") == "any" or "additionalProperties" in schema:
            return True
        properties = schema.get("properties") or {}
        name = part if part in properties else camel(part)
        if name not in properties:
            return False
        schema = properties[name]
    return True
