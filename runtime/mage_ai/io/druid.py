"""Apache Druid: read only."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from runtime.libraries import library
from runtime.mage_ai.io.base import QUERY_ROW_LIMIT
from runtime.mage_ai.io.sql import BaseSQL

NAMES = ("host", "password", "path", "port", "scheme", "user")


class Druid(BaseSQL):
    """Load and execute."""

    prefix = "DRUID"
    usual: ClassVar[dict[str, Any]] = {"path": "/druid/v2/sql/", "port": 8082, "scheme": "http"}

    @classmethod
    def with_config(cls, config: Any) -> Self:
        given = {name: config[f"{cls.prefix}_{name.upper()}"] for name in NAMES}
        return cls(**{**cls.usual, **{k: v for k, v in given.items() if v is not None}})

    def connect(self) -> Any:
        pydruid = library("pydruid.db", "pydruid", "Druid")
        return pydruid.connect(**{k: v for k, v in self.settings.items() if v is not None})

    def _enforce_limit(self, query: str, limit: int | None = QUERY_ROW_LIMIT) -> str:
        if limit is None:
            return query
        return f"SELECT * FROM (\n{query}\n) AS subquery LIMIT {int(limit)}"

    def export(self, *_args: Any, **_options: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} can only be read from")
