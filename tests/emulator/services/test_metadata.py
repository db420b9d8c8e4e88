"""The metadata server as google-auth asks it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FLAVOR = {"metadata_flavor": "Google"}
V1 = "/computeMetadata/v1"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("project/project-id", b"blocklift-local"),
        ("instance/service-accounts/default/email", b"owner@localhost"),
        ("instance/service-accounts/owner@localhost/email", b"owner@localhost"),
        ("universe/universe-domain", b"googleapis.com"),
        ("instance/service-accounts/", b"default/\nowner@localhost/\n"),
    ],
)
def test_leaves_and_directories(emulator, path: str, body: bytes) -> None:
    answer = emulator.get(f"{V1}/{path}", **FLAVOR)
    assert (answer.code, answer.body) == (200, body)
    assert answer.headers["metadata-flavor"] == "Google"


def test_recursive(emulator) -> None:
    about = emulator.get(f"{V1}/?recursive=true", **FLAVOR).json
    assert about["project"]["projectId"] == "blocklift-local"
    assert isinstance(about["project"]["numericProjectId"], int)
    account = emulator.get(f"{V1}/instance/service-accounts/default/?recursive=true", **FLAVOR)
    assert account.json["aliases"] == ["default"]


def test_the_root_says_what_it_is(emulator) -> None:
    assert emulator.get("/", **FLAVOR).headers["metadata-flavor"] == "Google"


def test_no_page_can_ask(emulator) -> None:
    token = f"{V1}/instance/service-accounts/default/token"
    assert emulator.get(token).code == 403
    assert emulator.get(token, x_forwarded_for="1.2.3.4", **FLAVOR).code == 403


def test_tokens(emulator) -> None:
    base = f"{V1}/instance/service-accounts/default"
    token = emulator.get(f"{base}/token?scopes=a", **FLAVOR).json
    assert token["token_type"] == "Bearer"
    bearer = f"Bearer {token['access_token']}"
    assert emulator.get("/v3/projects/blocklift-local", authorization=bearer).code == 200
    identity = emulator.get(f"{base}/identity?audience=https://a&format=full", **FLAVOR)
    assert identity.body.count(b".") == 2
    assert emulator.get(f"{base}/identity", **FLAVOR).code == 400


@pytest.mark.parametrize("path", ["nothing", "instance/service-accounts/x@y/email"])
def test_what_is_not_there(emulator, path: str) -> None:
    assert emulator.get(f"{V1}/{path}", **FLAVOR).code == 404


def test_a_service_that_is_not_there(emulator) -> None:
    path = f"/md/no-such-service{V1}/instance/service-accounts/default/token"
    assert emulator.get(path, **FLAVOR).code == 404


def test_google_auth_finds_its_credentials_there(emulator) -> None:
    code = (
        "import google.auth, google.auth.transport.requests as r\n"
        "credentials, project = google.auth.default()\n"
        "credentials.refresh(r.Request())\n"
        "print(project, credentials.token[:5])\n"
    )
    host = emulator.url.removeprefix("http://")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}
    environment["CLOUDSDK_CONFIG"] = str(emulator.data / "no-gcloud")
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert told.stdout.split() == ["blocklift-local", "ya29."]
