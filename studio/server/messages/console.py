"""A look into the target: tables, objects, processes, connections, secrets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table of the connected database, for the console."""

    schema: str
    name: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A function's process on this machine."""

    service: str
    pid: int
    requests: int
    """Being answered now."""
    memory: int


@dataclass(frozen=True, slots=True)
class BucketInfo:
    name: str
    created: float


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    bucket: str
    name: str
    bytes: int
    updated: float


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A profile of io_config.yaml."""

    name: str
    path: str
    asks_for: list[str]
    """Names of settings; never a value."""


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """Whether one service of a profile answered."""

    service: str
    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """By name only."""

    name: str
    set: bool
    used_by: list[str]
