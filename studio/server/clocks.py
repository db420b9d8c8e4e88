"""Schedules as the target has them, and holding one by hand as `blocklift pause` does."""

from __future__ import annotations

from deployer.cli.pausing import chosen, held
from deployer.model import Pipeline
from deployer.naming import schedule_id
from deployer.triggers.timed import time_triggers
from deployer.workspace import Workspace
from studio.server.messages import Clock


def clocks(workspace: Workspace) -> dict[str, dict[str, Clock]]:
    """Pipeline → time trigger → how its schedule stands; those that are not deployed are absent."""
    lives = {live.name: live for live in workspace.clients.schedules.list(workspace.owner, ())}
    found: dict[str, dict[str, Clock]] = {}
    for pipeline in workspace.project.pipelines:
        for trigger in time_triggers(pipeline):
            if live := lives.get(schedule_id(pipeline, trigger.name)):
                clock = Clock(bool(live.fields.get("paused")), live.held)
                found.setdefault(str(pipeline.id), {})[trigger.name] = clock
    return found


def hold(workspace: Workspace, pipeline: Pipeline, name: str, paused: bool) -> None:
    """At once, whatever the files say, until it is let go."""
    for trigger, job in chosen(pipeline, name).items():
        held(workspace, trigger, job, paused)
