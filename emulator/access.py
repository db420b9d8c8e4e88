"""IAM: policies on resources, inherited from the project, and who may do what by them.

A resource's ancestors are its own name's prefixes (`projects/p/secrets/s/versions/1` →
`projects/p/secrets/s` → `projects/p`); buckets, whose names tell no project, are adopted.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import orjson

from emulator import conditions
from emulator.cloud import OWNER, Clock, Json, Principal, Projects, project_number
from emulator.errors import ApiError, invalid
from emulator.roles import is_role, permits, predefined_permits
from emulator.store import Store

EVERYBODY = "allUsers"
SIGNED_IN = "allAuthenticatedUsers"
_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers|(?:deleted:)?(?:user|serviceAccount|group):[^\s:]+(?:\?uid=\d+)?"
    r"|domain:[\w.-]+|principal(?:Set)?://\S+|project(?:Owner|Editor|Viewer):\S+"
)

_ACCOUNT = re.compile(r"serviceAccount:([^\s@?]+@([^\s@?]+)\.iam\.gserviceaccount\.com)")


class Policies:
    """The `Access` of a cloud."""

    def __init__(self, store: Store, clock: Clock, projects: Projects) -> None:
        self._store = store
        self._clock = clock
        self._projects = projects
        self._parents: dict[str, str] = dict(store.list("policy-parent"))
        self._live: dict[str, dict[str, Json]] = dict(store.list("policy"))

    def policy(self, resource: str) -> dict[str, Json]:
        name = self._by_id(resource)
        return self._live.get(name) or _initial(name)

    def set_policy(self, resource: str, policy: dict[str, Json]) -> dict[str, Json]:
        name = self._by_id(resource)
        live = self.policy(name)
        _check(policy, self._custom_roles())
        self._refuse_nobodies(policy)
        if policy.get("etag") and policy["etag"] != live["etag"]:
            raise ApiError(
                "ABORTED",
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff. The request's ETag did not match the current policy's.",
            )
        made = {"version": 1, **policy, "etag": _etag(_count(live["etag"]) + 1)}
        self._store.put("policy", name, made)
        self._live[name] = made
        return made

    def adopt(self, resource: str, parent: str) -> None:
        if self._parents.get(resource) != parent:
            self._parents[resource] = parent
            self._store.put("policy-parent", resource, parent)

    def forget(self, resource: str) -> None:
        name = self._by_id(resource)
        if self._live.pop(name, None):
            self._store.delete("policy", name)
        if self._parents.pop(resource, None):
            self._store.delete("policy-parent", resource)

    def _refuse_nobodies(self, policy: dict[str, Json]) -> None:
        """IAM takes only service accounts that exist; those of Google's own projects, which are
        not known here, are believed.
        """
        members = {m for b in policy.get("bindings", ()) for m in b.get("members", ())}
        for member in sorted(members):
            found = _ACCOUNT.fullmatch(member)
            if not found or self._store.get("project", found[2]) is None:
                continue
            if self._store.get(
                "service-account", f"projects/{found[2]}/serviceAccounts/{found[1]}"
            ):
                continue
            raise invalid(f"Service account {found[1]} does not exist.")

    def bury(self, email: str, unique_id: str) -> None:
        """Bindings of a deleted account stay, under a name that no new account will have (Google:
        "Policies with deleted principals").
        """
        gone = f"serviceAccount:{email}"
        for name, policy in list(self._live.items()):
            if any(gone in binding.get("members", ()) for binding in policy.get("bindings", ())):
                made = _renamed(policy, gone, f"deleted:{gone}?uid={unique_id}")
                self._store.put("policy", name, made)
                self._live[name] = made

    # -- deciding ---------------------------------------------------------------------------

    def holds(self, principal: Principal, permission: str, resource: str) -> bool:
        if principal == OWNER:
            return True
        name = self._by_id(resource)
        return any(
            self._grants(binding, principal, permission, name)
            for ancestor in self._ancestors(name)
            for binding in self.policy(ancestor).get("bindings", ())
        )

    def require(self, principal: Principal, permission: str, resource: str) -> None:
        if not self.holds(principal, permission, resource):
            raise denied(permission, resource)

    def _grants(
        self, binding: dict[str, Any], principal: Principal, permission: str, resource: str
    ) -> bool:
        members = binding.get("members", ())
        if not {principal.member, EVERYBODY, SIGNED_IN}.intersection(members):
            return False
        return self._role_permits(binding["role"], permission) and self._met(binding, resource)

    def _role_permits(self, role: str, permission: str) -> bool:
        known = predefined_permits(role, permission)
        if known is not None:
            return known
        custom = self._custom_roles().get(role, {})
        return permits(custom.get("includedPermissions", []), permission)

    def _met(self, binding: dict[str, Any], resource: str) -> bool:
        expression = (binding.get("condition") or {}).get("expression")
        if not expression:
            return True
        values = {"request.time": self._clock.now(), **_described(resource)}
        try:
            return conditions.holds(expression, values)
        except (conditions.BadConditionError, TypeError, ValueError):
            return False

    def _custom_roles(self) -> dict[str, Json]:
        return dict(self._store.list("role"))

    def _ancestors(self, name: str) -> Iterator[str]:
        """The resource itself, then outwards to its project."""
        parts = name.split("/")
        bucket = "/".join(parts[:4]) if name.startswith("projects/_/") else None
        if bucket:
            yield bucket
            yield self._parents.get(bucket, "")
            return
        for length in range(len(parts) - len(parts) % 2, 0, -2):
            yield "/".join(parts[:length])

    def _by_id(self, resource: str) -> str:
        head, _, rest = resource.partition("/")
        project, slash, tail = rest.partition("/")
        if head != "projects" or not project.isdigit():
            return resource
        return f"projects/{self._projects.id_of(project)}{slash}{tail}"


def _initial(name: str) -> dict[str, Json]:
    """A project begins with its owner, and with Editor for its default service account (Google:
    "Default service accounts"); everything else begins with nothing.
    """
    policy: dict[str, Json] = {"version": 1, "etag": _etag(0)}
    kind, _, project = name.partition("/")
    if kind == "projects" and project and "/" not in project:
        default = f"{project_number(project)}-compute@developer.gserviceaccount.com"
        policy["bindings"] = [
            {"role": "roles/editor", "members": [f"serviceAccount:{default}"]},
            {"role": "roles/owner", "members": [OWNER.member]},
        ]
    return policy


def denied(permission: str, resource: str) -> ApiError:
    return ApiError(
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "IAM_PERMISSION_DENIED",
                "domain": "iam.googleapis.com",
                "metadata": {"permission": permission, "resource": resource},
            }
        ],
    )


def _described(resource: str) -> dict[str, str]:
    """What a condition may ask about a resource. Secret Manager and most others name the
    project by number there, BigQuery by id, Storage by `_` (IAM: "Resource attributes").
    """
    head, _, rest = resource.partition("/")
    project, slash, tail = rest.partition("/")
    by_name = project == "_" or tail.startswith("datasets/")
    name = resource if by_name else f"{head}/{project_number(project)}{slash}{tail}"
    kind = next((k for k in _TYPES if f"/{k}/" in resource), "")
    service, what = _TYPES.get(kind, ("", ""))
    if kind == "buckets" and "/objects/" in resource:
        what = "Object"
    return {
        "resource.name": name,
        "resource.service": f"{service}.googleapis.com",
        "resource.type": f"{service}.googleapis.com/{what}",
    }


_TYPES = {
    "versions": ("secretmanager", "SecretVersion"),
    "secrets": ("secretmanager", "Secret"),
    "buckets": ("storage", "Bucket"),
    "services": ("run", "Service"),
    "jobs": ("run", "Job"),
    "functions": ("cloudfunctions", "Function"),
    "workflows": ("workflows", "Workflow"),
    "serviceAccounts": ("iam", "ServiceAccount"),
    "datasets": ("bigquery", "Dataset"),
}


def _check(policy: dict[str, Json], custom: dict[str, Json]) -> None:
    for binding in policy.get("bindings", ()):
        role = binding.get("role", "")
        if not is_role(role, custom):
            raise invalid(f"Role {role} is not supported for this resource.")
        for member in binding.get("members", ()):
            if not _MEMBER.fullmatch(member):
                raise invalid(f"Invalid argument: The member {member} is of an unknown type.")
        if binding.get("condition") and policy.get("version") != 3:
            raise invalid("Specified policy version must be 3 when a binding has a condition.")


def _renamed(policy: dict[str, Json], was: str, now: str) -> dict[str, Json]:
    def members(binding: dict[str, Json]) -> list[str]:
        return [now if member == was else member for member in binding.get("members", ())]

    bindings = [{**binding, "members": members(binding)} for binding in policy["bindings"]]
    return {**policy, "bindings": bindings, "etag": _etag(_count(policy["etag"]) + 1)}


def _etag(count: int) -> str:
    return base64.b64encode(orjson.dumps(["policy", count])).decode()


def _count(etag: str) -> int:
    return int(orjson.loads(base64.b64decode(etag))[1])
