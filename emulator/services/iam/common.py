"""What the handlers of IAM share: who may, and which account is meant."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from emulator.cloud import Cloud, Json, project_number
from emulator.errors import ApiError
from emulator.identity import unique_id

KIND = "service-account"
KEY = "service-account-key"


def default_accounts(project: str) -> tuple[str, str]:
    """Those that a project has from the beginning."""
    return (
        f"{project_number(project)}-compute@developer.gserviceaccount.com",
        f"{project}@appspot.gserviceaccount.com",
    )


class Part:
    """What the handlers of this API share."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.store = cloud.store

    def allow(self, request: Request, permission: str, resource: str) -> None:
        caller = self.cloud.identity.caller(request.headers.get("authorization"))
        self.cloud.access.require(caller, permission, resource)

    def name(self, request: Request) -> str:
        """`projects/<id>/serviceAccounts/<email>`; a client may give `-` and the unique id."""
        params = request.path_params
        return account_name(self.cloud, params["project"], params["account"])

    def find(self, name: str) -> dict[str, Any]:
        return find_account(self.cloud, name)


def account_name(cloud: Cloud, project: str, account: str) -> str:
    if account.isdigit():
        found = [n for n, a in cloud.store.list(KIND) if a["uniqueId"] == account]
        return str(found[0]) if found else f"projects/{project}/serviceAccounts/{account}"
    if project == "-":
        project = account.partition("@")[2].partition(".")[0]
        if project in ("developer", "appspot"):
            project = cloud.settings.project_id
    return f"projects/{project}/serviceAccounts/{account}"


def find_account(cloud: Cloud, name: str) -> dict[str, Any]:
    _, project, _, email = name.split("/")
    found: dict[str, Any] | None = cloud.store.get(KIND, name)
    if found is None and email in default_accounts(project):
        found = resource(project, email, {"displayName": "Default service account"})
    if found is None:
        raise ApiError("NOT_FOUND", f"Service account {name} does not exist.")
    return found


def resource(project: str, email: str, given: dict[str, Json]) -> dict[str, Json]:
    return {
        **{key: given[key] for key in ("displayName", "description") if given.get(key)},
        "name": f"projects/{project}/serviceAccounts/{email}",
        "projectId": project,
        "uniqueId": unique_id(email),
        "email": email,
        "oauth2ClientId": unique_id(email),
        "etag": "MDEwMjE5MjA=",
    }
