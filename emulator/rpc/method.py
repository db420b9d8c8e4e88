"""One method of an API, whatever wire it is called over."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.cloud import Principal

Json = Any
Request = dict[str, Json]
"""The request message as JSON: camelCase, path, query and body together."""
Handler = Callable[[Principal, Request], Awaitable[Json]]
_FIELD = re.compile(r"\{([\w.]+)=([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Method:
    """`google.api.http` of the API's definition, and who performs it."""

    name: str
    verb: str
    path: str
    """e.g. `/v1/{name=projects/*/locations/*/workflows/*}:listRevisions`."""
    handler: Handler
    body: str = ""
    """The field that the HTTP body is; `*` when it is the request itself."""

    def route(self) -> str:
        """The path with one parameter per `*`."""

        def parameters(found: re.Match[str]) -> str:
            field, pattern = found.groups()
            first, *rest = pattern.split("*")
            inner = (f"{{{_parameter(field, n)}}}{piece}" for n, piece in enumerate(rest))
            return first + "".join(inner)

        return _FIELD.sub(parameters, self.path)

    def put_fields(self, request: Request, values: Mapping[str, str]) -> None:
        """What the path names, put together again from the parameters of `route`."""
        for field, pattern in _FIELD.findall(self.path):
            first, *rest = pattern.split("*")
            inner = (values[_parameter(field, n)] + piece for n, piece in enumerate(rest))
            *outer, last = field.split(".")
            into = request
            for key in outer:
                into = into.setdefault(key, {})
            into[last] = first + "".join(inner)


def _parameter(field: str, number: int) -> str:
    return f"{field.replace('.', '__')}_{number}"
