"""Mage's template functions, in Jinja: io_config.yaml, SQL blocks, metadata.

Unknown names render as nothing and an unset `env_var` as `None`, as in Mage. Secrets come
from the environment; AWS, Azure and Google secret stores are asked when a template does.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from runtime.libraries import library


def render(text: str, names: Mapping[str, Any] | None = None) -> str:
    """The text with its expressions evaluated; plain text is returned as it is."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    environment = library("jinja2", feature="a template").Environment(keep_trailing_newline=True)
    rendered: str = environment.from_string(text).render({**FUNCTIONS, **(names or {})})
    return rendered


def load_yaml(text: str) -> Any:
    return library("yaml", "pyyaml", "reading YAML").safe_load(text)


def env_var(name: str, default: Any = None) -> Any:
    return os.environ.get(name, default)


def secret_value(name: str) -> str | None:
    """An environment variable of that name, or of the name as a variable may be spelled."""
    plain = re.sub(r"\W", "_", name)
    for spelled in (name, plain, plain.upper()):
        if spelled in os.environ:
            return os.environ[spelled]
    print(f"WARNING: no secret named {name!r} is mounted into this function")
    return None


def json_value(text: Any, key: str) -> Any:
    """One key of a JSON object that is given as text."""
    return (json.loads(text) if isinstance(text, str | bytes) else text or {}).get(key)


def aws_secret_var(secret_id: str, **options: Any) -> Any:
    boto3 = library("boto3", feature="aws_secret_var")
    answer = boto3.client("secretsmanager").get_secret_value(SecretId=secret_id, **options)
    return answer.get("SecretString", answer.get("SecretBinary"))


def azure_secret_var(name: str) -> Any:
    identity = library("azure.identity", "azure-identity", "azure_secret_var")
    secrets = library("azure.keyvault.secrets", "azure-keyvault-secrets", "azure_secret_var")
    vault = os.environ["AZURE_KEY_VAULT_URL"]
    client = secrets.SecretClient(vault_url=vault, credential=identity.DefaultAzureCredential())
    return client.get_secret(name).value


def gcp_secret_var(name: str) -> str:
    """The latest version of a secret in Secret Manager, read as this function's identity."""
    import base64

    from runtime.web import call_json, endpoint, project_id

    secret = name if name.startswith("projects/") else f"projects/{project_id()}/secrets/{name}"
    version = secret if "/versions/" in secret else f"{secret}/versions/latest"
    answer = call_json("GET", f"{endpoint('secretmanager')}/v1/{version}:access")
    return base64.b64decode(answer["payload"]["data"]).decode()


FUNCTIONS = {
    "env_var": env_var,
    "mage_secret_var": secret_value,
    "json_value": json_value,
    "aws_secret_var": aws_secret_var,
    "azure_secret_var": azure_secret_var,
    "gcp_secret_var": gcp_secret_var,
}
