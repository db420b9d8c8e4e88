"""One execution that has not ended, as the engine holds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from emulator.drive.history import History
from emulator.drive.names import ExecutionName
from emulator.drive.run import Run
from emulator.workflows.observer import StepInfo

Json = Any


@dataclass(slots=True, eq=False)
class Active:
    """Queued or running."""

    name: ExecutionName
    document: dict[str, Json]
    history: History = field(default_factory=History)
    run: Run | None = None
    task: asyncio.Task[None] | None = None
    live: asyncio.Event = field(default_factory=asyncio.Event)
    """Everything recorded has been played again: its callbacks can be called."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> str:
        return str(self.name)

    def shown(self) -> dict[str, Json]:
        """The document, with where the execution is now."""
        return {**self.document, **self.status()}

    def status(self) -> dict[str, Json]:
        """`currentSteps`: what waits; without that, the latest step."""
        steps = [(r.routine, r.step) for r in (self.run.open.values() if self.run else ())]
        last = self.history.last()
        if not steps and last:
            steps = [(last.routine, last.name)]
        return status_of(steps)

    def last_status(self, failed_at: StepInfo | None = None) -> dict[str, Json]:
        last = failed_at or self.history.last()
        return status_of([(last.routine, last.name)] if last else [])


def status_of(steps: list[tuple[str, str]]) -> dict[str, Json]:
    """Each step once, as often as branches may be in it."""
    current = [{"routine": routine, "step": step} for routine, step in dict.fromkeys(steps)]
    return {"status": {"currentSteps": current}} if current else {}
