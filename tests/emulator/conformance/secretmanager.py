"""Secret Manager's rows: Google's client with its default transport, gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound
from google.cloud.secretmanager import SecretManagerServiceClient
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)

from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("Secret Manager")
PARENT = f"projects/{PROJECT}"
AUTOMATIC = {"replication": {"automatic": {}}}


@contextmanager
def desk(place: Place) -> Iterator[tuple[SecretManagerServiceClient, str]]:
    """The client and a new secret."""
    with grpc.insecure_channel(place.grpc) as channel:
        grpc.channel_ready_future(channel).result(60)
        transport = SecretManagerServiceGrpcTransport(channel=channel)
        client = SecretManagerServiceClient(transport=transport)
        made = client.create_secret(parent=PARENT, secret_id=place.name, secret=AUTOMATIC)
        yield client, made.name


@ROWS.works("SecretManagerServiceClient.create_secret, get_secret, list_secrets, delete_secret")
def _(place: Place) -> None:
    with desk(place) as (client, name):
        assert client.get_secret(name=name).name == name
        assert name in [secret.name for secret in client.list_secrets(parent=PARENT)]
        client.delete_secret(name=name)


@ROWS.works("SecretManagerServiceClient.add_secret_version, access_secret_version, list")
def _(place: Place) -> None:
    with desk(place) as (client, name):
        made = client.add_secret_version(parent=name, payload={"data": b"x"})
        got = client.access_secret_version(name=f"{name}/versions/latest")
        assert (got.name, got.payload.data) == (made.name, b"x")
        assert [v.name for v in client.list_secret_versions(parent=name)] == [made.name]


@ROWS.works("SecretManagerServiceClient.enable, disable, destroy_secret_version")
def _(place: Place) -> None:
    with desk(place) as (client, name):
        made = client.add_secret_version(parent=name, payload={"data": b"x"}).name
        assert client.disable_secret_version(name=made).state.name == "DISABLED"
        assert client.enable_secret_version(name=made).state.name == "ENABLED"
        assert client.destroy_secret_version(name=made).state.name == "DESTROYED"


@ROWS.works("SecretManagerServiceClient.update_secret: labels, version_aliases")
def _(place: Place) -> None:
    with desk(place) as (client, name):
        client.add_secret_version(parent=name, payload={"data": b"x"})
        changed = {"name": name, "labels": {"a": "b"}, "version_aliases": {"prod": 1}}
        mask = {"paths": ["labels", "version_aliases"]}
        assert client.update_secret(secret=changed, update_mask=mask).labels == {"a": "b"}
        got = client.access_secret_version(name=f"{name}/versions/prod")
        assert got.payload.data == b"x"


@ROWS.refuses("SecretManagerServiceClient.create_secret of one that is there", AlreadyExists)
def _(place: Place) -> None:
    with desk(place) as (client, _):
        client.create_secret(parent=PARENT, secret_id=place.name, secret=AUTOMATIC)


@ROWS.refuses("SecretManagerServiceClient.access_secret_version: none there", NotFound)
def _(place: Place) -> None:
    with desk(place) as (client, name):
        client.access_secret_version(name=f"{name}/versions/latest")


@ROWS.refuses("SecretManagerServiceClient.access_secret_version: disabled", FailedPrecondition)
def _(place: Place) -> None:
    with desk(place) as (client, name):
        made = client.add_secret_version(parent=name, payload={"data": b"x"}).name
        client.disable_secret_version(name=made)
        client.access_secret_version(name=made)


@ROWS.refuses("SecretManagerServiceClient.add_secret_version: checksum", InvalidArgument)
def _(place: Place) -> None:
    with desk(place) as (client, name):
        client.add_secret_version(parent=name, payload={"data": b"x", "data_crc32c": 1})
