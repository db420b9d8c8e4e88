"""Resource Manager and Service Usage: what is known of the Google project itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deployer.gcp.session import Session
from deployer.target import Target

Json = Any


class Projects:
    """The one project of a target."""

    def __init__(self, target: Target, session: Session) -> None:
        self.target = target
        self.session = session

    def number(self) -> str:
        """Part of every service's URL."""
        url = f"{self.target.endpoints.projects}/v3/projects/{self.target.project_id}"
        found = self.session.get(url, f"reading project {self.target.project_id}")
        return str(found["name"]).rsplit("/", 1)[-1]

    def disabled(self, apis: Iterable[str]) -> list[str]:
        """Those of these APIs that are not enabled."""
        return [api for api in apis if not self.enabled(api)]

    def enabled(self, api: str) -> bool:
        url = f"{self.target.endpoints.usage}/v1/projects/{self.target.project_id}/services/{api}"
        found = self.session.find(url, f"looking whether {api} is enabled")
        return found is not None and found.get("state") == "ENABLED"

    def held(self, permissions: Iterable[str]) -> set[str]:
        """Which of these permissions the caller has on the project."""
        url = f"{self.target.endpoints.projects}/v3/projects/{self.target.project_id}"
        body = {"permissions": list(permissions)}
        found = self.session.ask(f"{url}:testIamPermissions", "looking at rights", body)
        return set(found.get("permissions", ()))
