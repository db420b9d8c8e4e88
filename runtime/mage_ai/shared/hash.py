"""Helpers for dicts and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def merge_dict(a: Mapping[Any, Any] | None, b: Mapping[Any, Any] | None) -> dict[Any, Any]:
    return {**(a or {}), **(b or {})}


def extract(data: Mapping[Any, Any], keys: Iterable[Any]) -> dict[Any, Any]:
    return {key: data[key] for key in keys if key in data}


def ignore_keys(data: Mapping[Any, Any], keys: Iterable[Any]) -> dict[Any, Any]:
    dropped = set(keys)
    return {key: value for key, value in data.items() if key not in dropped}


def ignore_keys_with_blank_values(
    data: Mapping[Any, Any], include_values: Iterable[Any] | None = None
) -> dict[Any, Any]:
    kept = list(include_values or ())
    return {key: value for key, value in data.items() if value or value in kept}


def index_by(function: Callable[[Any], Any], items: Iterable[Any]) -> dict[Any, Any]:
    return {function(item): item for item in items}


def group_by(function: Callable[[Any], Any], items: Iterable[Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(function(item), []).append(item)
    return groups


def flatten(lists: Iterable[Any]) -> list[Any]:
    return [item for one in lists for item in (one if isinstance(one, list) else [one])]


def dig(data: Any, keys: str | Iterable[Any]) -> Any:
    """A nested value, by keys or by names with dots; None where there is none."""
    for key in keys.split(".") if isinstance(keys, str) else keys:
        if not isinstance(data, Mapping) or key not in data:
            return None
        data = data[key]
    return data


def set_value(data: dict[Any, Any], keys: list[Any], value: Any) -> dict[Any, Any]:
    inner = data
    for key in keys[:-1]:
        inner = inner.setdefault(key, {})
    inner[keys[-1]] = value
    return data


def replace_dict_nan_value(data: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: None if value != value else value for key, value in data.items()}  # noqa: PLR0124 (NaN)


def flatten_dict(data: Mapping[str, Any], parent: str = "", separator: str = ".") -> dict[str, Any]:
    """Nested keys in one name each."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        name = f"{parent}{separator}{key}" if parent else str(key)
        inner = isinstance(value, Mapping) and value
        found |= flatten_dict(value, name, separator) if inner else {name: value}
    return found


def get_safe_value(data: Mapping[Any, Any] | None, key: Any, default: Any = None) -> Any:
    """The default also where the value is None."""
    value = (data or {}).get(key)
    return default if value is None else value
