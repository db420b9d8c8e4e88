"""Names of Mage's database models, for annotations and imports; there is no database here."""

from __future__ import annotations

from typing import Any

from runtime.errors import SettingsProblem
from runtime.mage_ai.orchestration.triggers.api import PipelineRun

__all__ = ["Backfill", "BlockRun", "PipelineRun", "PipelineSchedule"]


class _NoTable(type):
    """Anything asked of such a class says that there is no database."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise SettingsProblem(
            f"{cls.__name__}.{name}: Mage's database does not exist in a function; runs are "
            "executions of Google Cloud Workflows"
        )


class BlockRun(metaclass=_NoTable):
    """One run of a block."""


class PipelineSchedule(metaclass=_NoTable):
    """A trigger."""


class Backfill(metaclass=_NoTable):
    """A backfill."""
