"""Cloud Storage's rows: `google.cloud.storage`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from google.api_core import exceptions
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotModified,
    PreconditionFailed,
    RequestRangeNotSatisfiable,
)
from google.api_core.exceptions import MethodNotImplemented as NotHere
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.oauth2.credentials import Credentials

from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("Cloud Storage")
CHUNK = 256 * 1024


@contextmanager
def client(place: Place, token: str = "") -> Iterator[storage.Client]:
    """The owner's, or that of who has `token` (as an Authorization header has it)."""
    made = storage.Client(
        project=PROJECT,
        credentials=Credentials(token.rsplit(maxsplit=1)[-1]) if token else AnonymousCredentials(),
        client_options={"api_endpoint": place.url},
    )
    try:
        yield made
    finally:
        made.close()


@contextmanager
def bucket(place: Place) -> Iterator[storage.Bucket]:
    with client(place) as made:
        yield made.bucket(place.bucket())


@ROWS.works("Client.create_bucket, get_bucket, list_buckets, lookup_bucket, Bucket.delete")
def _(place: Place) -> None:
    with client(place) as made:
        home = made.create_bucket(place.name, location="europe-west1")
        assert made.get_bucket(place.name).location == "EUROPE-WEST1"
        assert place.name in [one.name for one in made.list_buckets(prefix=place.name)]
        home.delete()
        assert made.lookup_bucket(place.name) is None


@ROWS.refuses("Client.create_bucket of one that is there", Conflict)
def _(place: Place) -> None:
    with client(place) as made:
        made.create_bucket(place.name)
        made.create_bucket(place.name)


@ROWS.refuses("Bucket.delete of one that is not empty", Conflict)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        home.delete()


@ROWS.works("Bucket.patch: labels, versioning, lifecycle, cors, retention, uniform access")
def _(place: Place) -> None:
    with bucket(place) as home:
        home.reload()
        home.labels = {"a": "1"}
        home.versioning_enabled = True
        home.add_lifecycle_delete_rule(age=3, matches_prefix=["runs/"])
        home.iam_configuration.uniform_bucket_level_access_enabled = True
        home.patch()
        assert home.client.get_bucket(home.name).labels == {"a": "1"}


@ROWS.works("Bucket.get_iam_policy, set_iam_policy, test_iam_permissions")
def _(place: Place) -> None:
    with bucket(place) as home:
        policy = home.get_iam_policy(requested_policy_version=3)
        member = f"serviceAccount:{place.emulator.account('conform')}"
        policy.bindings.append({"role": "roles/storage.objectViewer", "members": {member}})
        home.set_iam_policy(policy)
        assert home.test_iam_permissions(["storage.objects.get"]) == ["storage.objects.get"]


@ROWS.works("Blob.upload_from_string, download_as_bytes, exists, reload, delete")
def _(place: Place) -> None:
    with bucket(place) as home:
        blob = home.blob("a/ü")
        blob.upload_from_string(b"12345", content_type="text/x")
        assert blob.download_as_bytes(start=1, end=2) == b"23"
        blob.delete()
        assert not blob.exists()


@ROWS.works("Blob.open for writing and reading, resumable in chunks, checksums compared")
def _(place: Place) -> None:
    with bucket(place) as home:
        data = os.urandom(3 * CHUNK + 7)
        with home.blob("o").open("wb", chunk_size=CHUNK) as file:
            file.write(data)
        with home.blob("o").open("rb", chunk_size=CHUNK) as file:
            assert file.read() == data


@ROWS.refuses("Blob.download_as_bytes of one that is not there", NotFound)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("none").download_as_bytes()


@ROWS.refuses("Blob.download_as_bytes beyond the end", RequestRangeNotSatisfiable)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        home.blob("o").download_as_bytes(start=5)


@ROWS.refuses("Blob.upload_from_string(if_generation_match=0) over another", PreconditionFailed)
def _(place: Place) -> None:
    with bucket(place) as home:
        for _ in range(2):
            home.blob("o").upload_from_string("x", if_generation_match=0)


@ROWS.refuses("Blob.reload(if_generation_not_match=…) of the same", NotModified)
def _(place: Place) -> None:
    with bucket(place) as home:
        blob = home.blob("o")
        blob.upload_from_string("x")
        blob.reload(if_generation_not_match=blob.generation)


@ROWS.works("Blob.patch: metadata, custom time, storage class; holds")
def _(place: Place) -> None:
    with bucket(place) as home:
        blob = home.blob("o")
        blob.upload_from_string("x")
        blob.metadata = {"a": "1"}
        blob.temporary_hold = True
        blob.patch()
        assert home.get_blob("o").metadata == {"a": "1"}


@ROWS.refuses("Blob.delete of one under a hold", Forbidden)
def _(place: Place) -> None:
    with bucket(place) as home:
        blob = home.blob("o")
        blob.upload_from_string("x")
        blob.temporary_hold = True
        blob.patch()
        blob.delete()


@ROWS.works("Blob.compose, rewrite, Bucket.copy_blob, rename_blob, move_blob")
def _(place: Place) -> None:
    with bucket(place) as home:
        parts = [home.blob(name) for name in "ab"]
        for part in parts:
            part.upload_from_string(part.name)
        home.blob("c").compose(parts)
        home.copy_blob(home.blob("c"), home, "d")
        assert home.blob("e").rewrite(home.blob("d"))[0] is None
        home.rename_blob(home.blob("e"), "f")
        home.move_blob(home.blob("f"), "g")
        assert home.blob("g").download_as_bytes() == b"ab"


@ROWS.works("Client.list_blobs: prefix, delimiter, offsets, versions, match_glob, pages")
def _(place: Place) -> None:
    with bucket(place) as home:
        for name in ("a/1", "a/2", "b"):
            home.blob(name).upload_from_string(name)
        found = home.list_blobs(delimiter="/")
        assert ([one.name for one in found], found.prefixes) == (["b"], {"a/"})
        assert len(list(home.list_blobs(match_glob="a/*", page_size=1))) == 2


@ROWS.works("Client.batch of changes")
def _(place: Place) -> None:
    with bucket(place) as home:
        blobs = [home.blob(name) for name in "abc"]
        for blob in blobs:
            blob.upload_from_string("x")
        with home.client.batch():
            for blob in blobs:
                blob.delete()
        assert not list(home.list_blobs())


@ROWS.works("Blob.generate_signed_url(version='v4') for GET, HEAD, PUT, DELETE and RESUMABLE")
def _(place: Place) -> None:
    import base64
    import json

    from google.oauth2 import service_account

    account = place.emulator.account("url-signer")
    made = place.emulator.post(f"/v1/projects/{PROJECT}/serviceAccounts/{account}/keys", {})
    info = json.loads(base64.b64decode(made.json["privateKeyData"]))
    signer = service_account.Credentials.from_service_account_info(info)
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        policy = home.get_iam_policy()
        policy["roles/storage.objectViewer"] = {f"serviceAccount:{account}"}
        home.set_iam_policy(policy)
        url = home.blob("o").generate_signed_url(
            version="v4", expiration=timedelta(minutes=1), credentials=signer
        )
        assert place.emulator.get(url.removeprefix(place.url)).body == b"x"


@ROWS.works("Bucket.notification: create, list, delete")
def _(place: Place) -> None:
    with bucket(place) as home:
        home.notification("news", topic_project=PROJECT).create()
        (kept,) = home.list_notifications()
        kept.delete()


@ROWS.refuses("Bucket.list_blobs without the right", Forbidden)
def _(place: Place) -> None:
    name = place.bucket()
    token = place.emulator.token_of(place.emulator.account("nobody"))
    with client(place, token) as made:
        list(made.list_blobs(name))


@ROWS.refuses("BucketACL.reload under uniform bucket-level access", BadRequest)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.reload()
        home.iam_configuration.uniform_bucket_level_access_enabled = True
        home.patch()
        home.acl.reload()


@contextmanager
def uniform(place: Place) -> Iterator[storage.Bucket]:
    """A bucket with uniform access."""
    with bucket(place) as home:
        home.reload()
        home.iam_configuration.uniform_bucket_level_access_enabled = True
        home.patch()
        yield home


@ROWS.refuses("ObjectACL.reload under uniform bucket-level access", BadRequest)
def _(place: Place) -> None:
    with uniform(place) as home:
        home.blob("o").upload_from_string("x")
        home.blob("o").acl.reload()


@ROWS.refuses("Blob.make_public under uniform bucket-level access", BadRequest)
def _(place: Place) -> None:
    with uniform(place) as home:
        home.blob("o").upload_from_string("x")
        home.blob("o").make_public()


@ROWS.refuses("Blob.upload_from_string(predefined_acl=…) under uniform access", BadRequest)
def _(place: Place) -> None:
    with uniform(place) as home:
        home.blob("o").upload_from_string("x", predefined_acl="publicRead")


@ROWS.missing("Blob.upload_from_string(predefined_acl='publicRead')", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x", predefined_acl="publicRead")


@ROWS.missing("ObjectACL.reload, Blob.make_public without uniform bucket-level access", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        home.blob("o").make_public()


@ROWS.works("Blob.update_storage_class; rewrite to another place with a token")
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string(bytes(3 * CHUNK))
        home.blob("o").update_storage_class("NEARLINE")
        far = home.client.create_bucket(f"{place.name}-far", location="asia-east1")
        assert far.blob("o").rewrite(home.blob("o")) == (None, 3 * CHUNK, 3 * CHUNK)
        assert far.get_blob("o").storage_class == "STANDARD"


@ROWS.refuses("Blob.rewrite with a token of another rewrite", BadRequest)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        home.blob("p").rewrite(home.blob("o"), token="made-up")


@ROWS.missing("Client.list_blobs(soft_deleted=True)", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        list(home.list_blobs(soft_deleted=True))


@ROWS.missing("Bucket.restore_blob", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        blob = home.blob("o")
        blob.upload_from_string("x")
        blob.delete()
        home.restore_blob("o", generation=blob.generation)


@ROWS.missing("Client.create_hmac_key, list_hmac_keys", NotHere)
def _(place: Place) -> None:
    with client(place) as made:
        made.create_hmac_key(place.emulator.account("hmac-keys"))


@ROWS.missing("Client.generate_signed_post_policy_v4: the form", NotHere)
def _(place: Place) -> None:
    home = place.bucket()
    form = {"key": "o", "policy": "e30=", "file": ("o", b"x")}
    answer = place.emulator.http.request("POST", f"{place.url}/{home}", fields=form)
    assert b"POST policy" in answer.data
    raise exceptions.from_http_status(answer.status, answer.data.decode())


@ROWS.missing("Blob(encryption_key=…): a key that comes with the request", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o", encryption_key=bytes(32)).upload_from_string("x")


@ROWS.works("Blob.retention: mode, retain_until_time; override_unlocked_retention")
def _(place: Place) -> None:
    with retained(place, "Unlocked") as blob:
        assert blob.retention.mode == "Unlocked"
        blob.retention.mode = blob.retention.retain_until_time = None
        blob.patch(override_unlocked_retention=True)
        blob.delete()


@ROWS.refuses("Blob.delete of one under its own retention", Forbidden)
def _(place: Place) -> None:
    with retained(place, "Unlocked") as blob:
        blob.delete()


@ROWS.refuses("Blob.patch: a locked retention taken away", Forbidden)
def _(place: Place) -> None:
    with retained(place, "Locked") as blob:
        blob.retention.mode = blob.retention.retain_until_time = None
        blob.patch(override_unlocked_retention=True)


@ROWS.refuses("Blob.patch: retention where the bucket has it not enabled", BadRequest)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.blob("o").upload_from_string("x")
        retain(home.blob("o"), "Unlocked")


@contextmanager
def retained(place: Place, mode: str) -> Iterator[storage.Blob]:
    """An object that must stay for an hour."""
    with client(place) as made:
        home = made.create_bucket(place.name, enable_object_retention=True)
        assert home.object_retention_mode == "Enabled"
        blob = home.blob("o")
        blob.upload_from_string("x")
        retain(blob, mode)
        yield blob


def retain(blob: storage.Blob, mode: str) -> None:
    blob.retention.mode = mode
    blob.retention.retain_until_time = datetime.now(UTC) + timedelta(hours=1)
    blob.patch()


@ROWS.missing("BucketACL.reload without uniform bucket-level access", NotHere)
def _(place: Place) -> None:
    with bucket(place) as home:
        home.acl.reload()
