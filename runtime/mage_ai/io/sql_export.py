"""What one export to a database is to do, in the words of Mage's many switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime.mage_ai.io.base import ExportWritePolicy
from runtime.names import clean_column, clean_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Export:
    """The table, the policy, and how its columns are made."""

    schema: str | None
    table: str
    if_exists: str = ExportWritePolicy.REPLACE
    cascade: bool = False
    drop: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    query: str | None = None
    conflict: str | None = None
    unique: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table

    @property
    def constraint(self) -> str:
        """Mage's name of the UNIQUE constraint, cut to 64 characters."""
        parts = [clean_name(self.full_name), *self.unique]
        return f"unique{'_'.join(parts)}"[:64]

    @property
    def replaces(self) -> bool:
        return self.if_exists == ExportWritePolicy.REPLACE

    @property
    def makes_anew(self) -> bool:
        """Whether a table that is there is dropped and made again."""
        return self.drop and self.replaces


@dataclass(frozen=True, slots=True)
class Names:
    """How columns' names are cleaned."""

    allow_reserved_words: bool = False
    auto_clean_name: bool = True
    case_sensitive: bool = False

    def clean(self, name: str) -> str:
        return clean_column(
            name,
            allow_reserved_words=self.allow_reserved_words,
            auto_clean_name=self.auto_clean_name,
            case_sensitive=self.case_sensitive,
        )

    def clean_types(self, types: Mapping[str, str] | None) -> dict[str, str]:
        return {self.clean(name): kind for name, kind in (types or {}).items()}

    def clean_all(self, names: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(self.clean(name) for name in names or ())

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame under its cleaned names, which have to stay different."""
        return frame.set_axis(different([self.clean(name) for name in frame.columns]), axis=1)


def different(names: list[str]) -> list[str]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"after cleaning, columns have the same name: {', '.join(twice)}")
    return names


def named(table_name: str | None) -> str:
    """The table's name, which every export has to give."""
    if not table_name:
        raise ValueError("export needs a table_name")
    return table_name
