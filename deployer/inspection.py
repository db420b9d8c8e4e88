"""Everything that can be said of a project without a cloud: problems, and remarks beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deployer import naming, support
from deployer.check import check
from deployer.compile import Definition, compile_pipeline
from deployer.compile.telling import Teller
from deployer.errors import Problem, ProjectError, UsageError
from deployer.languages import in_r
from deployer.load import survey
from deployer.model import Block, Pipeline, Project
from deployer.notify import notifications
from deployer.settings import names as settings
from deployer.settings.exposed import exposed
from deployer.triggers.limits import ONCE

SAMPLE_NUMBER = "123456789012"
SAMPLE_REGION = "europe-west1"
SAMPLE_BUCKET = "bucket"
R_HINT = "it runs in the local cloud; a deploy to Google refuses it"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found."""

    project: Project | None
    problems: tuple[Problem, ...]
    """These must be mended before a deploy."""
    remarks: tuple[Problem, ...] = ()
    """These are dealt with, or the author's to decide."""


def inspect(root: Path) -> Inspection:
    """Load, check, compile."""
    project, problems = survey(root)
    if project is None:
        return Inspection(None, problems)
    found = (*problems, *check(project))
    broken = {problem.path for problem in found}
    compiled = (
        problem
        for pipeline in project.pipelines
        if pipeline.place.path not in broken and support.of_pipeline(pipeline) is None
        for problem in _uncompiled(project, pipeline)
    )
    every = tuple(sorted({*found, *compiled}, key=lambda p: (str(p.path), p.line, p.message)))
    return Inspection(project, every, tuple(_remarks(project)))


def _uncompiled(project: Project, pipeline: Pipeline) -> tuple[Problem, ...]:
    try:
        _compiled(project, pipeline, SAMPLE_BUCKET)
    except ProjectError as error:
        return error.problems
    return ()


def _compiled(project: Project, pipeline: Pipeline, bucket: str) -> Definition:
    """With its notifications, as if all that they ask for had a value."""
    told = notifications.notices(project, pipeline, lambda n: n not in notifications.BY_CUSTOM)
    url = naming.service_url(naming.notifier_id(project.alias), SAMPLE_NUMBER, SAMPLE_REGION)
    teller = Teller(url, told.on_success, told.on_failure) if told else None
    return compile_pipeline(project, pipeline, SampleUrls(pipeline), bucket, teller=teller)


@dataclass(frozen=True, slots=True)
class SampleUrls:
    """URLs of a project number that is nobody's: for looking, not for deploying."""

    pipeline: Pipeline

    def __call__(self, block: Block) -> str:
        service = naming.function_id(self.pipeline, block)
        return naming.service_url(service, SAMPLE_NUMBER, SAMPLE_REGION)


def _remarks(project: Project) -> Iterator[Problem]:
    for literal in settings.literals(project):
        message = f"a credential is written out; deployed, it becomes the secret {literal.name}"
        hint = "write \"{{ env_var('NAME') }}\" here and the value into .env"
        yield Problem(literal.place.path, literal.place.line, message, hint)
    yield from settings.written_in_code(project)
    yield from exposed(project)
    yield from notifications.mistakes(project)
    for pipeline in project.pipelines:
        yield from _of_triggers(project, pipeline)
        yield from in_r(pipeline, R_HINT)


UNHEEDED = {
    "landing_time_enabled": "runs start at their ticks",
    "create_initial_pipeline_run": "start that run with `blocklift run`",
    "sla": "a notification_config with trigger_passed_sla in alert_on tells of it",
}
"""Settings of triggers that do nothing here, and what happens (Mage: "Triggers")."""
BEYOND_EVENTS = ("skip_if_previous_running", "timeout", "pipeline_run_limit")
"""Eventarc starts a workflow with the event alone."""


def _of_triggers(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    teller = notifications.notices(project, pipeline, lambda _: True)
    for trigger in pipeline.triggers:
        unheeded = dict(UNHEEDED)
        if teller and teller.on_late:
            del unheeded["sla"]
        if trigger.kind == "event":
            unheeded |= dict.fromkeys(BEYOND_EVENTS, "an event starts its run with nothing else")
        for name, instead in unheeded.items():
            if trigger.settings.get(name) and trigger.active:
                message = f"trigger {trigger.name!r} sets {name}, which is not heeded here"
                yield Problem(trigger.place.path, trigger.place.line, message, instead)
        if trigger.interval == ONCE and trigger.active and not _is_ahead(trigger.start_time or ""):
            message = f"trigger {trigger.name!r} is {ONCE} and its start_time is over, or not there"
            hint = f"start its run with `blocklift run PROJECT {pipeline.id}`"
            yield Problem(trigger.place.path, trigger.place.line, message, hint)


def _is_ahead(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) > datetime.now(UTC)


def found_pipeline(root: Path, name: str) -> tuple[Project, Pipeline]:
    """One pipeline of a project that can be read, whatever is wrong with the others."""
    project, problems = survey(root)
    if project is None:
        raise ProjectError(problems)
    for pipeline in project.pipelines:
        if pipeline.id == name:
            return project, _sound(project, pipeline, problems)
    broken = [problem for problem in problems if problem.path.parent.name == name]
    if broken:
        raise ProjectError(broken)
    names = ", ".join(pipeline.id for pipeline in project.pipelines) or "none"
    raise UsageError(f"no pipeline {name!r} in {project.name}", f"it has: {names}")


def _sound(project: Project, pipeline: Pipeline, problems: tuple[Problem, ...]) -> Pipeline:
    """Refused with the problems of its own files, if there are any."""
    alone = replace(project, pipelines=(pipeline,))
    folder = pipeline.place.path.parent
    own = [problem for problem in problems if problem.path.is_relative_to(folder)]
    if found := (*own, *check(alone)):
        raise ProjectError(found)
    return pipeline


def compiled(root: Path, name: str, bucket: str) -> Definition:
    """The definition as it would be in a sample project."""
    project, pipeline = found_pipeline(root, name)
    return _compiled(project, pipeline, bucket)
