"""Every way to be somebody for Google, over real sockets: the local cloud checks who that is."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from deployer.credentials import google_credentials, member
from deployer.doctor import rights
from deployer.errors import NotAllowed, UsageError
from deployer.gcp.projects import Projects
from deployer.gcp.session import Session
from deployer.target import Endpoints, Target
from tests.deployer.tokens import TokenServer, token_server

PROJECT = "blocklift-local"
CREATOR = "roles/iam.serviceAccountTokenCreator"
_numbers = count()


def post(url: str, body: Any = None) -> Any:
    answer = requests.post(url, json=body or {}, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture
def account(emulator: str) -> str:
    """The email of a service account that may do nothing."""
    body = {"accountId": f"deployer-{next(_numbers)}"}
    return str(post(f"{emulator}/v1/projects/{PROJECT}/serviceAccounts", body)["email"])


@pytest.fixture
def key(emulator: str, account: str, tmp_path: Path) -> Path:
    """Its key file, whose tokens the local cloud gives."""
    made = post(f"{emulator}/v1/projects/{PROJECT}/serviceAccounts/{account}/keys")
    told = json.loads(b64decode(made["privateKeyData"]))
    path = tmp_path / "key.json"
    path.write_text(json.dumps({**told, "token_uri": f"{emulator}/token"}))
    return path


@pytest.fixture
def target(emulator: str) -> Target:
    """The local cloud, asked as somebody's."""
    return Target("prod", PROJECT, "europe-west1", "bucket", endpoints=Endpoints.all_at(emulator))


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with token_server() as server:
        yield server


def allow(emulator: str, role: str, email: str) -> None:
    """On the project, beside what is there."""
    url = f"{emulator}/v3/projects/{PROJECT}"
    policy = post(f"{url}:getIamPolicy")
    binding = {"role": role, "members": [f"serviceAccount:{email}"]}
    policy["bindings"] = [*policy.get("bindings", ()), binding]
    post(f"{url}:setIamPolicy", {"policy": policy})


def held(target: Target) -> set[str]:
    """Permissions that a deploy needs and this caller has."""
    projects = Projects(target, Session(target.http()))
    return {f.what.split()[-1] for f in rights(target, projects) if f.fine}


def test_a_key_file_is_its_account(emulator: str, target: Target, key: Path, account: str) -> None:
    keyed = replace(target, key_file=key)
    assert held(keyed) == set()
    allow(emulator, "roles/secretmanager.admin", account)
    assert held(keyed) == {"secretmanager.secrets.create"}


def test_who_impersonates_has_the_others_rights_if_it_may(
    emulator: str, target: Target, key: Path, account: str
) -> None:
    other = str(
        post(
            f"{emulator}/v1/projects/{PROJECT}/serviceAccounts",
            {"accountId": f"other-{next(_numbers)}"},
        )["email"]
    )
    allow(emulator, "roles/workflows.editor", other)
    acting = replace(target, key_file=key, impersonate=other)
    with pytest.raises(NotAllowed, match="impersonated credentials") as refused:
        held(acting)
    assert CREATOR in refused.value.hint
    allow(emulator, CREATOR, account)
    assert held(acting) == {"workflows.workflows.create"}


def federated(tokens: TokenServer, folder: Path, **more: str) -> Path:
    """What `gcloud iam workload-identity-pools create-cred-config` writes for a CI job."""
    (folder / "ci-token").write_text("signed by the CI")
    pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci"
    path = folder / "federated.json"
    path.write_text(
        json.dumps(
            {
                "type": "external_account",
                "audience": pool,
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "token_url": f"{tokens.url}/v1/token",
                "credential_source": {"file": str(folder / "ci-token")},
                **more,
            }
        )
    )
    return path


def access_token(key: Path, emulator: str) -> str:
    from google.auth.transport.requests import Request

    credentials = google_credentials(key, "", emulator)
    credentials.refresh(Request())
    return str(credentials.token)


@pytest.mark.parametrize("named", [True, False], ids=["credentials:", "by default"])
def test_a_ci_job_needs_no_key(
    emulator: str,
    target: Target,
    key: Path,
    account: str,
    tokens: TokenServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    """Its own token becomes one of Google's, and with that it acts as the deployer."""
    tokens.answer = access_token(key, emulator)
    allow(emulator, "roles/cloudscheduler.admin", account)
    allow(emulator, CREATOR, account)
    url = f"{emulator}/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
    path = federated(tokens, tmp_path, service_account_impersonation_url=url)
    if not named:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    found = held(replace(target, key_file=path) if named else target)
    assert "cloudscheduler.jobs.create" in found
    (asked,) = tokens.asked
    assert asked["subject_token"] == ["signed by the CI"]
    assert "workloadIdentityPools/ci" in asked["audience"][0]


def test_a_token_that_nobody_believes_is_told(
    target: Target, tokens: TokenServer, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed, match="attribute condition"):
        held(replace(target, key_file=federated(tokens, tmp_path)))


@pytest.mark.parametrize("text", ["", "{}", "no json"])
def test_a_file_that_is_no_key_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="no Google credentials"):
        google_credentials(path, "", "")


class Http:
    def __init__(self, email: str | None) -> None:
        self.credentials = Named(email)


class Named:
    """Credentials of a service account, or of a person when there is no e-mail address."""

    def __init__(self, email: str | None) -> None:
        if email:
            self.service_account_email = email


class Asking:
    def __init__(self, email: str | None, answer: dict[str, str]) -> None:
        self.http = Http(email)
        self.answer = answer

    def get(self, _url: str, _doing: str) -> dict[str, str]:
        return self.answer


@pytest.mark.parametrize(
    ("email", "answer", "who"),
    [
        ("ci@acme.iam.gserviceaccount.com", {}, "serviceAccount:ci@acme.iam.gserviceaccount.com"),
        ("default", {"email": "1-compute@developer.gserviceaccount.com"},
         "serviceAccount:1-compute@developer.gserviceaccount.com"),
        (None, {"email": "ada@example.com"}, "user:ada@example.com"),
        (None, {"sub": "123"}, "user:YOU"),
    ],
)  # fmt: skip
def test_who_calls(email: str | None, answer: dict[str, str], who: str) -> None:
    session: Any = Asking(email, answer)
    assert member(session, "https://openidconnect.googleapis.com") == who
