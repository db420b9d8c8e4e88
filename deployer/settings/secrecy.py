"""What never leaves this machine inside a bundle, whoever asks for it.

Names that hold credentials by custom, and files that show by their content that they are keys.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import accumulate, filterfalse
from pathlib import Path, PurePath

FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".blocklift", ".variables", ".file_versions", ".logs", "mage_data"}
    | {"secrets", ".secrets", ".ssh", ".aws", ".gcloud", ".azure", ".kube", ".terraform"}
    | {"__pycache__", ".venv", "venv", "node_modules", ".ipynb_checkpoints", ".pytest_cache"}
    | {".mypy_cache", ".ruff_cache", ".idea", ".vscode", ".dbt", ".user.yml"}
)
NAMES = re.compile(
    r"""(?xi)
      \.env(\..*)? | .*\.env | env\.(prod|dev|staging|local)
    | .*\.(pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg|ppk|crt\.key|tfstate|tfstate\..*)
    | id_(rsa|dsa|ecdsa|ed25519)(\..*)?
    | \.(netrc|pgpass|pypirc|npmrc|htpasswd|dockercfg|boto|s3cfg|git-credentials|databrickscfg)
    | (application_default_)?credentials?(\.json|\.db|\.yaml|\.yml|\.csv)?
    | client_secrets?.*\.json | .*service[_-]?account.*\.json | .*[_-]keyfile\.json
    | (.*[._-])?keys?\.json | token\.(json|pickle)
    | mage-ai\.db.* | \.preferences\.yaml | \.DS_Store | .*\.py[co]
    | \.mage_temp_profiles.*
    """
)
TEMPLATES = re.compile(r"(?i).*\.(example|sample|template|dist)$")
"""`.env.example` holds no secret, but no block needs it either."""
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
SERVICE_ACCOUNT = re.compile(
    rb'"type"\s*:\s*"(?:service_account|authorized_user|external_account)"'
)
LOOKED_AT = 256 * 1024


def is_private(path: Path, root: Path, plain: set[str] | None = None) -> bool:
    """Never to be bundled: by its place, its name, or what it begins with. Who asks for many
    files at one moment keeps in `plain` the folders that are no links.
    """
    try:
        inside = _place(path, root, set() if plain is None else plain)
    except (ValueError, OSError):
        return True
    return is_private_name(inside) or is_private_name(path) or _holds_key(path)


def _place(path: Path, root: Path, plain: set[str]) -> PurePath:
    """Where it really is below `root`; ValueError for anything outside. Only where there is a
    link on the way, the way is gone in full.
    """
    written, above = str(path), f"{root}{os.sep}"
    names = PurePath(written.removeprefix(above)).parts
    steps = list(accumulate(names, lambda way, name: f"{way}{os.sep}{name}", initial=str(root)))
    links = map(os.path.islink, filterfalse(plain.__contains__, steps))
    if not written.startswith(above) or os.pardir in names or any(links):
        return path.resolve().relative_to(_resolved(root))
    plain.update(steps[:-1])
    return PurePath(*names)


@lru_cache(maxsize=256)
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def is_private_name(path: PurePath) -> bool:
    hidden = any(part.lower() in FOLDERS for part in path.parts)
    return hidden or NAMES.fullmatch(path.name) is not None


def _holds_key(path: Path) -> bool:
    if path.suffix == ".py":
        return False  # code may speak of keys; `settings.literals` looks at what it says
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except OSError:
        return True
    return bool(PRIVATE_KEY.search(start) or SERVICE_ACCOUNT.search(start))
