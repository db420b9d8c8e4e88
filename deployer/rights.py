"""Who may do what: the least rights with which a project's pipelines work.

One service account per pipeline for its functions, which reaches only its own prefix of the
bucket and its own settings; one for its workflow, which may call just those functions; one
for the function that answers API triggers; one for the schedules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deployer.model import Pipeline, PipelineId, Project
from deployer.naming import account_id
from deployer.resources import Access, Account, Function, Grant, Kind, key
from deployer.target import Target

EVERYBODY = "allUsers"


@dataclass(frozen=True, slots=True)
class Rights:
    """Accounts and policies of one project in one target."""

    project: Project
    target: Target

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        return self.project.pipelines

    def runner(self, pipeline: Pipeline) -> Account:
        return self.account(f"runs the blocks of {pipeline.id}", pipeline.id, pipeline.id, "run")

    def caller(self, pipeline: Pipeline) -> Account:
        return self.account(f"calls the blocks of {pipeline.id}", pipeline.id, pipeline.id, "wf")

    def starter(self) -> Account:
        return self.account("starts pipelines for API triggers", "", self.project.name, "api")

    def clock(self) -> Account:
        return self.account("starts pipelines at their times", "", self.project.name, "sched")

    def account(self, purpose: str, pipeline: str, *parts: str) -> Account:
        suffix = [self.project.suffix] if self.project.suffix else []
        name = account_id(*parts, *suffix)
        return Account(name, self.target.email(name), purpose, pipeline)

    def accounts(self, starters: Sequence[Account]) -> Iterator[Account]:
        for pipeline in self.pipelines:
            yield self.runner(pipeline)
            yield self.caller(pipeline)
        yield from starters

    def secret_access(self, functions: Sequence[Function]) -> Iterator[Access]:
        """Each secret for just the accounts whose functions mount it."""
        readers: dict[str, dict[str, str]] = {}
        for function in functions:
            for _, secret in function.secrets:
                readers.setdefault(secret, {})[function.account] = account_key(function.account)
        for secret, accounts in sorted(readers.items()):
            grants = [grant("roles/secretmanager.secretAccessor", email) for email in accounts]
            needs = frozenset({f"secret/{secret}", *accounts.values()})
            yield Access("secret", secret, tuple(sorted(grants)), needs=needs)

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
        needs = {f"bucket/{bucket}", *(key(self.runner(p)) for p in self.pipelines)}
        return Access("bucket", bucket, tuple(sorted(grants)), needs=frozenset(needs))

    def data_access(self, bucket: str) -> Access:
        roles = ("roles/storage.legacyBucketReader", "roles/storage.objectUser")
        emails = [self.runner(pipeline).email for pipeline in self.pipelines]
        needs = {key(self.runner(p)) for p in self.pipelines}
        needs |= {f"bucket/{bucket}"} if self.target.makes_data_buckets else set()
        grants = sorted(grant(role, email) for role in roles for email in emails)
        return Access("bucket", bucket, tuple(grants), needs=frozenset(needs))

    def project_access(self, starters: Sequence[Account]) -> Access:
        grants = [
            grant("roles/logging.logWriter", self.caller(pipeline).email)
            for pipeline in self.pipelines
        ]
        needs = {key(self.caller(pipeline)) for pipeline in self.pipelines}
        for starter in starters:
            grants.append(grant("roles/workflows.invoker", starter.email))
            needs.add(key(starter))
        return Access(
            "project", self.target.project_id, tuple(sorted(grants)), needs=frozenset(needs)
        )

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


def grant(role: str, email: str, condition: str = "") -> Grant:
    return Grant(role, f"serviceAccount:{email}", condition)


def account_key(email: str) -> str:
    return f"{Kind.ACCOUNT}/{email.partition('@')[0]}"
