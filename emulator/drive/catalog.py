"""A connector's name and arguments → the request that they mean.

`googleapis.storage.v1.objects.get` is looked up in Google's own description of the API (its
discovery document). Workflows: "Connectors reference".
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from emulator import discovery
from emulator.drive.http import with_query

Value = Any
Document = Mapping[str, Any]
Documents = Callable[[str, str], Document | None]
"""(api, version) → its discovery document, when there is one."""
SYSTEM = frozenset({"alt", "fields", "key", "prettyPrint", "quotaUser", "uploadType", "userIp"})
"""Query parameters of every method of Google's."""
OWN = frozenset({"body", "connector_params", "location"})
_VARIABLE = re.compile(r"\{\+?(\w+)\}")
_KEPT = "%/:@!$&'()*+,;=~-._"
"""Left as given: the workflow encodes what a name needs (Workflows: storage.objects)."""


class UnknownConnectorError(Exception):
    """No API description here has such a method."""


class ArgumentError(Exception):
    """Arguments that the method does not take, or lacks."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of an API."""

    name: str
    """e.g. "run.namespaces.jobs.run": the id in the description."""
    verb: str
    root: str
    """e.g. "https://storage.googleapis.com/"."""
    version: str
    path: str
    parameters: Mapping[str, Mapping[str, Any]]
    upload: str = ""
    """Path for media, when the method takes some."""
    answers: str = ""
    """Name of the schema that it answers with."""


@cache
def shipped(api: str, version: str) -> Document | None:
    """The description that comes with this emulator."""
    file = Path(discovery.__file__).with_name("documents") / f"{api}.{version}.json.gz"
    if not file.exists():
        return None
    document: Document = orjson.loads(gzip.decompress(file.read_bytes()))
    return document


def find(method: str, documents: Documents) -> Operation:
    """`method` begins with `googleapis.`."""
    _, api, version, *path = [*method.split("."), "", ""]
    document = documents(api, version)
    wanted = ".".join([api, *path]).rstrip(".")
    for found in document["methods"] if document else ():
        if found["id"] == wanted:
            assert document is not None
            return _operation(document, found)
    raise UnknownConnectorError(method)


def _operation(document: Document, method: Mapping[str, Any]) -> Operation:
    uploads = (path.lstrip("/") for path in method.get("uploads", ()))
    return Operation(
        name=method["id"],
        verb=method["httpMethod"],
        root=document["rootUrl"],
        version=document["version"],
        path=document.get("servicePath", "") + method["path"],
        parameters=method.get("parameters", {}),
        upload=next((path for path in uploads if path.startswith("upload/")), ""),
        answers=method.get("response", ""),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request without credentials."""

    verb: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def request(operation: Operation, arguments: Mapping[str, Value]) -> Wanted:
    """ArgumentError with every mistake at once."""
    if problems := list(_problems(operation, arguments)):
        raise ArgumentError("; ".join(problems))
    path, query = operation.path, _query(operation, arguments)
    body, headers = _body(arguments.get("body"))
    if operation.upload and ("uploadType" in query or not isinstance(arguments.get("body"), dict)):
        path = operation.upload
        query.setdefault("uploadType", "media")
    url = operation.root + _VARIABLE.sub(lambda v: _filled(v, arguments), path)
    return Wanted(operation.verb, with_query(url, query), headers, body)


def _problems(operation: Operation, arguments: Mapping[str, Value]) -> Iterator[str]:
    known = operation.parameters.keys() | SYSTEM | OWN
    for name in arguments:
        if name not in known:
            yield f"unknown argument '{name}'"
    for name, parameter in operation.parameters.items():
        needed = parameter.get("required") or parameter.get("location") == "path"
        if needed and arguments.get(name) is None:
            yield f"missing argument '{name}'"


def at_location(operation: Operation, arguments: Mapping[str, Value]) -> Operation:
    """A `location` that the method itself does not take names the regional endpoint."""
    location = arguments.get("location")
    if not location or "location" in operation.parameters:
        return operation
    regional = operation.root.replace("https://", f"https://{location}-", 1)
    return replace(operation, root=regional)


def _filled(variable: re.Match[str], arguments: Mapping[str, Value]) -> str:
    value = arguments[variable[1]]
    return quote(value if isinstance(value, str) else json.dumps(value), safe=_KEPT)


def _query(operation: Operation, arguments: Mapping[str, Value]) -> dict[str, Value]:
    def in_query(name: str) -> bool:
        parameter = operation.parameters.get(name)
        return parameter["location"] == "query" if parameter else name in SYSTEM

    return {name: v for name, v in arguments.items() if v is not None and in_query(name)}


def _body(body: Value) -> tuple[bytes, dict[str, str]]:
    if body is None:
        return b"", {}
    if isinstance(body, bytes):
        return body, {"Content-Type": "application/octet-stream"}
    if isinstance(body, str):
        return body.encode(), {"Content-Type": "text/plain; charset=utf-8"}
    return orjson.dumps(body), {"Content-Type": "application/json; charset=utf-8"}
