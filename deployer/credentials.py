"""Who calls Google: a key file, a CI job's own identity, whoever is logged in, or somebody else.

A target's `credentials:` names a file of a service account's key or of workload identity
federation (Google: "Configure Workload Identity Federation"); without it, application default
credentials are found as Google's clients find them. `impersonate:` acts as a service account
that the caller may act as, so nobody needs its key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer.errors import BlockliftError, UsageError

if TYPE_CHECKING:
    from deployer.gcp.session import Session

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
FEDERATED = "external_account"
SOMEBODY = "user:YOU"
"""Who calls, where Google does not say: to be filled in by hand."""
LOG_IN = "run `gcloud auth application-default login`"


def google_credentials(key_file: Path | None, impersonate: str, iam: str) -> Any:
    """google.auth credentials; `iam` is the root of the IAM Credentials API."""
    from google.auth import exceptions, impersonated_credentials

    try:
        source = from_file(key_file) if key_file else by_default()
    except (exceptions.GoogleAuthError, OSError, ValueError, KeyError) as error:
        raise UsageError(f"no Google credentials: {error}", LOG_IN) from error
    if not impersonate:
        return source
    return impersonated_credentials.Credentials(
        source,
        impersonate,
        [SCOPE],
        iam_endpoint_override=(
            f"{iam}/v1/projects/-/serviceAccounts/{impersonate}:generateAccessToken"
        ),
    )


def by_default() -> Any:
    import google.auth

    return google.auth.default(scopes=[SCOPE])[0]


def from_file(path: Path) -> Any:
    """By what the file says that it is."""
    from google.auth import aws, identity_pool
    from google.oauth2.service_account import Credentials

    about = json.loads(path.read_text())
    if about.get("type") != FEDERATED:
        return Credentials.from_service_account_info(about, scopes=[SCOPE])
    on_aws = "environment_id" in about.get("credential_source", {})
    kind = aws.Credentials if on_aws else identity_pool.Credentials
    made: Any = kind
    return made.from_info(about, scopes=[SCOPE])


def member(session: Session, people: str) -> str:
    """Whoever calls, as policies name them; `people` is the root of Google's userinfo API.

    Service accounts know their own name. Of a person the token is asked, which tells the e-mail
    address when it was given for that, too (`gcloud auth application-default login` asks for it).
    """
    known = getattr(session.http, "credentials", None)
    email = str(getattr(known, "service_account_email", None) or "")
    if "@" not in email:
        try:
            email = str(session.get(f"{people}/v1/userinfo", "asking who calls").get("email") or "")
        except BlockliftError:
            email = ""
    if not email:
        return SOMEBODY
    kind = "serviceAccount" if email.endswith(".gserviceaccount.com") else "user"
    return f"{kind}:{email}"
