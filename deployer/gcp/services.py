"""Calling a deployed function by hand, as the service account that may call it.

The caller needs `iam.serviceAccounts.getOpenIdToken` on that account (role
`roles/iam.serviceAccountOpenIdTokenCreator`).
"""

from __future__ import annotations

import json
from typing import Any

from deployer.gcp.failures import told
from deployer.gcp.session import Session
from deployer.target import Target

Json = Any


class Services:
    """The private functions of one target."""

    def __init__(self, target: Target, session: Session) -> None:
        self.session = session
        self.root = target.endpoints.credentials

    def token(self, email: str, audience: str) -> str:
        """An identity token (IAM Service Account Credentials: generateIdToken)."""
        url = f"{self.root}/v1/projects/-/serviceAccounts/{email}:generateIdToken"
        body = {"audience": audience, "includeEmail": True}
        return str(self.session.post(url, f"getting a token of {email}", body)["token"])

    def post(
        self, url: str, audience: str, email: str, body: Json, seconds: float
    ) -> tuple[int, bytes]:
        """(HTTP code, body) of whatever the function answers."""
        headers = {
            "Authorization": f"Bearer {self.token(email, audience)}",
            "Content-Type": "application/json",
        }
        with told(f"calling {url}"):
            import requests

            answer = requests.post(url, json.dumps(body), headers=headers, timeout=seconds)
        return answer.status_code, answer.content
