"""Signed URLs, made by Google's own client and opened by anybody who has them."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.oauth2 import service_account

from emulator.services.storage.ask import StorageError
from emulator.services.storage.signing import Signed

ADMIN = "roles/storage.objectAdmin"
HTTP = urllib3.PoolManager()


@pytest.fixture
def account(emulator, bucket: str, fresh_name: str) -> str:
    """A service account that may do everything with the bucket's objects."""
    made = emulator.account(f"signer-{fresh_name}")
    binding = {"role": ADMIN, "members": [f"serviceAccount:{made}"]}
    policy = {"version": 3, "bindings": [binding]}
    assert emulator.call("PUT", f"/storage/v1/b/{bucket}/iam", policy).code == 200
    return made


@pytest.fixture
def signer(emulator, account: str) -> service_account.Credentials:
    """Its key file, as `gcloud iam service-accounts keys create` writes it."""
    path = f"/v1/projects/blocklift-local/serviceAccounts/{account}/keys"
    key = emulator.post(path, {}).json["privateKeyData"]
    return service_account.Credentials.from_service_account_info(json.loads(base64.b64decode(key)))


@pytest.fixture
def sign(google_bucket: storage.Bucket, signer) -> Callable[..., str]:
    def made(name: str, method: str = "GET", seconds: int = 60, **more: Any) -> str:
        return google_bucket.blob(name).generate_signed_url(
            version="v4",
            expiration=timedelta(seconds=seconds),
            method=method,
            credentials=signer,
            **more,
        )

    return made


def fetch(method: str, url: str, body: bytes | None = None, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTP.request(method, url, body=body, headers=sent, retries=False)


@pytest.mark.parametrize("name", ["plain", "a/b c/ü%&+~.txt", "q?x=1#y"])
def test_put_and_get(google_bucket: storage.Bucket, sign, name: str) -> None:
    put = fetch("PUT", sign(name, "PUT", content_type="text/x"), b"bytes", content_type="text/x")
    assert put.status == 200, put.data
    got = fetch("GET", sign(name))
    assert (got.status, got.data, got.headers["content-type"]) == (200, b"bytes", "text/x")
    assert google_bucket.blob(name).download_as_bytes() == b"bytes"
    assert fetch("HEAD", sign(name, "HEAD")).headers["x-goog-stored-content-length"] == "5"
    assert fetch("DELETE", sign(name, "DELETE")).status == 204
    assert not google_bucket.blob(name).exists()


def test_what_the_answer_shall_look_like(google_bucket: storage.Bucket, sign) -> None:
    google_bucket.blob("o").upload_from_string("x")
    url = sign("o", response_type="text/csv", response_disposition="attachment; filename=a.csv")
    told = fetch("GET", url).headers
    assert told["content-type"] == "text/csv"
    assert told["content-disposition"] == "attachment; filename=a.csv"


def test_a_resumable_upload_starts_by_a_signed_url(google_bucket: storage.Bucket, sign) -> None:
    url = sign("big", "RESUMABLE", content_type="text/big")
    begun = fetch("POST", url, b"", x_goog_resumable="start", content_type="text/big")
    assert begun.status == 201, begun.data
    where = begun.headers["location"]
    first = os.urandom(256 * 1024)
    part = fetch("PUT", where, first, content_range=f"bytes 0-{len(first) - 1}/{len(first) + 3}")
    assert (part.status, part.headers["range"]) == (308, f"bytes=0-{len(first) - 1}")
    last = f"bytes {len(first)}-{len(first) + 2}/{len(first) + 3}"
    assert fetch("PUT", where, b"end", content_range=last).status == 200
    blob = google_bucket.get_blob("big")
    assert (blob.size, blob.content_type) == (len(first) + 3, "text/big")


def test_signed_by_iam_without_a_key(emulator, account: str, google_bucket) -> None:
    """As a function does it: its own token, and IAM's signBlob (through the same client)."""
    google_bucket.blob("o").upload_from_string("by iam")
    grant = {
        "role": "roles/iam.serviceAccountTokenCreator",
        "members": [f"serviceAccount:{account}"],
    }
    name = f"/v1/projects/blocklift-local/serviceAccounts/{account}"
    assert emulator.post(f"{name}:setIamPolicy", {"policy": {"bindings": [grant]}}).code == 200

    def blob(payload: bytes) -> bytes:
        body = {"payload": base64.b64encode(payload).decode()}
        path = f"/v1/projects/-/serviceAccounts/{account}:signBlob"
        made = emulator.post(path, body, authorization=emulator.token_of(account))
        return base64.b64decode(made.json["signedBlob"])

    class ByIam(AnonymousCredentials, service_account.credentials.Signing):
        signer_email = account
        signer = None

        def sign_bytes(self, message: bytes) -> bytes:
            return blob(message)

    url = google_bucket.blob("o").generate_signed_url(
        version="v4", expiration=60, credentials=ByIam()
    )
    assert fetch("GET", url).data == b"by iam"


def test_a_wrong_signature_shows_what_it_should_be_made_of(google_bucket, sign) -> None:
    google_bucket.blob("o").upload_from_string("x")
    url = sign("o")
    refused = fetch("GET", url[:-4] + ("0000" if url[-4:] != "0000" else "1111"))
    assert refused.status == 403
    assert b"<Code>SignatureDoesNotMatch</Code><Message>Access denied.</Message>" in refused.data
    assert b"<StringToSign>GOOG4-RSA-SHA256\n" in refused.data
    assert b"<CanonicalRequest>GET\n" in refused.data


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("PUT", ("", "")),
        ("GET", ("/o?", "/p?")),
        ("GET", ("X-Goog-Expires=60", "X-Goog-Expires=61")),
    ],
)
def test_a_url_is_good_for_what_was_signed(google_bucket, sign, method, change) -> None:
    for name in ("o", "p"):
        google_bucket.blob(name).upload_from_string("x")
    refused = fetch(method, sign("o").replace(*change))
    assert (refused.status, b"SignatureDoesNotMatch" in refused.data) == (403, True)


def test_a_signed_header_must_come_as_signed(sign) -> None:
    url = sign("o", "PUT", headers={"x-goog-meta-a": "1"})
    assert fetch("PUT", url, b"x", x_goog_meta_a="2").status == 403
    assert fetch("PUT", url, b"x", x_goog_meta_a="1").status == 200


def test_the_signer_needs_the_right(emulator, bucket: str, google_bucket, sign) -> None:
    google_bucket.blob("o").upload_from_string("x")
    url = sign("o")
    emulator.call("PUT", f"/storage/v1/b/{bucket}/iam", {"bindings": []})
    refused = fetch("GET", url)
    assert (refused.status, b"storage.objects.get" in refused.data) == (403, True)


def test_a_deleted_key_signs_no_more(emulator, account: str, google_bucket, sign) -> None:
    google_bucket.blob("o").upload_from_string("x")
    url = sign("o")
    keys = f"/v1/projects/blocklift-local/serviceAccounts/{account}/keys"
    (key,) = emulator.get(keys).json["keys"]
    assert emulator.call("DELETE", f"/v1/{key['name']}").code == 200
    assert fetch("GET", url).status == 403


# -- times, without a server ----------------------------------------------------------------

QUERY = (
    "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%40b%2F20260131%2Fauto%2Fstorage"
    "%2Fgoog4_request&X-Goog-Date=20260131T120000Z&X-Goog-Expires={}&X-Goog-SignedHeaders=host"
    "&X-Goog-Signature=00"
)
NOON = 1769860800.0


def verdict(now: float, expires: str = "60", query: str = QUERY) -> str:
    request = Signed.of("GET", "/b/o", query.format(expires), {b"host": b"storage.googleapis.com"})
    try:
        return request.account(now, lambda *_: True)
    except StorageError as error:
        return f"{error.code} {error.reason}"


def test_a_url_is_good_between_its_times() -> None:
    assert verdict(NOON) == "a@b"
    assert verdict(NOON + 59) == "a@b"
    assert verdict(NOON - 899) == "a@b"
    assert verdict(NOON + 60) == "400 ExpiredToken"
    assert verdict(NOON - 901) == "403 RequestTimeTooSkewed"


@pytest.mark.parametrize("expires", ["0", "-1", "604801", "soon", ""])
def test_how_long_it_may_last(expires: str) -> None:
    assert verdict(NOON, expires) == "400 InvalidArgument"


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"),
        ("goog4_request", "aws4_request"),
        ("20260131%2Fauto", "20260130%2Fauto"),
        ("SignedHeaders=host", "SignedHeaders=date"),
        ("X-Goog-Date", "X-Goog-When"),
    ],
)
def test_what_is_no_v4_signature(part: str, other: str) -> None:
    assert verdict(NOON, query=QUERY.replace(part, other)) == "400 InvalidArgument"
