"""Which credentials Google's clients get: the function's own identity, or a key that is real.

Mage demands a key in io_config.yaml; its template ships placeholders. In a function the
service account is the identity (application default credentials), so a key counts only if
it can be read and the function is not talking to the local cloud.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runtime.libraries import library


def key_of(config: Any) -> dict[str, Any]:
    """Constructor arguments for a class of `mage_ai.io`, from io_config."""
    mapping = config["GOOGLE_SERVICE_ACC_KEY"]
    if mapping:
        return {"credentials_mapping": mapping}
    path = config["GOOGLE_SERVICE_ACC_KEY_FILEPATH"]
    return {"path_to_credentials": path} if path else {}


def credentials_from(
    mapping: Mapping[str, Any] | None, path: str | None, scopes: Sequence[str]
) -> Any:
    """A service account's credentials, or None for the function's own identity."""
    if os.environ.get("API_ENDPOINT_OVERRIDE"):
        return None
    if mapping and _is_real(mapping):
        kind = library("google.oauth2.service_account", "google-auth", "a service account key")
        return kind.Credentials.from_service_account_info(dict(mapping), scopes=scopes)
    if path and Path(path).is_file():
        kind = library("google.oauth2.service_account", "google-auth", "a service account key")
        return kind.Credentials.from_service_account_file(path, scopes=scopes)
    return None


def _is_real(mapping: Mapping[str, Any]) -> bool:
    """Not the template's text, whose private key holds no key."""
    return len(str(mapping.get("private_key", ""))) > 800
