"""Checks of arguments that many functions share: a TypeError names what was wanted."""

from __future__ import annotations

from typing import Any

from emulator.workflows.errors import type_error
from emulator.workflows.values import type_name


def text(value: Any, what: str) -> str:
    return of(value, what, str)  # type: ignore[no-any-return]  # checked by `of`


def data(value: Any, what: str) -> bytes:
    return of(value, what, bytes)  # type: ignore[no-any-return]  # checked by `of`


def flag(value: Any, what: str) -> bool:
    return of(value, what, bool)  # type: ignore[no-any-return]  # checked by `of`


def integer(value: Any, what: str) -> int:
    return of(value, what, int)  # type: ignore[no-any-return]  # checked by `of`


def sequence(value: Any, what: str) -> list[Any]:
    return of(value, what, list)  # type: ignore[no-any-return]  # checked by `of`


def mapping(value: Any, what: str) -> dict[str, Any]:
    return of(value, what, dict)  # type: ignore[no-any-return]  # checked by `of`


def number(value: Any, what: str) -> float:
    return of(value, what, int, float)  # type: ignore[no-any-return]  # checked by `of`


NAMES = {str: "string", bytes: "bytes", bool: "boolean", int: "integer", list: "list", dict: "map"}


def of(value: Any, what: str, *kinds: type) -> Any:
    if type(value) not in kinds:
        wanted = "number" if float in kinds else NAMES[kinds[0]]
        raise type_error(f"{what} must be of type {wanted}, got: {type_name(value)}")
    return value
