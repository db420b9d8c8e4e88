"""A project and one target together: what every command of the command line opens first."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer import local
from deployer.asking import Asking
from deployer.errors import CloudError, Problem
from deployer.live import Holdings, listed, survey
from deployer.model import Project
from deployer.naming import secret_id
from deployer.plan import Plan, plan, teardown
from deployer.previews import preview
from deployer.resources import Access, Bucket, Kind, Secret
from deployer.settings.secrets import given, with_postgres
from deployer.target import LOCAL, named
from deployer.target import local as local_target

if TYPE_CHECKING:
    from deployer.apply import Applied, Event
    from deployer.deploying import Manner
    from deployer.deployments.history import Deployment
    from deployer.desire import Desired, Values
    from deployer.shortcut import Shortcut

Json = Any
LOCAL_WAIT = 120
"""Seconds: on one machine `up`, Studio and a terminal may deploy at once, each briefly."""


@dataclass
class Workspace(Asking):
    """What is wanted in a target, what must change there for it, and changing it."""

    unread: tuple[Problem, ...] = ()
    """What could not be read of the project: in the way of the pipelines that it concerns."""
    seen: int | None = None
    """The newest deployment of which the last plan knew."""

    @cached_property
    def desired(self) -> Desired:
        return self.wanted()

    def wanted(self, pipelines: Collection[str] = ()) -> Desired:
        """For these pipelines, whatever is wrong with the others; for all if none are named."""
        from deployer.desire import desire
        from deployer.languages import refuse_r
        from deployer.soundness import Survey

        Survey(self.project, self.unread).refuse(pipelines)
        refuse_r(self.project, self.target, pipelines)
        values = self.values(push=False)
        return desire(self.project, self.target, self.number, values, pipelines)

    def values(self, push: bool) -> Values:
        """What may leave this machine: everything to its own cloud, elsewhere when asked."""
        from deployer.desire import Values

        held = self.held()
        if not (push or self.target.pushes_secrets):
            return Values({}, held)
        return Values(self.known_values(), held)

    def known_values(self) -> dict[str, str]:
        """Setting → value as this machine knows it."""
        from deployer.settings.names import dotenv, literals

        names = self.settings
        written = {literal.name: literal.value for literal in literals(self.project)}
        values = given(names, os.environ, dotenv(self.project), written)
        if not self.target.base:
            return values
        return with_postgres(names, values, lambda: local.postgres(self.target.base))

    @cached_property
    def settings(self) -> frozenset[str]:
        """Every name that a block of the project asks for, and those of notifications."""
        from deployer.desire import blocks_of
        from deployer.notify import notifications
        from deployer.settings.names import dotenv, needed

        told = notifications.names(self.project, {**dotenv(self.project), **os.environ})
        return told | frozenset(
            name
            for pipeline in self.project.pipelines
            for block in blocks_of(pipeline)
            for name in needed(self.project, pipeline, block)
        )

    def held(self) -> frozenset[str]:
        lives = self.clients.cloud[Kind.SECRET].list(self.owner, ())
        return frozenset(live.name for live in lives if live.version)

    def plan_of_secrets(self) -> Plan:
        """Only the values that this machine knows, pushed because somebody asked."""
        wanted = [
            Secret(secret_id(self.project.alias, name), name, value)
            for name, value in sorted(self.known_values().items())
        ]
        secrets = {Kind.SECRET: self.clients.cloud[Kind.SECRET]}
        self.seen = None  # other people's deployments do not matter to values
        items = listed(secrets, self.owner, wanted, [Kind.SECRET])
        return plan(self.owner, wanted, Holdings(items)).only(())

    def plan(self, pipelines: Collection[str] = ()) -> Plan:
        """For all pipelines, or just for these and what they share."""
        wanted = self.wanted(pipelines)
        self.seen = self.journal.newest()
        holdings = survey(self.clients.cloud, self.owner, wanted.resources)
        made = plan(self.owner, wanted.resources, holdings, wanted.notes)
        return made.only(pipelines) if pipelines else made

    @property
    def shortcut(self) -> Shortcut:
        from deployer.shortcut import Shortcut

        return Shortcut(
            self.project.root,
            local.home(self.project.root),
            [self.target.name, self.target.base, self.target.bucket, self.instance],
            self.clients.workflows.seal,
            os.environ,
        )

    def apply(
        self, plan: Plan, tell: Callable[[Event], None], manner: Manner | None = None
    ) -> Applied:
        """Perform it under the lock, and write down what was done."""
        from deployer.deploying import Deployer, Manner

        deployer = Deployer(
            self.journal,
            self.clients.cloud,
            self.target.pace,
            self.project.root,
            self.owner,
            self.target.bucket,
            LOCAL_WAIT if self.target.is_local else 0,
        )
        return deployer.perform(plan, self.seen, tell, manner or Manner())

    def catch_up(self, plan: Plan) -> None:
        """A deployment that was stopped before it was written down is, once all is as planned."""
        if not self.journal.ended_well():
            self.apply(plan, lambda _: None)

    def way_back(self, deployment: Deployment, pipelines: Collection[str]) -> Plan:
        """The plan that goes back to an earlier deployment."""
        from deployer.deployments.rollback import alone, things_of, way_back

        self.seen = self.journal.newest()
        things = alone(things_of(deployment, pipelines))
        wanted = [thing.resource for thing in things]
        return way_back(self.owner, things, survey(self.clients.cloud, self.owner, wanted))

    def teardown(self, with_buckets: bool) -> Plan:
        """The plan that leaves nothing of ours; buckets and their data only when told."""
        self.seen = self.journal.newest()
        bucket = Access("bucket", self.target.bucket, ())
        holdings = survey(self.clients.cloud, self.owner, [*self.buckets, bucket])
        return teardown(self.owner, holdings, with_buckets)

    @property
    def buckets(self) -> Sequence[Bucket]:
        made = Bucket(self.target.bucket, self.target.region, self.target.keep_days)
        data = [Bucket(name, self.target.region, None) for name in self.target.buckets]
        return [made, *(data if self.target.makes_data_buckets else ())]


def opened(
    root: Path,
    name: str = LOCAL,
    start: bool = True,
    suffix: str = "",
    pipelines: Collection[str] = (),
) -> Workspace:
    """Load the project and reach its target; `start` the local one if it does not run.

    A name such as `dev/pr-42` means the preview pr-42 in dev. Who needs but some `pipelines`
    is not refused for mistakes in others.
    """
    from deployer.soundness import surveyed

    found = surveyed(root)
    if found.unread or pipelines:
        found.refuse(pipelines)
    workspace = beside(found.project, f"{name}/{suffix}" if suffix else name, start)
    workspace.unread = found.unread
    return workspace


def beside(project: Project, name: str, start: bool) -> Workspace:
    name, _, suffix = name.partition("/")
    project = preview(project, suffix) if suffix else project
    if name != LOCAL:
        return Workspace(project, named(project, name))
    running = local.started(project.root) if start else local.found(project.root)
    if running is None:
        raise CloudError("the local cloud is not running", "blocklift up, or deploy something")
    return Workspace(project, local_target(project, running.url), running.pid)
