"""The roles that a project needs in its target, and what for."""

from __future__ import annotations

from deployer.resources import Access, Account
from deployer.workspace import Workspace
from studio.server.messages import RightInfo

SERVICE = "serviceAccount:"


def rights(workspace: Workspace) -> list[RightInfo]:
    """By account, as a deployment would grant them."""
    resources = workspace.desired.resources
    purposes = {r.email: r.purpose for r in resources if isinstance(r, Account)}
    found = [
        RightInfo(
            account=(email := grant.member.removeprefix(SERVICE)),
            purpose=purposes.get(email, ""),
            role=grant.role,
            on=access.title,
            condition=grant.condition,
            why=grant.why,
        )
        for access in resources
        if isinstance(access, Access)
        for grant in access.grants
    ]
    return sorted(found, key=lambda right: (right.account, right.role, right.on))
