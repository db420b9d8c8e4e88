"""IAM policies of buckets, secrets, Cloud Run services and the project.

One policy is one resource of a plan, so all that we want in it is one read-modify-write,
guarded by the policy's etag. What other people put there stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deployer.gcp.accounts import Accounts
from deployer.gcp.failures import Missing
from deployer.gcp.session import Session
from deployer.live import Live, Work
from deployer.resources import Access, Grant, Kind, grant_fields
from deployer.target import Target

Json = Any
VERSION = 3
"""Of the policy's format: the one that knows conditions."""
OURS_ALONE = frozenset({"service", "secret", "job"})
"""Where every binding is ours, as the thing itself is."""


class Policies:
    """Keeper of what we want in policies."""

    def __init__(self, target: Target, session: Session, accounts: Accounts) -> None:
        self.target = target
        self.session = session
        self.accounts = accounts

    def list(self, owner: str, wanted: Sequence[Access]) -> Sequence[Live]:
        members = self.accounts.members(owner)
        project = Access("project", self.target.project_id, ())
        every = {access.name: access for access in (project, *wanted)}
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda access: self.look(owner, access, members), every.values()))
        return [live for live in found if live and live.fields]

    def look(self, owner: str, access: Access, members: set[str]) -> Live | None:
        try:
            policy = self.read(access)
        except Missing:
            return None
        fields = grant_fields(tuple(g for g in grants(policy) if is_ours(access, g, members)))
        return Live(Kind.ACCESS, access.name, access.name, owner, fields=fields)

    def put(self, resource: Access, live: Live | None, work: Work) -> None:
        alone = resource.on in OURS_ALONE
        ours = set() if alone else self.accounts.members(self.accounts.owner)
        policy = self.read(resource)
        kept = strangers(resource, policy, ours)
        self.write(resource, {**policy, "bindings": [*kept, *bindings(resource.grants)]})

    def drop(self, live: Live) -> None:
        on, _, name = live.name.partition("/")
        try:
            self.put(Access(on, name, ()), live, Work({}))
        except Missing:
            return

    def read(self, access: Access) -> Mapping[str, Json]:
        doing = f"reading the policy of {access.name}"
        url = self.url(access)
        if access.on == "bucket":
            query = {"optionsRequestedPolicyVersion": VERSION}
            policy = self.session.get(url, doing, query)
        elif access.on == "project":
            body = {"options": {"requestedPolicyVersion": VERSION}}
            policy = self.session.ask(f"{url}:getIamPolicy", doing, body)
        else:
            query = {"options.requestedPolicyVersion": VERSION}
            policy = self.session.get(f"{url}:getIamPolicy", doing, query)
        return dict(policy)

    def write(self, access: Access, policy: Mapping[str, Json]) -> None:
        doing = f"setting the policy of {access.name}"
        versioned = {**policy, "version": VERSION}
        if access.on == "bucket":
            self.session.call("PUT", self.url(access), doing, versioned)
        else:
            self.session.post(f"{self.url(access)}:setIamPolicy", doing, {"policy": versioned})

    def url(self, access: Access) -> str:
        places: Mapping[str, Callable[[str], str]] = {
            "bucket": lambda name: f"{self.ends.storage}/storage/v1/b/{name}/iam",
            "project": lambda name: f"{self.ends.projects}/v3/projects/{name}",
            "secret": lambda name: f"{self.ends.secrets}/v1/{self.project}/secrets/{name}",
            "service": lambda name: f"{self.ends.run}/v2/{self.target.parent}/services/{name}",
            "job": lambda name: f"{self.ends.run}/v2/{self.target.parent}/jobs/{name}",
        }
        return places[access.on](access.id)

    @property
    def ends(self) -> Any:
        return self.target.endpoints

    @property
    def project(self) -> str:
        return f"projects/{self.target.project_id}"


def is_ours(access: Access, grant: Grant, members: set[str]) -> bool:
    if access.about:
        return grant.member in access.about
    if access.on in OURS_ALONE or grant.member in members:
        return True
    return any(grant.member == wanted.member for wanted in access.grants)


def grants(policy: Mapping[str, Json]) -> list[Grant]:
    return [
        Grant(binding["role"], member, (binding.get("condition") or {}).get("expression", ""))
        for binding in policy.get("bindings") or ()
        for member in binding.get("members") or ()
    ]


def strangers(access: Access, policy: Mapping[str, Json], members: set[str]) -> list[Json]:
    """Other people's bindings, as they wrote them."""
    kept = []
    for binding in policy.get("bindings") or ():
        others = [
            member
            for member in binding.get("members") or ()
            if not is_ours(access, Grant(binding["role"], member), members)
        ]
        if others:
            kept.append({**binding, "members": others})
    return kept


def bindings(wanted: Sequence[Grant]) -> list[Json]:
    """Grants of one role under one condition make one binding."""
    groups: dict[tuple[str, str], set[str]] = {}
    for grant in wanted:
        groups.setdefault((grant.role, grant.condition), set()).add(grant.member)
    return [
        {"role": role, "members": sorted(members), **condition_of(expression)}
        for (role, expression), members in sorted(groups.items())
    ]


def condition_of(expression: str) -> dict[str, Json]:
    if not expression:
        return {}
    return {"condition": {"title": "blocklift", "expression": expression}}
