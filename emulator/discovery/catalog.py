"""The shipped descriptions: which method of an API a request calls."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Json = Any
FOLDER = Path(__file__).with_name("documents")
_PLACEHOLDER = re.compile(r"\{(\+?)([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API."""

    id: str
    """e.g. "cloudfunctions.projects.locations.functions.create"."""
    http: str
    path: str
    """As a client fills it in: `v2/{+parent}/functions`."""
    pattern: re.Pattern[str]
    parameters: Mapping[str, Json]
    request: str | None
    """Name of the schema of the body."""
    response: str | None


@dataclass(frozen=True, slots=True)
class Api:
    """One document."""

    name: str
    revision: str
    root: str
    parameters: Mapping[str, Json]
    """Those that every method takes."""
    schemas: Mapping[str, Json]
    methods: Mapping[str, Method]
    _index: Mapping[tuple[str, int, str], list[Method]]
    _open: list[Method]
    """Methods with a placeholder that takes any number of segments."""

    def method(self, http: str, path: str) -> Method | None:
        """The method that answers this request; `path` with its percent signs."""
        for method in self._index.get(_key(http, path), ()):
            if method.pattern.fullmatch(path):
                return method
        for method in self._open:
            if method.http == http and method.pattern.fullmatch(path):
                return method
        return None


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


@cache
def load(name: str) -> Api:
    """The description of e.g. "cloudfunctions.v2"."""
    raw = orjson.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    prefix = f"/{raw['servicePath']}"
    index: dict[tuple[str, int, str], list[Method]] = {}
    unbounded: list[Method] = []
    methods: dict[str, Method] = {}
    for entry in raw["methods"]:
        methods[entry["id"]] = _method(entry, prefix + entry["path"])
        for path in _paths(entry, prefix):
            made = _method(entry, path)
            if "{+" in path:
                unbounded.append(made)
            else:
                index.setdefault(_key(made.http, path), []).append(made)
    return Api(
        name=name,
        revision=raw["revision"],
        root=raw["rootUrl"],
        parameters=raw["parameters"],
        schemas=raw["schemas"],
        methods=methods,
        _index=index,
        _open=unbounded,
    )


def _paths(entry: Json, prefix: str) -> Iterator[str]:
    yield prefix + entry.get("flatPath", entry["path"])
    yield from entry.get("uploads", ())


def _method(entry: Json, path: str) -> Method:
    return Method(
        id=entry["id"],
        http=entry["httpMethod"],
        path=entry["path"],
        pattern=_pattern(path),
        parameters=entry["parameters"],
        request=entry.get("request"),
        response=entry.get("response"),
    )


def _pattern(path: str) -> re.Pattern[str]:
    parts, at = [], 0
    for found in _PLACEHOLDER.finditer(path):
        parts.append(re.escape(path[at : found.start()]))
        parts.append(".+" if found[1] else "[^/]+?")
        at = found.end()
    return re.compile("".join([*parts, re.escape(path[at:])]))


def _key(http: str, path: str) -> tuple[str, int, str]:
    """(method, number of segments, custom verb)"""
    last = _PLACEHOLDER.sub("x", path[path.rfind("/") + 1 :])
    return http, path.count("/"), last.partition(":")[2]
