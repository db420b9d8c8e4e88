"""Resource → blocks of the google provider, which it names as its documentation does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any

from deployer.gcp.jobs import ARGUMENTS, COMMAND
from deployer.gcp.storage import RUNS
from deployer.naming import label
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
)
from deployer.resources.records import least
from deployer.target import Target
from deployer.terraform.events import PUBLISHES, relay_of, told_of
from deployer.terraform.hcl import Block, Raw, quoted
from deployer.terraform.names import LABEL, ON, TYPES, identifier

Json = Any


@dataclass(frozen=True)
class Pieces:
    """The blocks of one project in one target."""

    target: Target
    owner: str
    resources: Mapping[str, Resource]
    """By key."""

    @property
    def labels(self) -> dict[str, Json]:
        return {LABEL: self.owner}

    @singledispatchmethod
    def of(self, resource: Resource) -> Iterator[Block]:
        raise NotImplementedError(resource.kind)

    def block(
        self,
        resource: Resource,
        arguments: Mapping[str, Json],
        *blocks: Block,
        beside: Sequence[str] = (),
    ) -> Block:
        """The resource itself, after all that it needs."""
        needs = [Raw(text) for text in (*self.after(resource), *beside)]
        told = {**arguments, **({"depends_on": needs} if needs else {})}
        name = (TYPES[resource.kind], identifier(resource.name))
        return Block("resource", name, told, blocks, resource.title)

    def after(self, resource: Resource) -> Iterator[str]:
        for name in sorted(resource.needs):
            needed = self.resources.get(name)
            if isinstance(needed, Access):
                yield from (self.member(needed, g).reference for g in concerning(resource, needed))
            elif needed is not None:
                yield self.reference(needed)

    def reference(self, resource: Resource) -> str:
        return f"{TYPES[resource.kind]}.{identifier(resource.name)}"

    @of.register
    def _bucket(self, resource: Bucket) -> Iterator[Block]:
        rules = [] if resource.keep_days is None else housekeeping(resource.keep_days)
        told = {
            "name": resource.name,
            "location": resource.location.upper(),
            "uniform_bucket_level_access": True,
            "public_access_prevention": "enforced",
            "labels": self.labels,
        }
        yield self.block(resource, told, *rules)

    @of.register
    def _account(self, resource: Account) -> Iterator[Block]:
        told = {"account_id": resource.name, "display_name": resource.purpose[:100]}
        yield self.block(resource, told)

    @of.register
    def _secret(self, resource: Secret) -> Iterator[Block]:
        """Without its value, which would lie readable in Terraform's state."""
        automatic = Block("replication", (), {}, [Block("auto")])
        told = {"secret_id": resource.name, "labels": self.labels}
        yield self.block(resource, told, automatic)

    @of.register
    def _access(self, resource: Access) -> Iterator[Block]:
        for grant in sorted(resource.grants):
            yield self.member(resource, grant)

    def member(self, access: Access, grant: Grant) -> Block:
        type_, argument = ON[access.on]
        who = identifier(grant.member.split(":")[-1].split("@")[0])
        role = identifier(grant.role.removeprefix("roles/"))
        name = identifier(f"{access.id} {who} {role}") + suffix(grant)
        where = {"location": self.target.region} if access.on in {"service", "job"} else {}
        told = {argument: self.on(access), **where, "role": grant.role, "member": grant.member}
        conditions = [condition(grant.condition)] if grant.condition else []
        above = sorted(n for n in access.needs if self.resources.get(n) is not None)
        needs = [Raw(self.reference(r)) for n in above if (r := self.resources[n]).kind in TYPES]
        told |= {"depends_on": needs} if needs else {}
        return Block("resource", (type_, name), told, conditions, grant.why)

    def on(self, access: Access) -> Json:
        """What is granted on: by reference where this project makes it."""
        own = self.resources.get(f"{access.on}/{access.id}")
        if isinstance(own, Bucket):
            return Raw(f"{self.reference(own)}.name")
        if isinstance(own, Secret):
            return Raw(f"{self.reference(own)}.id")
        return access.id

    @of.register
    def _function(self, resource: Function) -> Iterator[Block]:
        fields = resource.fields()
        yield self.source(resource)
        service = {
            "available_memory": fields["memory"],
            "available_cpu": fields["cpu"],
            "timeout_seconds": fields["timeout"],
            "min_instance_count": fields["instances.min"],
            "max_instance_count": fields["instances.max"],
            "max_instance_request_concurrency": fields["concurrency"],
            "service_account_email": resource.account,
            "ingress_settings": fields["ingress"],
        }
        told = {"name": resource.name, "location": self.target.region, "labels": self.labels}
        yield self.block(
            resource,
            told,
            self.build(resource),
            Block("service_config", (), service, [*self.mounted(resource)]),
        )

    def source(self, function: Function) -> Block:
        """The bundle, under a name that changes when a byte of it does."""
        digest = function.bundle.digest[:16]
        told = {
            "name": f"sources/{function.name}-{digest}.zip",
            "bucket": Raw(f"{TYPES[Kind.BUCKET]}.{identifier(self.target.bucket)}.name"),
            "source": Raw(f'"${{path.module}}/bundles/{function.name}.zip"'),
        }
        return Block("resource", ("google_storage_bucket_object", identifier(function.name)), told)

    def build(self, function: Function) -> Block:
        held = f"google_storage_bucket_object.{identifier(function.name)}"
        place = {"bucket": Raw(f"{held}.bucket"), "object": Raw(f"{held}.name")}
        told = {"runtime": function.options.python, "entry_point": function.bundle.entry_point}
        if account := self.target.build_account:
            path = f"projects/{self.target.project_id}/serviceAccounts/{account}"
            told["service_account"] = path
        source = Block("source", (), {}, [Block("storage_source", (), place)])
        return Block("build_config", (), told, [source])

    def mounted(self, function: Function) -> Iterator[Block]:
        for env, secret in function.secrets:
            told = {
                "key": env,
                "project_id": self.target.project_id,
                "secret": Raw(f"{TYPES[Kind.SECRET]}.{identifier(secret)}.secret_id"),
                "version": "latest",
            }
            yield Block("secret_environment_variables", (), told)

    @of.register
    def _job(self, resource: Job) -> Iterator[Block]:
        """Its image is what the build of the block's function made."""
        service = Block(
            "data",
            ("google_cloud_run_v2_service", identifier(resource.function.name)),
            {
                "name": resource.function.name,
                "location": self.target.region,
                "depends_on": [Raw(self.reference(resource.function))],
            },
        )
        yield service
        fields = resource.fields()
        image = Raw(f"{service.reference}.template[0].containers[0].image")
        size = {name: fields[name] for name in ("cpu", "memory")}
        container = Block(
            "containers",
            (),
            {"image": image, "command": list(COMMAND), "args": list(ARGUMENTS)},
            [
                Block("resources", (), {"limits": {**size, **least(size)}}),
                *(self.variable(env, secret) for env, secret in resource.function.secrets),
            ],
        )
        task = {
            "max_retries": 0,
            "timeout": f"{resource.timeout}s",
            "service_account": resource.function.account,
        }
        template = Block("template", (), {}, [Block("template", (), task, [container])])
        told = {"name": resource.name, "location": self.target.region, "labels": self.labels}
        yield self.block(resource, told, template)

    def variable(self, env: str, secret: str) -> Block:
        named = Raw(f"{TYPES[Kind.SECRET]}.{identifier(secret)}.secret_id")
        reference = Block("secret_key_ref", (), {"secret": named, "version": "latest"})
        return Block("env", (), {"name": env}, [Block("value_source", (), {}, [reference])])

    @of.register
    def _workflow(self, resource: Workflow) -> Iterator[Block]:
        told = {
            "name": resource.name,
            "region": self.target.region,
            "description": resource.description[:1000],
            "service_account": resource.account,
            "source_contents": Raw(f'file("${{path.module}}/workflows/{resource.name}.yaml")'),
            "deletion_protection": False,
            "labels": {**self.labels, "mage-pipeline": label(resource.pipeline)},
        }
        yield self.block(resource, told)

    @of.register
    def _schedule(self, resource: Schedule) -> Iterator[Block]:
        body = json.dumps({"argument": resource.argument})
        token = Block("oauth_token", (), {"service_account_email": resource.account})
        target = {
            "uri": resource.url,
            "http_method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": Raw(f"base64encode({quoted(body)})"),
        }
        told = {
            "name": resource.name,
            "region": self.target.region,
            "schedule": resource.cron,
            "time_zone": "Etc/UTC",
            "paused": resource.paused,
        }
        yield self.block(resource, told, Block("http_target", (), target, [token]))

    @of.register
    def _event(self, resource: Event) -> Iterator[Block]:
        region = self.target.region
        yield relay_of(resource, region, self.labels)
        labels = {**self.labels, "mage-pipeline": label(resource.pipeline)}
        told, parts = told_of(resource, region, labels)
        yield self.block(resource, told, *parts, beside=[PUBLISHES])


def concerning(resource: Resource, access: Access) -> list[Grant]:
    """The grants of a policy that a resource waits for: those of its own account."""
    email = getattr(resource, "account", "")
    return sorted(g for g in access.grants if not email or g.member.endswith(f":{email}"))


def housekeeping(days: int) -> list[Block]:
    """Artifacts of runs are deleted after so many days, what was never finished after one."""
    return [
        lifecycle("Delete", {"age": days, "matches_prefix": [RUNS]}),
        lifecycle("AbortIncompleteMultipartUpload", {"age": 1}),
        Block("soft_delete_policy", (), {"retention_duration_seconds": 0}),
    ]


def lifecycle(action: str, when: Mapping[str, Json]) -> Block:
    parts = [Block("action", (), {"type": action}), Block("condition", (), when)]
    return Block("lifecycle_rule", (), {}, parts)


def condition(expression: str) -> Block:
    return Block("condition", (), {"title": "blocklift", "expression": expression})


def suffix(grant: Grant) -> str:
    """Two conditions of one role are two blocks."""
    digest = hashlib.sha256(grant.condition.encode()).hexdigest()[:6]
    return f"_{digest}" if grant.condition else ""
