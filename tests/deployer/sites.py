"""A small project in a target that is reached over HTTP, by Google's own clients."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployer.apply import Applied
from deployer.deploying import DESTROY, Deployer, Manner
from deployer.deployments.journal import Journal
from deployer.deployments.rollback import alone, chosen, things_of, way_back
from deployer.errors import BlockliftError
from deployer.gcp.connect import Clients, connect
from deployer.live import survey
from deployer.model import Project
from deployer.options import Options
from deployer.pace import Pace, Patience
from deployer.packaging.choice import FUNCTIONS
from deployer.plan import Plan, plan, teardown
from deployer.resources import (
    Access,
    Account,
    Bucket,
    Event,
    Function,
    Grant,
    Job,
    Kind,
    Resource,
    Schedule,
    Secret,
    Workflow,
    key,
)
from deployer.target import Polling, Target, local
from deployer.triggers.relay import Relay
from tests.deployer.fakes import code

HASTE = Pace(workers=4, patience=Patience(0, 0, tries=2), reads=Patience(0, 0, tries=1))
"""Reads are asked once, so that each fault of one ends a deploy."""
FINALIZED = "google.cloud.storage.object.v1.finalized"
SOURCE = """\
main:
  params: [args]
  steps:
  - load:
      call: http.post
      args:
        url: {url}
        body: {{}}
        auth: {{type: OIDC, audience: "{url}"}}
      result: answer
  - done:
      return: ${{answer.body}}
"""
BLOCK = """\
import os
def block(request):
    return {"password": os.environ["PASSWORD"], "says": %r}
"""


@dataclass
class Site:
    """One project in one target."""

    owner: str
    target: Target
    clients: Clients = field(init=False)

    def __post_init__(self) -> None:
        self.clients = connect(self.target, self.owner)

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.target.bucket, self.target.region)

    def plan(self, desired: Sequence[Resource]) -> Plan:
        return plan(self.owner, desired, survey(self.clients.cloud, self.owner, desired))

    @property
    def journal(self) -> Journal:
        return Journal(self.clients.notes, self.owner)

    def perform(self, found: Plan, manner: Manner | None = None) -> Applied:
        """As the command line does it: under the lock, and written down."""
        cloud, pace, bucket = self.clients.cloud, self.target.pace, self.target.bucket
        deployer = Deployer(self.journal, cloud, pace, Path("/nowhere"), self.owner, bucket)
        return deployer.perform(found, None, lambda _: None, manner or Manner())

    def deploy(self, desired: Sequence[Resource]) -> Applied:
        return self.perform(self.plan(desired))

    def destroy(self) -> Applied:
        found = teardown(self.owner, self.holdings(), with_buckets=True)
        return self.perform(found, Manner(DESTROY))

    def way_back(self, number: int) -> Plan:
        things = alone(things_of(chosen(self.journal, number), ()))
        wanted = [thing.resource for thing in things]
        return way_back(self.owner, things, survey(self.clients.cloud, self.owner, wanted))

    def holdings(self):
        wanted = [self.bucket, Access("bucket", self.target.bucket, ())]
        return survey(self.clients.cloud, self.owner, wanted)

    def keys(self) -> set[str]:
        return {name for name, live in self.holdings().items.items() if live.owner == self.owner}

    def run(self) -> object:
        """What the workflow returns."""
        executions = self.clients.executions
        execution = executions.start(f"{self.owner}-daily", {})
        deadline = time.monotonic() + 30
        while not execution.over and time.monotonic() < deadline:
            time.sleep(0.02)
            execution = executions.get(execution.workflow, execution.id)
        assert execution.state == "SUCCEEDED", execution
        return json.loads(execution.result)


def site(
    url: str, owner: str, packaging: str = FUNCTIONS, deadline: float = 60, pace: Pace = HASTE
) -> Site:
    target = replace(
        local(Project(owner, Path(owner), ()), url),
        pace=pace,
        polling=Polling(0.01, 0.1),
        packaging=packaging,
        deadline=deadline,
    )
    return Site(owner, target)


def project(of: Site, says: str = "hello", password: str = "hunter2", export: bool = True):
    """Two functions, the second perhaps not; only the first is called."""
    target, name = of.target, of.owner
    bucket = of.bucket
    runner = Account(f"{name}-run", target.email(f"{name}-run"), "runs blocks", "daily")
    caller = Account(f"{name}-wf", target.email(f"{name}-wf"), "calls blocks", "daily")
    secret = Secret(f"{name}-PASSWORD", "PASSWORD", password)
    reader = Access(
        "secret",
        secret.name,
        (Grant("roles/secretmanager.secretAccessor", runner.member),),
        needs=frozenset({key(secret), key(runner)}),
    )
    prefix = f"projects/_/buckets/{bucket.name}/objects/runs/{name}/daily/"
    writer = Access(
        "bucket",
        bucket.name,
        (
            Grant(
                "roles/storage.objectUser",
                runner.member,
                f'resource.name.startsWith("{prefix}")',
            ),
        ),
        needs=frozenset({key(bucket), key(runner)}),
    )
    logger = Access(
        "project",
        target.project_id,
        (Grant("roles/logging.logWriter", caller.member),),
        needs=frozenset({key(caller)}),
    )
    functions = [
        Function(
            f"{name}-daily-{block}",
            f"daily/{block}",
            code(BLOCK % says if block == "load" else BLOCK % "export", block),
            Options(memory="512Mi"),
            runner.email,
            (("PASSWORD", secret.name),),
            pipeline="daily",
            needs=frozenset({key(runner), key(secret), key(reader)}),
            packaging=target.packaging,
        )
        for block in (("load", "export") if export else ("load",))
    ]
    invokers = [
        Access(
            "service",
            function.name,
            (Grant("roles/run.invoker", caller.member),),
            "daily",
            frozenset({key(function), key(caller)}),
        )
        for function in functions
    ]
    url = target.url(functions[0].name, of.clients.projects.number())
    workflow = Workflow(
        f"{name}-daily",
        "daily",
        SOURCE.format(url=url),
        caller.email,
        "every day",
        "daily",
        frozenset(key(r) for r in [*functions, *invokers, caller, bucket, writer, logger]),
    )
    shared = [bucket, runner, caller, secret, reader, writer, logger]
    return [*shared, *functions, *invokers, workflow]


def started_by_others(of: Site, clock: str) -> list[Resource]:
    """A schedule and an event for `project`, and who may start it for them."""
    target, name = of.target, of.owner
    workflow = f"{Kind.WORKFLOW}/{name}-daily"
    starter = Account(f"{name}-st", target.email(f"{name}-st"), "starts it", "daily")
    needs = frozenset({key(starter), workflow})
    schedule = Schedule(
        f"{name}-early",
        "daily/early",
        clock,
        target.starter(f"{name}-daily"),
        "{}",
        starter.email,
        pipeline="daily",
        needs=needs,
    )
    url = target.starter(f"{name}-daily")
    relay = Relay(url, FINALIZED, False, {}, {"variables": {"at": clock}, "trigger": {}})
    event = Event(
        f"{name}-arrival",
        "daily/arrival",
        FINALIZED,
        of.bucket.name,
        relay.source,
        starter.email,
        "daily",
        needs | {key(of.bucket)},
    )
    return [starter, schedule, event]


def long_block(function: Function) -> list[Resource]:
    """A block that runs as a job, on the image of its function."""
    job = Job(function.name, function.title, function, 3600, function.needs | {key(function)})
    return [job]


def whole(of: Site, changed: bool = False) -> list[Resource]:
    """All kinds of things that a project can need."""
    what = {"says": "bye", "password": "new", "export": False} if changed else {}
    made = project(of, **what)
    load = next(r for r in made if isinstance(r, Function))
    clock = "5 4 1 1 *" if changed else "4 5 1 1 *"
    return [*made, *long_block(load), *started_by_others(of, clock)]


def stories(of: Site) -> list[list[Resource]]:
    """First deploy, an update that also removes a function, and nothing left."""
    return [whole(of), whole(of, changed=True), []]


def settle(of: Site, desired: Sequence[Resource]) -> bool:
    """Whether it went well; expected errors are the only ones."""
    try:
        applied = of.deploy(desired) if desired else of.destroy()
    except BlockliftError:
        return False
    return not applied.failed
