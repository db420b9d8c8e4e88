"""The oldest way to read io_config.yaml."""

from __future__ import annotations

from typing import Any

from runtime.mage_ai.io.config import ConfigFileLoader
from runtime.mage_ai.io.config_keys import VerboseConfigKey as IOConfigKeys

__all__ = ["IOConfig", "IOConfigKeys"]


class IOConfig:
    """`IOConfig(path).use(profile)` gives the profile as a dict."""

    def __init__(self, filepath: str = "./default_io_config.yaml") -> None:
        self.filepath = filepath

    def use(self, profile: str) -> dict[str, Any]:
        return ConfigFileLoader(self.filepath, profile).config
