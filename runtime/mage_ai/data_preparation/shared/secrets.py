"""Secrets by name. In a function they are environment variables, mounted by the deployer."""

from __future__ import annotations

from typing import Any

from runtime.errors import SettingsProblem
from runtime.templates import secret_value


def get_secret_value(
    name: str,
    entity: Any = "global",
    pipeline_uuid: str | None = None,
    project_uuid: str | None = None,
    repo_name: str | None = None,
    **_options: Any,
) -> str | None:
    """The value, or None with a warning when there is no such secret."""
    return secret_value(name)


def create_secret(name: str, value: str, **_options: Any) -> None:
    raise SettingsProblem(
        f"a running block cannot create the secret {name!r}; "
        "put it into .env and run `blocklift secrets push`"
    )
