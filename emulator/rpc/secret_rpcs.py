"""Secret Manager's methods on both ports; over gRPC also the policies of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import invalid
from emulator.rpc import grpc
from emulator.rpc.grpc import EMPTY, Rpc
from emulator.rpc.method import Method

if TYPE_CHECKING:
    from emulator.cloud import Cloud, Json, Principal
    from emulator.rpc.method import Request
    from emulator.services.secretmanager import SecretManager

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"
MESSAGES = "google.cloud.secretmanager_v1.types"
ASKED = "google.iam.v1.iam_policy_pb2"
POLICY = "google.iam.v1.policy_pb2.Policy"


def methods(secrets: SecretManager) -> list[Method]:
    """As google/cloud/secretmanager/v1/service.proto has them, but the policies: `emulator.iam`."""
    change, all_of_it = "PATCH", "/v1/{parent=projects/*}/secrets"
    update = "/v1/{secret.name=projects/*/secrets/*}"
    one = "/v1/{name=projects/*/secrets/*}"
    parent = "/v1/{parent=projects/*/secrets/*}"
    add, versions = f"{parent}:addVersion", f"{parent}/versions"
    version = "/v1/{name=projects/*/secrets/*/versions/*}"
    return [
        Method("CreateSecret", "POST", all_of_it, secrets.create, body="secret"),
        Method("ListSecrets", "GET", all_of_it, secrets.list_secrets),
        Method("AddSecretVersion", "POST", add, secrets.add_version, body="*"),
        Method("GetSecret", "GET", one, secrets.get),
        Method("UpdateSecret", change, update, secrets.update, body="secret"),
        Method("DeleteSecret", "DELETE", one, secrets.delete),
        Method("ListSecretVersions", "GET", versions, secrets.list_versions),
        Method("AccessSecretVersion", "GET", f"{version}:access", secrets.access),
        Method("EnableSecretVersion", "POST", f"{version}:enable", secrets.enable, body="*"),
        Method("DisableSecretVersion", "POST", f"{version}:disable", secrets.disable, body="*"),
        Method("DestroySecretVersion", "POST", f"{version}:destroy", secrets.destroy, body="*"),
        Method("GetSecretVersion", "GET", version, secrets.get_version),
    ]


def handlers(cloud: Cloud, secrets: SecretManager) -> list[Any]:
    rpcs = {**_secrets(secrets), **_versions(secrets), **_policies(Policies(cloud))}
    return [grpc.handler(SERVICE, rpcs, cloud.identity)]


def _secrets(secrets: SecretManager) -> dict[str, Rpc]:
    listed, secret = f"{MESSAGES}.ListSecretsResponse", f"{MESSAGES}.Secret"
    return {
        "ListSecrets": Rpc(secrets.list_secrets, f"{MESSAGES}.ListSecretsRequest", listed),
        "CreateSecret": Rpc(secrets.create, f"{MESSAGES}.CreateSecretRequest", secret),
        "GetSecret": Rpc(secrets.get, f"{MESSAGES}.GetSecretRequest", secret),
        "UpdateSecret": Rpc(secrets.update, f"{MESSAGES}.UpdateSecretRequest", secret),
        "DeleteSecret": Rpc(secrets.delete, f"{MESSAGES}.DeleteSecretRequest", EMPTY),
    }


def _versions(secrets: SecretManager) -> dict[str, Rpc]:
    listed, version = f"{MESSAGES}.ListSecretVersionsResponse", f"{MESSAGES}.SecretVersion"
    methods = {
        "AddSecretVersion": (secrets.add_version, version),
        "ListSecretVersions": (secrets.list_versions, listed),
        "GetSecretVersion": (secrets.get_version, version),
        "AccessSecretVersion": (secrets.access, f"{MESSAGES}.AccessSecretVersionResponse"),
        "EnableSecretVersion": (secrets.enable, version),
        "DisableSecretVersion": (secrets.disable, version),
        "DestroySecretVersion": (secrets.destroy, version),
    }
    return {
        name: Rpc(handler, f"{MESSAGES}.{name}Request", answer)
        for name, (handler, answer) in methods.items()
    }


def _policies(policies: Policies) -> dict[str, Rpc]:
    tested = f"{ASKED}.TestIamPermissionsResponse"
    return {
        "GetIamPolicy": Rpc(policies.get, f"{ASKED}.GetIamPolicyRequest", POLICY),
        "SetIamPolicy": Rpc(policies.set, f"{ASKED}.SetIamPolicyRequest", POLICY),
        "TestIamPermissions": Rpc(policies.test, f"{ASKED}.TestIamPermissionsRequest", tested),
    }


class Policies:
    """Who may do what with a secret."""

    def __init__(self, cloud: Cloud) -> None:
        self._access = cloud.access
        self._id_of = cloud.projects.id_of

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._access.policy(self._allowed(caller, "getIamPolicy", request))

    async def set(self, caller: Principal, request: Request) -> Json:
        name = self._allowed(caller, "setIamPolicy", request)
        if not isinstance(request.get("policy"), dict):
            raise invalid("Policy is required.")
        return self._access.set_policy(name, request["policy"])

    async def test(self, caller: Principal, request: Request) -> Json:
        name, asked = self._name(request), request.get("permissions", [])
        return {"permissions": [p for p in asked if self._access.holds(caller, p, name)]}

    def _allowed(self, caller: Principal, verb: str, request: Request) -> str:
        name = self._name(request)
        self._access.require(caller, f"secretmanager.secrets.{verb}", name)
        return name

    def _name(self, request: Request) -> str:
        kind, project, *rest = request["resource"].split("/")
        return "/".join([kind, self._id_of(project), *rest])
