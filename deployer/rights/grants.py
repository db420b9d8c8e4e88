"""Who may do what: the least rights with which a project's pipelines work.

One service account per pipeline for its functions, which reaches only its own prefix of the
bucket and its own settings; one for its workflow, which may call just those functions; one
for the function that answers API triggers; one for the schedules. What blocks imply beside that
(BigQuery, other pipelines, Cloud Run jobs) is granted with its reason, which the plan shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deployer.code.neighbours import everyone, neighbours, prefixes
from deployer.model import Pipeline, PipelineId, Project
from deployer.naming import account_id
from deployer.options import is_job
from deployer.resources import Access, Account, Function, Grant, Job, Kind, key
from deployer.rights.wants import wants
from deployer.target import Target
from deployer.triggers import limits

EVERYBODY = "allUsers"


@dataclass(frozen=True, slots=True)
class Rights:
    """Accounts and policies of one project in one target."""

    project: Project
    target: Target
    chosen: frozenset[str] = frozenset()
    """Ids of the pipelines that are dealt with; empty: all."""

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        every = self.project.pipelines
        return tuple(p for p in every if not self.chosen or p.id in self.chosen)

    def about(self, starters: Sequence[Account] = ()) -> tuple[str, ...]:
        """Whose grants a shared policy speaks of: pipelines that are left alone keep theirs, and
        accounts that nobody made yet are not named (IAM refuses them).
        """
        if not self.chosen:
            return ()
        return tuple(sorted(account.member for account in self.accounts(starters)))

    def runner(self, pipeline: Pipeline) -> Account:
        return self.account(f"runs the blocks of {pipeline.id}", pipeline.id, pipeline.id, "run")

    def caller(self, pipeline: Pipeline) -> Account:
        return self.account(f"calls the blocks of {pipeline.id}", pipeline.id, pipeline.id, "wf")

    def starter(self) -> Account:
        return self.account("starts pipelines for API triggers", "", self.project.name, "api")

    def clock(self) -> Account:
        return self.account("starts pipelines at their times", "", self.project.name, "sched")

    def notifier(self) -> Account:
        return self.account("tells how runs ended", "", self.project.name, "notify")

    def account(self, purpose: str, pipeline: str, *parts: str) -> Account:
        suffix = [self.project.suffix] if self.project.suffix else []
        name = account_id(*parts, *suffix)
        return Account(name, self.target.email(name), purpose, pipeline)

    def accounts(self, starters: Sequence[Account]) -> Iterator[Account]:
        for pipeline in self.pipelines:
            yield self.runner(pipeline)
            yield self.caller(pipeline)
        yield from starters

    def secret_access(
        self, functions: Sequence[Function], starters: Sequence[Account]
    ) -> Iterator[Access]:
        """Each secret for just the accounts whose functions mount it."""
        about = self.about(starters)
        readers: dict[str, dict[str, str]] = {}
        for function in functions:
            for _, secret in function.secrets:
                readers.setdefault(secret, {})[function.account] = account_key(function.account)
        for secret, accounts in sorted(readers.items()):
            grants = [grant("roles/secretmanager.secretAccessor", email) for email in accounts]
            needs = frozenset({f"secret/{secret}", *accounts.values()})
            yield Access("secret", secret, tuple(sorted(grants)), needs=needs, about=about)

    def shared_access(self, starters: Sequence[Account] = ()) -> Iterator[Access]:
        yield self.artifact_access()
        yield from map(self.data_access, self.target.buckets)
        yield self.project_access(starters)

    def artifact_access(self) -> Access:
        """Every pipeline its own prefix. All may list names: who may not is told 403, not 404,
        of an object that is not there (Cloud Storage: "Status and error codes").
        """
        bucket = self.target.bucket
        grants = []
        for pipeline in self.pipelines:
            prefix = f"projects/_/buckets/{bucket}/objects/runs/{self.project.name}/{pipeline.id}/"
            email = self.runner(pipeline).email
            condition = f'resource.name.startsWith("{prefix}")'
            grants.append(grant("roles/storage.objectUser", email, condition))
            grants.append(grant("roles/storage.legacyBucketReader", email))
            grants += self.beyond(pipeline)
        needs = {f"bucket/{bucket}", *(key(self.runner(p)) for p in self.pipelines)}
        return self.shared("bucket", bucket, grants, needs)

    def beyond(self, pipeline: Pipeline) -> Iterator[Grant]:
        """What its blocks read of other pipelines, and the variables that they set."""
        email = self.runner(pipeline).email
        for role, prefix in prefixes(self.project, pipeline):
            name = f"projects/_/buckets/{self.target.bucket}/objects/{prefix}"
            yield grant(role, email, f'resource.name.startsWith("{name}")')

    def data_access(self, bucket: str) -> Access:
        roles = ("roles/storage.legacyBucketReader", "roles/storage.objectUser")
        emails = [self.runner(pipeline).email for pipeline in self.pipelines]
        needs = {key(self.runner(p)) for p in self.pipelines}
        needs |= {f"bucket/{bucket}"} if self.target.makes_data_buckets else set()
        grants = [grant(role, email) for role in roles for email in emails]
        return self.shared("bucket", bucket, grants, needs)

    def project_access(self, starters: Sequence[Account]) -> Access:
        needs: set[str] = set()
        grants: list[Grant] = []
        for pipeline in self.pipelines:
            grants += self.own(pipeline)
            needs |= {key(self.caller(pipeline)), key(self.runner(pipeline))}
        for starter in starters:
            for role in ("roles/workflows.invoker", *starter.roles):
                grants.append(grant(role, starter.email, why=starter.purpose))
            needs.add(key(starter))
        return self.shared("project", self.target.project_id, grants, needs, starters)

    def own(self, pipeline: Pipeline) -> Iterator[Grant]:
        """One pipeline's roles on the project."""
        caller, runner = self.caller(pipeline).email, self.runner(pipeline).email
        yield grant("roles/logging.logWriter", caller, why="its runs are logged")
        if any(is_job(self.project, pipeline, block) for block in everyone(pipeline)):
            yield grant("roles/run.viewer", caller, why="waits for Cloud Run jobs")
        if wanted := limits.role(pipeline):
            yield grant(wanted[0], caller, why=wanted[1])
        if others := sorted(self.started(pipeline)):
            why = f"starts or watches {', '.join(others)}"
            yield grant("roles/workflows.invoker", runner, why=why)
        for want in wants(self.project, pipeline, self.target.project_id):
            yield grant(want.role, runner, want.condition, want.reason)

    def started(self, pipeline: Pipeline) -> set[str]:
        """Workflows have no policies of their own, so the role for these is on the project."""
        return {
            str(name)
            for block in everyone(pipeline)
            for name in neighbours(self.project, block).started
        }

    def shared(
        self,
        on: str,
        name: str,
        grants: Sequence[Grant],
        needs: set[str],
        starters: Sequence[Account] = (),
    ) -> Access:
        """What pipelines want in one policy."""
        about = self.about(starters)
        return Access(on, name, tuple(sorted(grants)), needs=frozenset(needs), about=about)

    def job_access(self, jobs: Sequence[Job]) -> Iterator[Access]:
        """A request travels in the overrides of a job's environment."""
        callers = {p.id: self.caller(p) for p in self.pipelines}
        for job in jobs:
            caller = callers[PipelineId(job.pipeline)]
            role = "roles/run.jobsExecutorWithOverrides"
            grants = (grant(role, caller.email, why="runs the block as a job"),)
            needs = frozenset({key(job), key(caller)})
            yield Access("job", job.name, grants, job.pipeline, needs)

    def notifier_access(self, function: Function, pipelines: Sequence[Pipeline]) -> Access:
        """The function of notifications, for the workflows of pipelines that have any."""
        callers = [self.caller(pipeline) for pipeline in pipelines]
        grants = [grant("roles/run.invoker", c.email, why="tells how runs ended") for c in callers]
        needs = {key(function), *map(key, callers)}
        return self.shared("service", function.name, grants, needs)

    def closed(self, functions: Sequence[Function]) -> Iterator[Access]:
        """Services that nobody calls, since jobs run in their stead; somebody did before."""
        for function in functions:
            needs = frozenset({key(function)})
            yield Access("service", function.name, (), function.pipeline, needs)

    def service_access(self, functions: Sequence[Function]) -> Iterator[Access]:
        callers = {p.id: self.caller(p) for p in self.pipelines}
        for function in functions:
            needs = {key(function)}
            member = EVERYBODY
            if not function.public:
                caller = callers[PipelineId(function.pipeline)]
                member = caller.member
                needs.add(key(caller))
            grants = (Grant("roles/run.invoker", member),)
            yield Access("service", function.name, grants, function.pipeline, frozenset(needs))


def grant(role: str, email: str, condition: str = "", why: str = "") -> Grant:
    return Grant(role, f"serviceAccount:{email}", condition, why)


def account_key(email: str) -> str:
    return f"{Kind.ACCOUNT}/{email.partition('@')[0]}"
