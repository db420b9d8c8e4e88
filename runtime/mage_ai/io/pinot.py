"""Apache Pinot: read only."""

from __future__ import annotations

from typing import Any, ClassVar

from runtime.libraries import library
from runtime.mage_ai.io.druid import Druid


class Pinot(Druid):
    """Load and execute."""

    prefix = "PINOT"
    usual: ClassVar[dict[str, Any]] = {"path": "/query/sql", "port": 8099, "scheme": "http"}

    def connect(self) -> Any:
        settings = {k: v for k, v in self.settings.items() if v is not None}
        if "user" in settings:
            settings["username"] = settings.pop("user")
        return library("pinotdb", feature="Pinot").connect(**settings)
