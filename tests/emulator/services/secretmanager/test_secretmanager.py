"""Secret Manager by Google's client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)
from google.iam.v1 import iam_policy_pb2, policy_pb2

from emulator.cloud import project_number

PARENT = "projects/blocklift-local"
AUTOMATIC = {"replication": {"automatic": {}}}


@pytest.fixture(scope="module", params=["rest", "grpc"])
def client(emulator, request) -> Iterator[secretmanager.SecretManagerServiceClient]:
    if request.param == "rest":
        yield secretmanager.SecretManagerServiceClient(
            transport="rest",
            client_options={"api_endpoint": emulator.url},
            credentials=AnonymousCredentials(),
        )
        return
    with grpc.insecure_channel(emulator.get("/emulator/v1/health").json["grpc"]) as channel:
        grpc.channel_ready_future(channel).result(60)
        transport = SecretManagerServiceGrpcTransport(channel=channel)
        yield secretmanager.SecretManagerServiceClient(transport=transport)


@pytest.fixture
def secret(client, fresh_name: str) -> str:
    client.create_secret(parent=PARENT, secret_id=fresh_name, secret=AUTOMATIC)
    return f"{PARENT}/secrets/{fresh_name}"


def add(client, secret: str, data: bytes) -> str:
    return client.add_secret_version(parent=secret, payload={"data": data}).name


def read(client, secret: str, version: str) -> bytes:
    return client.access_secret_version(name=f"{secret}/versions/{version}").payload.data


def test_names_carry_the_project_number(client, secret: str) -> None:
    number = project_number("blocklift-local")
    assert client.get_secret(name=secret).name == secret.replace("blocklift-local", number)
    assert add(client, secret, b"x").endswith("/versions/1")


def test_versions_count_up_and_latest_is_the_last(client, secret: str) -> None:
    for data in (b"one", b"two"):
        add(client, secret, data)
    assert [read(client, secret, v) for v in ("1", "2", "latest")] == [b"one", b"two", b"two"]
    listed = client.list_secret_versions(parent=secret)
    assert [version.name[-1] for version in listed] == ["2", "1"]


def test_aliases(client, secret: str) -> None:
    add(client, secret, b"one")
    mask = {"paths": ["version_aliases"]}
    name = client.get_secret(name=secret).name
    client.update_secret(secret={"name": name, "version_aliases": {"prod": 1}}, update_mask=mask)
    assert read(client, secret, "prod") == b"one"
    with pytest.raises(exceptions.BadRequest, match="version 9"):
        client.update_secret(
            secret={"name": name, "version_aliases": {"next": 9}}, update_mask=mask
        )


def test_a_disabled_version_is_not_read_until_enabled(client, secret: str) -> None:
    version = add(client, secret, b"x")
    client.disable_secret_version(name=version)
    with pytest.raises(exceptions.BadRequest, match="DISABLED"):
        read(client, secret, "1")
    client.enable_secret_version(name=version)
    assert read(client, secret, "1") == b"x"


def test_a_destroyed_version_is_gone_for_good(client, secret: str, emulator) -> None:
    version = add(client, secret, b"never-again-7461")
    assert client.destroy_secret_version(name=version).state.name == "DESTROYED"
    with pytest.raises(exceptions.BadRequest, match="DESTROYED"):
        client.enable_secret_version(name=version)
    with pytest.raises(exceptions.BadRequest, match="DESTROYED"):
        read(client, secret, "latest")


def test_a_version_is_destroyed_later_if_the_secret_says_so(client, fresh_name: str) -> None:
    kept = {**AUTOMATIC, "version_destroy_ttl": timedelta(days=2)}
    made = client.create_secret(parent=PARENT, secret_id=fresh_name, secret=kept)
    version = add(client, made.name, b"x")
    ended = client.destroy_secret_version(name=version)
    assert ended.state.name == "DISABLED"
    left = ended.scheduled_destroy_time - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    assert not client.enable_secret_version(name=version).scheduled_destroy_time
    assert read(client, made.name, "latest") == b"x"
    short = {**AUTOMATIC, "version_destroy_ttl": timedelta(hours=1)}
    with pytest.raises(exceptions.BadRequest, match="24 hours"):
        client.create_secret(parent=PARENT, secret_id=f"{fresh_name}-s", secret=short)


def test_a_secret_expires(client, fresh_name: str) -> None:
    brief = {**AUTOMATIC, "ttl": timedelta(seconds=1)}
    made = client.create_secret(parent=PARENT, secret_id=fresh_name, secret=brief)
    assert made.expire_time > made.create_time
    end = datetime.now(UTC) + timedelta(seconds=30)
    with pytest.raises(exceptions.NotFound):
        while datetime.now(UTC) < end:
            client.get_secret(name=made.name)
    assert made.name not in [found.name for found in client.list_secrets(parent=PARENT)]
    client.create_secret(parent=PARENT, secret_id=fresh_name, secret=AUTOMATIC)


def test_the_policy_of_a_secret(client, secret: str) -> None:
    policy = policy_pb2.Policy()
    policy.bindings.add(role="roles/secretmanager.viewer", members=["user:a@example.com"])
    client.set_iam_policy(iam_policy_pb2.SetIamPolicyRequest(resource=secret, policy=policy))
    told = client.get_iam_policy(iam_policy_pb2.GetIamPolicyRequest(resource=secret))
    assert [binding.role for binding in told.bindings] == ["roles/secretmanager.viewer"]
    asked = ["secretmanager.secrets.get"]
    request = iam_policy_pb2.TestIamPermissionsRequest(resource=secret, permissions=asked)
    assert client.test_iam_permissions(request).permissions == asked


def test_labels_and_filters(client, fresh_name: str) -> None:
    made = {**AUTOMATIC, "labels": {"blocklift": fresh_name}}
    for n in range(3):
        client.create_secret(parent=PARENT, secret_id=f"{fresh_name}-{n}", secret=made)
    asked = {"parent": PARENT, "filter": f"labels.blocklift={fresh_name}", "page_size": 2}
    assert len(list(client.list_secrets(request=asked))) == 3


def test_stale_etags_are_refused(client, secret: str) -> None:
    read_before = client.get_secret(name=secret)
    read_before.labels["a"] = "1"
    mask = {"paths": ["labels"]}
    client.update_secret(secret=read_before, update_mask=mask)
    with pytest.raises(exceptions.BadRequest, match="etag"):
        client.update_secret(secret=read_before, update_mask=mask)


def test_refusals(client, secret: str) -> None:
    with pytest.raises(exceptions.Conflict):
        client.create_secret(parent=PARENT, secret_id=secret.rpartition("/")[2], secret=AUTOMATIC)
    with pytest.raises(exceptions.BadRequest, match="secret id"):
        client.create_secret(parent=PARENT, secret_id="no/slash", secret=AUTOMATIC)
    with pytest.raises(exceptions.BadRequest, match="larger"):
        add(client, secret, b"x" * 65537)
    with pytest.raises(exceptions.BadRequest, match="checksum"):
        client.add_secret_version(parent=secret, payload={"data": b"x", "data_crc32c": 1})
    with pytest.raises(exceptions.NotFound):
        read(client, secret, "latest")
    with pytest.raises(exceptions.BadRequest, match="immutable"):
        client.update_secret(
            secret={"name": secret, **AUTOMATIC}, update_mask={"paths": ["replication"]}
        )


def test_a_deleted_secret_takes_its_versions_along(client, secret: str) -> None:
    add(client, secret, b"x")
    client.delete_secret(name=secret)
    with pytest.raises(exceptions.NotFound):
        read(client, secret, "1")
    client.create_secret(parent=PARENT, secret_id=secret.rpartition("/")[2], secret=AUTOMATIC)
    assert add(client, secret, b"y").endswith("/versions/1")


def test_only_accounts_with_the_role_read(client, secret: str, emulator, fresh_name: str) -> None:
    add(client, secret, b"x")
    account = emulator.account(f"sa-{fresh_name}")
    token = emulator.token_of(account)
    path = f"/v1/{secret}/versions/1:access"
    refused = emulator.get(path, authorization=token)
    assert refused.code == 403
    assert "'secretmanager.versions.access' denied" in refused.message
    role = "roles/secretmanager.secretAccessor"
    policy = policy_pb2.Policy()
    policy.bindings.add(role=role, members=[f"serviceAccount:{account}"])
    client.set_iam_policy(iam_policy_pb2.SetIamPolicyRequest(resource=secret, policy=policy))
    assert emulator.get(path, authorization=token).code == 200
    assert emulator.call("DELETE", f"/v1/{secret}", authorization=token).code == 403
