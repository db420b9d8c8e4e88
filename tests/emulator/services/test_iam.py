"""Service accounts, their key files, and what google-auth makes of them."""

from __future__ import annotations

import base64
import json

import pytest
from google.auth.transport.requests import Request
from google.cloud import storage
from google.oauth2 import service_account

from emulator.cloud import project_number

ACCOUNTS = "/v1/projects/blocklift-local/serviceAccounts"


@pytest.fixture
def account(emulator, fresh_name: str) -> str:
    return emulator.account(f"sa-{fresh_name}")


@pytest.fixture
def key_file(emulator, account: str) -> dict[str, str]:
    made = emulator.post(f"{ACCOUNTS}/{account}/keys", {}).json
    return json.loads(base64.b64decode(made["privateKeyData"]))


def test_an_account_from_beginning_to_end(emulator, account: str) -> None:
    path = f"{ACCOUNTS}/{account}"
    made = emulator.get(path).json
    assert made["email"] == account
    assert emulator.get(f"/v1/projects/-/serviceAccounts/{account}").json == made
    assert emulator.get(f"/v1/projects/-/serviceAccounts/{made['uniqueId']}").json == made
    body = {"serviceAccount": {"displayName": "new"}, "updateMask": "displayName"}
    assert emulator.call("PATCH", path, body).json["displayName"] == "new"
    assert emulator.call("DELETE", path).code == 200
    assert emulator.get(path).code == 404


def test_the_default_account_is_there(emulator) -> None:
    number = project_number("blocklift-local")
    default = f"{number}-compute@developer.gserviceaccount.com"
    assert emulator.get(f"{ACCOUNTS}/{default}").code == 200


@pytest.mark.parametrize("account", ["", "short", "Capital-letters", "x" * 31, "-dash-first"])
def test_ids_that_google_does_not_take(emulator, account: str) -> None:
    refused = emulator.post(ACCOUNTS, {"accountId": account})
    assert (refused.code, refused.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_the_same_account_twice(emulator, account: str) -> None:
    again = emulator.post(ACCOUNTS, {"accountId": account.partition("@")[0]})
    assert (again.code, again.json["error"]["status"]) == (409, "ALREADY_EXISTS")


def test_a_key_file_gives_access_and_identity_tokens(emulator, key_file) -> None:
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    credentials = service_account.Credentials.from_service_account_info(key_file, scopes=scopes)
    credentials.refresh(Request())
    info = emulator.get(f"/tokeninfo?access_token={credentials.token}").json
    assert info["email"] == key_file["client_email"]
    identity = service_account.IDTokenCredentials.from_service_account_info(
        key_file, target_audience="https://audience"
    )
    identity.refresh(Request())
    claims = emulator.get(f"/tokeninfo?id_token={identity.token}").json
    assert (claims["aud"], claims["email"]) == ("https://audience", key_file["client_email"])


def test_storage_takes_a_key_file(emulator, key_file, bucket: str) -> None:
    client = storage.Client.from_service_account_info(
        key_file, client_options={"api_endpoint": emulator.url}
    )
    assert not client.bucket(bucket).test_iam_permissions(["storage.objects.get"])
    client.close()


def test_a_key_that_was_deleted_gives_nothing(emulator, account: str, key_file) -> None:
    credentials = service_account.Credentials.from_service_account_info(key_file)
    signed = credentials.with_claims({"aud": "x"})
    signed._create_self_signed_jwt("https://x")
    signed.refresh(Request())
    token = f"Bearer {signed.token}"
    assert emulator.get("/v3/projects/blocklift-local", authorization=token).code == 403
    path = f"{ACCOUNTS}/{account}/keys/{key_file['private_key_id']}"
    assert emulator.call("DELETE", path).code == 200
    assert emulator.get(path).code == 404


def test_a_wrong_assertion(emulator) -> None:
    form = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c"
    refused = emulator.post("/token", form)
    assert (refused.code, refused.json["error"]) == (400, "invalid_grant")


def test_impersonation_needs_the_role(emulator, account: str, fresh_name: str) -> None:
    other = emulator.account(f"ot-{fresh_name}")
    token = emulator.token_of(other)
    path = f"/v1/projects/-/serviceAccounts/{account}:generateIdToken"
    asked = {"audience": "https://a", "includeEmail": True}
    assert emulator.post(path, asked, authorization=token).code == 403
    role = "roles/iam.serviceAccountOpenIdTokenCreator"
    policy = {"bindings": [{"role": role, "members": [f"serviceAccount:{other}"]}]}
    emulator.post(f"{ACCOUNTS}/{account}:setIamPolicy", {"policy": policy})
    assert emulator.post(path, asked, authorization=token).json["token"].count(".") == 2
    assert emulator.post(path, {}, authorization=token).code == 400


def test_custom_roles(emulator, bucket: str, account: str, fresh_name: str) -> None:
    roles = "/v1/projects/blocklift-local/roles"
    role_id = fresh_name.replace("-", "_")
    role = {"title": "reader", "includedPermissions": ["storage.objects.get"]}
    made = emulator.post(roles, {"roleId": role_id, "role": role}).json
    binding = {"role": made["name"], "members": [f"serviceAccount:{account}"]}
    set_policy = emulator.call("PUT", f"/storage/v1/b/{bucket}/iam", {"bindings": [binding]})
    assert set_policy.code == 200, set_policy.body
    token = emulator.token_of(account)
    path = f"/storage/v1/b/{bucket}/iam/testPermissions?permissions=storage.objects.get"
    answer = emulator.get(f"{path}&permissions=storage.objects.list", authorization=token)
    assert answer.json["permissions"] == ["storage.objects.get"]
    assert emulator.call("DELETE", f"{roles}/{role_id}").json["deleted"]


def test_predefined_roles(emulator) -> None:
    role = emulator.get("/v1/roles/run.invoker").json
    assert "run.routes.invoke" in role["includedPermissions"]
    assert emulator.get("/v1/roles/no.such").code == 404
