"""Project + target → what the target should hold."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from deployer.bundle import Bundle, bundle, trigger_bundle
from deployer.compile import compile_pipeline
from deployer.errors import Problem, ProjectError
from deployer.model import Block, Pipeline, Project, Trigger
from deployer.naming import (
    function_id,
    secret_id,
    token_env,
    trigger_function_id,
    workflow_id,
)
from deployer.notify.notifier import Notifier
from deployer.options import Options, options
from deployer.resources import (
    Access,
    Bucket,
    Function,
    Job,
    Resource,
    Secret,
    Workflow,
    key,
)
from deployer.rights.grants import Rights
from deployer.target import Target
from deployer.triggers.happenings import Happenings
from deployer.triggers.timed import Timetable

TRIGGER_OPTIONS = Options(memory="256Mi", cpu="1", timeout=60, max_instances=3, concurrency=20)


@dataclass(frozen=True, slots=True)
class Values:
    """What the settings that a project asks for are worth."""

    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name → value, to be pushed."""
    held: frozenset[str] = frozenset()
    """Ids of secrets that have a value in the target already."""


@dataclass(frozen=True, slots=True)
class Desired:
    """All that a project needs, in an order in which it could be made."""

    resources: tuple[Resource, ...]
    notes: tuple[str, ...] = ()


def desire(
    project: Project,
    target: Target,
    number: str,
    values: Values,
    chosen: Collection[str] = (),
) -> Desired:
    """`number` is that of the Google project: part of every service's URL. `chosen` are the ids
    of the pipelines to be dealt with, if not all; the others may be broken.
    """
    return Desirer(project, target, number, values, frozenset(chosen)).desired()


def blocks_of(pipeline: Pipeline) -> tuple[Block, ...]:
    """Everything of a pipeline that becomes a function."""
    return (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)


def api_triggers(pipeline: Pipeline) -> Iterator[Trigger]:
    return (trigger for trigger in pipeline.triggers if trigger.kind == "api")


@dataclass(frozen=True, slots=True)
class Desirer:
    """What every step of working it out needs."""

    project: Project
    target: Target
    number: str
    values: Values
    chosen: frozenset[str] = frozenset()

    def desired(self) -> Desired:
        built = [(p, b, bundle(self.project, p, b)) for p in self.pipelines for b in blocks_of(p)]
        front = self.front()
        notifier, telling = self.notifier, list(self.notifier.bundles())
        secrets = self.secrets([*(m for _, _, m in built), *([front] if front else []), *telling])
        functions = [self.function(p, b, made, secrets) for p, b, made in built]
        functions += [self.front_function(front, secrets)] if front else []
        tellers = [self.teller(made, secrets) for made in telling]
        jobs = list(self.jobs(functions))
        schedules = list(self.timetable.schedules())
        starters = [self.rights.starter()] if front else []
        starters += [self.rights.clock()] if schedules else []
        happenings = Happenings(self.rights, self.target)
        events = list(happenings.events())
        starters += [happenings.account()] if events else []
        shared = tuple(self.rights.shared_access(starters))
        workflows, notes = self.workflows(functions, jobs, self.below_all(shared))
        resources: tuple[Resource, ...] = (
            *self.buckets(),
            *self.rights.accounts([*starters, *notifier.accounts()]),
            *secrets.values(),
            *self.rights.secret_access([*functions, *tellers], [*starters, *notifier.accounts()]),
            *shared,
            *functions,
            *tellers,
            *jobs,
            *self.rights.service_access([f for f in functions if not runs_as(f, jobs)]),
            *map(notifier.access, tellers),
            *self.rights.closed([job.function for job in jobs]),
            *self.rights.job_access(jobs),
            *workflows,
            *schedules,
            *events,
        )
        refuse_twins(self.project, resources)
        notes += [*self.timetable.notes(), *happenings.notes()]
        return Desired(resources, (*notes, *self.valueless(built, secrets)))

    @property
    def rights(self) -> Rights:
        return Rights(self.project, self.target, self.chosen)

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.rights, self.target)

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        return self.rights.pipelines

    def front(self) -> Bundle | None:
        """The function of API triggers: of all, so that it is the same whichever pipeline is
        deployed; none while no pipeline that is dealt with has any.
        """
        if not any(True for pipeline in self.pipelines for _ in api_triggers(pipeline)):
            return None
        return trigger_bundle(self.project, lambda p: self.target.workflow(workflow_id(p)))

    @property
    def notifier(self) -> Notifier:
        return Notifier.of(self.rights, self.target, self.number, self.available)

    # -- settings ----------------------------------------------------------------------------

    def secrets(self, bundles: Sequence[Bundle]) -> dict[str, Secret]:
        """By setting; only those that have a value here or there."""
        names = sorted({name for made in bundles for name in made.settings})
        wanted = (self.secret(name) for name in names)
        return {secret.setting: secret for secret in wanted if secret}

    def secret(self, setting: str) -> Secret | None:
        name = secret_id(self.project.alias, setting)
        value = self.values.given.get(setting)
        if value is None and name not in self.values.held:
            value = self.new_token(setting)
            if value is None:
                return None
        return Secret(name, setting, value)

    def available(self, setting: str) -> bool:
        """Whether it has a value here or there."""
        there = secret_id(self.project.alias, setting) in self.values.held
        return there or bool(self.values.given.get(setting))

    def new_token(self, setting: str) -> str | None:
        """API triggers without a token of their own get one, once."""
        for pipeline in self.project.pipelines:
            for trigger in api_triggers(pipeline):
                if token_env(pipeline.id, trigger.name) == setting:
                    return trigger.token or random_secrets.token_hex(16)
        return None

    def valueless(
        self, built: Sequence[tuple[Pipeline, Block, Bundle]], secrets: Mapping[str, Secret]
    ) -> Iterator[str]:
        missing = {name for _, _, made in built for name in made.settings if name not in secrets}
        if missing:
            yield f"no value for {', '.join(sorted(missing))}: blocks will find them unset"

    # -- what runs ---------------------------------------------------------------------------

    def function(
        self, pipeline: Pipeline, block: Block, made: Bundle, secrets: Mapping[str, Secret]
    ) -> Function:
        account = self.rights.runner(pipeline)
        mounted = self.mounted(made, secrets)
        return Function(
            function_id(pipeline, block),
            f"{pipeline.id}/{block.id}",
            made,
            options(self.project, pipeline, block),
            account.email,
            mounted,
            pipeline=pipeline.id,
            needs=frozenset({key(account)}) | secret_needs(mounted),
            packaging=self.target.packaging,
        )

    def jobs(self, functions: Sequence[Function]) -> Iterator[Job]:
        """Beside the function of a long block, which only makes the image."""
        for function in functions:
            if function.options.job:
                needs = function.needs | {key(function)}
                yield Job(function.name, function.title, function, function.options.timeout, needs)

    def front_function(self, made: Bundle, secrets: Mapping[str, Secret]) -> Function:
        """Answers API triggers; open to everybody, since the token in the URL guards it."""
        account = self.rights.starter()
        mounted = self.mounted(made, secrets)
        return Function(
            trigger_function_id(self.project.alias),
            "API triggers",
            made,
            TRIGGER_OPTIONS,
            account.email,
            mounted,
            public=True,
            needs=frozenset({key(account)}) | secret_needs(mounted),
            packaging=self.target.packaging,
        )

    def teller(self, made: Bundle, secrets: Mapping[str, Secret]) -> Function:
        mounted = self.mounted(made, secrets)
        function = self.notifier.function(made, mounted, secret_needs(mounted))
        return replace(function, packaging=self.target.packaging)

    def mounted(self, made: Bundle, secrets: Mapping[str, Secret]) -> tuple[tuple[str, str], ...]:
        return tuple((name, secrets[name].name) for name in made.settings if name in secrets)

    def workflows(
        self, functions: Sequence[Function], jobs: Sequence[Job], shared: frozenset[str]
    ) -> tuple[list[Workflow], list[str]]:
        made, notes = [], []
        own, notifier = by_pipeline(functions, jobs), self.notifier
        for pipeline in self.pipelines:
            definition = compile_pipeline(
                self.project,
                pipeline,
                partial(self.url, pipeline),
                self.target.bucket,
                teller=notifier.teller(pipeline),
            )
            items, below = own.get(pipeline.id, []), shared | notifier.below(pipeline)
            made.append(self.workflow(pipeline, definition.text, items, below))
            notes += [f"{pipeline.id}: {note}" for note in definition.notes]
        return made, notes

    def below_all(self, policies: Sequence[Access]) -> frozenset[str]:
        """Keys of what every pipeline stands on."""
        return frozenset(map(key, policies)) | frozenset(map(key, self.buckets()))

    def workflow(
        self, pipeline: Pipeline, source: str, called: Collection[Called], shared: frozenset[str]
    ) -> Workflow:
        account = self.rights.caller(pipeline)
        below = {key(f) for f in called} | {f"access/service/{f.name}" for f in called}
        below |= {f"access/job/{f.name}" for f in called if isinstance(f, Job)}
        return Workflow(
            workflow_id(pipeline),
            pipeline.id,
            source,
            account.email,
            pipeline.description or pipeline.name,
            pipeline.id,
            frozenset({key(account)} | below | shared),
        )

    def url(self, pipeline: Pipeline, block: Block) -> str:
        return self.target.url(function_id(pipeline, block), self.number)

    # -- where data lies -----------------------------------------------------------------------

    def buckets(self) -> Iterator[Bucket]:
        yield Bucket(self.target.bucket, self.target.region, self.target.keep_days)
        if self.target.makes_data_buckets:
            for name in self.target.buckets:
                yield Bucket(name, self.target.region, None)


Called = Function | Job
"""What a workflow calls for a block."""


def called(function: Function, jobs: Sequence[Job]) -> Called:
    return next((job for job in jobs if job.function is function), function)


def by_pipeline(functions: Sequence[Function], jobs: Sequence[Job]) -> dict[str, list[Called]]:
    """What each pipeline's workflow calls."""
    found: dict[str, list[Called]] = {}
    for function in functions:
        found.setdefault(function.pipeline, []).append(called(function, jobs))
    return found


def runs_as(function: Function, jobs: Sequence[Job]) -> bool:
    return called(function, jobs) is not function


def secret_needs(mounted: Sequence[tuple[str, str]]) -> frozenset[str]:
    """A function starts only when its account may read what is mounted."""
    names = {secret for _, secret in mounted}
    return frozenset({f"secret/{n}" for n in names} | {f"access/secret/{n}" for n in names})


def refuse_twins(project: Project, resources: Sequence[Resource]) -> None:
    """Two names that became one in the cloud's narrower alphabet."""
    seen: dict[str, Resource] = {}
    problems = []
    for resource in resources:
        twin = seen.setdefault(key(resource), resource)
        if twin is not resource:
            text = f"{twin.title} and {resource.title} both become {key(resource)}"
            problems.append(Problem(project.root, 0, text, "rename one of them"))
    if problems:
        raise ProjectError(problems)
