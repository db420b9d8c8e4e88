"""A pipeline run once for every interval of the past, as `blocklift backfill` does it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from deployer.errors import BlockliftError
from deployer.model import Pipeline
from deployer.runs.backfill import Backfill, name_of, parsed_date, parsed_every, slots
from studio.server.errors import StudioError
from studio.server.messages import BackfillSlot
from studio.server.session import Session

MOST_AT_ONCE = 20


class Backfilling:
    """One backfill of a pipeline at a time; asked for again it goes on where it stopped."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def states(self, pipeline: Pipeline, wanted: Mapping[str, Any]) -> list[BackfillSlot]:
        """Every interval, and how its newest run is doing."""
        return [
            BackfillSlot(state.slot.date, state.state, state.run, state.seconds)
            for state in self._made(pipeline, wanted).states()
        ]

    def start(
        self, pipeline: Pipeline, wanted: Mapping[str, Any], deploy: Callable[[Pipeline], object]
    ) -> None:
        """Begin in the background; the runs are ordinary runs."""
        made = self._made(pipeline, wanted)
        with self._lock:
            if pipeline.id in self._busy:
                raise StudioError(409, f"A backfill of {pipeline.id} is going on already")
            self._busy.add(pipeline.id)
        try:
            deploy(pipeline)
        except BaseException:
            self._busy.discard(pipeline.id)
            raise
        threading.Thread(target=self._work, args=(pipeline, made), daemon=True).start()

    def _work(self, pipeline: Pipeline, made: Backfill) -> None:
        try:
            for state in made.perform():
                self.session.events.publish("run_changed", pipeline=pipeline.id, run=state.run)
        except BlockliftError as error:
            self.session.events.publish("toast", text=f"{error} {error.hint}".strip(), bad=True)
        finally:
            self._busy.discard(pipeline.id)

    def _made(self, pipeline: Pipeline, wanted: Mapping[str, Any]) -> Backfill:
        every = parsed_every(str(wanted.get("every") or "day"))
        first = parsed_date(str(wanted.get("first") or ""), "the first day")
        last = parsed_date(str(wanted.get("last") or ""), "the last day")
        at_once = str(wanted.get("at_once") or 1)
        if not at_once.isdigit() or not 1 <= int(at_once) <= MOST_AT_ONCE:
            raise StudioError(400, f"From 1 to {MOST_AT_ONCE} runs side by side")
        workspace = self.session.workspace()
        return Backfill(
            pipeline,
            slots(first, last, every),
            name_of(pipeline, every),
            workspace.clients.executions,
            workspace.target.polling,
            at_once=int(at_once),
        )
