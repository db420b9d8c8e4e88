"""Project, pipelines and blocks as the browser shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from croniter import croniter

from deployer.errors import BlockliftError
from deployer.errors import Problem as Mistake
from deployer.model import Block, Pipeline, Project, Trigger
from deployer.options import is_job
from deployer.triggers.schedules import cron
from studio.server.files import version_of
from studio.server.messages import (
    BlockInfo,
    PipelineInfo,
    PipelineSummary,
    Problem,
    ProjectInfo,
    RunSummary,
    TriggerInfo,
)

NEXT_TIMES = 3
Curls = Mapping[tuple[str, str], str]
"""(pipeline, trigger) → the curl that starts it."""


def project_info(
    project: Project,
    mistakes: Sequence[Mistake],
    target: str,
    last_runs: Mapping[str, list[RunSummary]],
    curls: Curls,
) -> ProjectInfo:
    targets = ["local", *sorted(set(project.settings.get("targets") or {}) - {"local"})]
    return ProjectInfo(
        name=project.name,
        root=str(project.root),
        target=target,
        targets=targets,
        pipelines=[
            summary(project, pipeline, mistakes, last_runs.get(pipeline.id, []), curls)
            for pipeline in sorted(project.pipelines, key=lambda p: p.id)
        ],
        problems=problems(project.root, mistakes),
    )


def summary(
    project: Project,
    pipeline: Pipeline,
    mistakes: Sequence[Mistake],
    runs: list[RunSummary],
    curls: Curls,
) -> PipelineSummary:
    return PipelineSummary(
        id=pipeline.id,
        name=pipeline.name,
        description=pipeline.description,
        type=pipeline.type,
        blocks=len(pipeline.blocks),
        tags=[str(tag) for tag in pipeline.settings.get("tags") or []],
        triggers=triggers(pipeline, curls),
        last_runs=runs,
        problems=len(mistakes_of(project, pipeline, mistakes)),
    )


def pipeline_info(
    project: Project,
    pipeline: Pipeline,
    mistakes: Sequence[Mistake],
    notes: list[str],
    mermaid: str,
    curls: Curls,
) -> PipelineInfo:
    attached = (*pipeline.callbacks, *pipeline.conditionals)
    sharing = shared_files(project, pipeline)
    return PipelineInfo(
        id=pipeline.id,
        name=pipeline.name,
        description=pipeline.description,
        blocks=[
            *(block_info(project, pipeline, b, sharing, []) for b in pipeline.blocks),
            *(block_info(project, pipeline, b, sharing, list(b.upstream)) for b in attached),
        ],
        variables=dict(pipeline.variables),
        triggers=triggers(pipeline, curls),
        problems=problems(project.root, mistakes_of(project, pipeline, mistakes)),
        version=version_of(pipeline.place.path.read_bytes()),
        mermaid=mermaid,
        notes=notes,
    )


def block_info(
    project: Project,
    pipeline: Pipeline,
    block: Block,
    sharing: Mapping[Path, list[str]],
    attached_to: list[str],
) -> BlockInfo:
    data = block.file.read_bytes() if block.file.is_file() else (block.content or "").encode()
    inside = block.file.is_file() and block.file.is_relative_to(project.root)
    return BlockInfo(
        id=block.id,
        name=block.name,
        kind=block.kind,
        language=block.language,
        path=block.file.relative_to(project.root).as_posix() if inside else "",
        upstream=[] if attached_to else list(block.upstream),
        configuration=dict(block.configuration),
        retry={"retries": block.retry.retries} if block.retry.retries else {},
        timeout=block.timeout,
        color=None,
        shared_with=sharing.get(block.file, []),
        code=data.decode(errors="replace"),
        version=version_of(data),
        attached_to=attached_to,
        job=runs_as_job(project, pipeline, block),
    )


def runs_as_job(project: Project, pipeline: Pipeline, block: Block) -> bool:
    """Options that cannot be read are among the pipeline's problems already."""
    with suppress(BlockliftError):
        return is_job(project, pipeline, block)
    return False


def shared_files(project: Project, here: Pipeline) -> dict[Path, list[str]]:
    """Block file → the other pipelines that use it."""
    users: dict[Path, list[str]] = defaultdict(list)
    for pipeline in project.pipelines:
        if pipeline.id != here.id:
            for block in pipeline.blocks:
                users[block.file].append(pipeline.id)
    return dict(users)


def triggers(pipeline: Pipeline, curls: Curls) -> list[TriggerInfo]:
    return [
        TriggerInfo(
            name=trigger.name,
            kind=trigger.kind,
            active=trigger.active,
            interval=trigger.interval,
            next_times=next_times(trigger),
            curl=curls.get((pipeline.id, trigger.name)),
            description=str(trigger.settings.get("description") or ""),
            variables=dict(trigger.variables),
            matchers=[dict(matcher) for matcher in trigger.matchers],
        )
        for trigger in pipeline.triggers
    ]


def next_times(trigger: Trigger) -> list[float]:
    """The next ticks of an active schedule, in Unix seconds; times are UTC as in Mage."""
    return ticks_of(cron(trigger) if trigger.kind == "time" and trigger.active else None)


def ticks_of(schedule: str | None) -> list[float]:
    """The next ticks of a cron expression."""
    if schedule is None or not croniter.is_valid(schedule):
        return []
    ticks = croniter(schedule, datetime.now(UTC))
    return [float(ticks.get_next(float)) for _ in range(NEXT_TIMES)]


def mistakes_of(project: Project, pipeline: Pipeline, mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Those in the pipeline's own folder or in the files of its blocks."""
    blocks = (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)
    files = {block.file for block in blocks}
    folder = pipeline.place.path.parent
    return [m for m in mistakes if m.path in files or m.path.is_relative_to(folder)]


def problems(root: Path, mistakes: Iterable[Mistake]) -> list[Problem]:
    return [
        Problem(relative(root, mistake.path), mistake.line, mistake.message, mistake.hint)
        for mistake in mistakes
    ]


def relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def plain(value: Any) -> Any:
    """What JSON cannot hold, as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
