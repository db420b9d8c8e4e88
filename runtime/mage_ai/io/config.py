"""io_config.yaml and the other places where credentials come from."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runtime.context import repo_path
from runtime.errors import SettingsProblem
from runtime.libraries import library
from runtime.mage_ai.io.config_keys import HEADINGS, ConfigKey, VerboseConfigKey, nested_path
from runtime.templates import load_yaml, render

__all__ = [
    "AWSSecretLoader",
    "BaseConfigLoader",
    "ConfigFileLoader",
    "ConfigKey",
    "EnvironmentVariableLoader",
    "VerboseConfigKey",
]


class BaseConfigLoader(ABC):
    """Settings by key; a key that is not there gives None."""

    @abstractmethod
    def contains(self, key: Any, **options: Any) -> bool: ...

    @abstractmethod
    def get(self, key: Any, **options: Any) -> Any: ...

    def __contains__(self, key: Any) -> bool:
        return self.contains(key)

    def __getitem__(self, key: Any) -> Any:
        return self.get(key)


class ConfigFileLoader(BaseConfigLoader):
    """One profile of io_config.yaml, rendered by Jinja as a whole before it is read."""

    def __init__(
        self,
        filepath: str | os.PathLike[str] | None = None,
        profile: str = "default",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.filepath = _found(filepath)
        self.profile = profile
        self.version = None
        self.config = dict(config) if config is not None else self._read()
        self.use_verbose_format = any(heading in self.config for heading in HEADINGS)

    def _read(self) -> dict[str, Any]:
        if not self.filepath.exists():
            raise SettingsProblem(
                f"there is no {self.filepath.name} in {self.filepath.parent.name}/"
            )
        whole = load_yaml(render(self.filepath.read_text())) or {}
        self.version = whole.get("version")
        if self.profile not in whole:
            known = ", ".join(sorted(set(whole) - {"version"}))
            raise _NoProfile(
                f"{self.filepath.name} has no profile {self.profile!r} (it has {known})"
            )
        return dict(whole[self.profile] or {})

    def contains(self, key: Any, **_options: Any) -> bool:
        return self.get(key) is not None if self.use_verbose_format else str(key) in self.config

    def get(self, key: Any, **_options: Any) -> Any:
        return self._nested(str(key)) if self.use_verbose_format else self.config.get(str(key))

    def _nested(self, name: str) -> Any:
        value: Any = self.config
        for part in nested_path(name) or (name,):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


class _NoProfile(SettingsProblem, KeyError):
    """Mage raises KeyError; the sentence is ours."""

    def __str__(self) -> str:
        return str(self.args[0])


class EnvironmentVariableLoader(BaseConfigLoader):
    """Settings from the environment."""

    def contains(self, key: Any, **_options: Any) -> bool:
        return str(key) in os.environ

    def get(self, key: Any, **_options: Any) -> Any:
        return os.environ.get(str(key))


class AWSSecretLoader(BaseConfigLoader):
    """Settings from AWS Secrets Manager."""

    def __init__(self, **kwargs: Any) -> None:
        self.client = library("boto3", feature="AWSSecretLoader").client("secretsmanager", **kwargs)

    def contains(self, key: Any, **options: Any) -> bool:
        return self.get(key, **options) is not None

    def get(self, key: Any, **options: Any) -> Any:
        wanted = {
            "SecretId": str(key),
            "VersionId": options.get("version_id"),
            "VersionStage": options.get("version_stage_label"),
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        try:
            answer = self.client.get_secret_value(**given)
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return answer.get("SecretString", answer.get("SecretBinary"))


def _found(filepath: str | os.PathLike[str] | None) -> Path:
    """The file as named, else the project's; `.yml` where there is no `.yaml`, and vice versa."""
    path = Path(filepath) if filepath else Path(repo_path(), "io_config.yaml")
    twin = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
    return twin if not path.exists() and twin.exists() else path
