"""Time triggers → Cloud Scheduler jobs, and what becomes of those that have none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from deployer.model import Pipeline, Trigger
from deployer.naming import schedule_id, workflow_id
from deployer.resources import Kind, Schedule, key
from deployer.rights.grants import Rights
from deployer.target import Target
from deployer.triggers.schedules import argument, cron

MAGE_ENV = "dev"
"""Mage's `ENV` on a machine where nobody sets it."""


def time_triggers(pipeline: Pipeline) -> Iterator[Trigger]:
    return (trigger for trigger in pipeline.triggers if trigger.kind == "time")


def wanted_in(trigger: Trigger, target: Target) -> bool:
    """Mage: a trigger with `envs` exists only there; here a target's name is its env."""
    envs = trigger.settings.get("envs") or ()
    return not envs or target.name in envs or (target.is_local and MAGE_ENV in envs)


@dataclass(frozen=True, slots=True)
class Timetable:
    """What the clock starts in one target."""

    rights: Rights
    target: Target

    def triggers(self) -> Iterator[tuple[Pipeline, Trigger]]:
        for pipeline in self.rights.pipelines:
            for trigger in time_triggers(pipeline):
                if wanted_in(trigger, self.target):
                    yield pipeline, trigger

    def schedules(self) -> Iterator[Schedule]:
        for pipeline, trigger in self.triggers():
            if ticks := cron(trigger):
                yield self.schedule(pipeline, trigger, ticks)

    def schedule(self, pipeline: Pipeline, trigger: Trigger, ticks: str) -> Schedule:
        account = self.rights.clock()
        workflow = workflow_id(pipeline)
        needs = {key(account), f"{Kind.WORKFLOW}/{workflow}"}
        needs.add(f"{Kind.ACCESS}/project/{self.target.project_id}")
        return Schedule(
            schedule_id(pipeline, trigger.name),
            f"{pipeline.id}/{trigger.name}",
            ticks,
            self.target.starter(workflow),
            json.dumps(argument(pipeline, trigger), sort_keys=True),
            account.email,
            not trigger.active or bool(pipeline.suffix),  # a preview runs when it is told to
            pipeline.id,
            frozenset(needs),
        )

    def notes(self) -> Iterator[str]:
        """Active triggers that a cron cannot tell."""
        for pipeline, trigger in self.triggers():
            advice = None if cron(trigger) else ADVICE.get(trigger.interval or "")
            if advice and trigger.active:
                yield (
                    f"{pipeline.id}: trigger {trigger.name} ({trigger.interval}) gets no Cloud "
                    f"Scheduler job: {advice.format(pipeline.id)}"
                )


ADVICE = {
    "@once": "it has no start_time; start its one run with `blocklift run PROJECT {}`",
    "@always_on": "nothing runs all the time here; give it a cron, such as `*/5 * * * *`",
}
