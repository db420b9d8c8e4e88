"""The project's settings, and the older home of `get_repo_path`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.mage_ai.settings.repo import (
    get_data_dir,
    get_metadata_path,
    get_repo_name,
    get_repo_path,
    get_variables_dir,
    set_repo_path,
)
from runtime.templates import load_yaml

__all__ = [
    "RepoConfig",
    "get_data_dir",
    "get_metadata_path",
    "get_project_uuid",
    "get_repo_config",
    "get_repo_name",
    "get_repo_path",
    "get_variables_dir",
    "set_repo_path",
]


class RepoConfig:
    """metadata.yaml of the project: its keys as attributes, None for those it lacks."""

    def __init__(self, repo_path: str | None = None, config_dict: Any = None, **_: Any) -> None:
        self.repo_path = repo_path or get_repo_path()
        self.variables_dir = get_variables_dir()
        self._values = dict(config_dict) if config_dict is not None else self._read()

    def _read(self) -> dict[str, Any]:
        path = Path(self.repo_path, "metadata.yaml")
        return (load_yaml(path.read_text()) or {}) if path.exists() else {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._values.get(name)

    def to_dict(self) -> dict[str, Any]:
        return dict(self._values)


def get_repo_config(repo_path: str | None = None, **_options: Any) -> RepoConfig:
    return RepoConfig(repo_path)


def get_project_uuid(**_options: Any) -> Any:
    return get_repo_config().project_uuid
