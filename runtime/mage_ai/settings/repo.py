"""Where the project is. Everything answers for the one project of this bundle."""

from __future__ import annotations

import os
from typing import Any

from runtime.context import REPO_PATH, repo_path


def get_repo_path(
    context_data: Any = None,
    file_path: str | None = None,
    root_project: bool = False,
    absolute_path: bool = True,
    user: Any = None,
    **_options: Any,
) -> str:
    """Absolute path of the project's folder, or its name."""
    path = repo_path()
    return path if absolute_path else os.path.basename(path)  # noqa: PTH119 (text in, text out)


def base_repo_path(**_options: Any) -> str:
    return get_repo_path()


def get_repo_name(**_options: Any) -> str:
    return os.path.basename(get_repo_path())  # noqa: PTH119 (text in, text out)


def set_repo_path(repo_path: str) -> None:
    os.environ[REPO_PATH] = repo_path


def get_data_dir() -> str:
    """A folder that can be written to; it does not outlive the function's instance."""
    return os.environ.get("MAGE_DATA_DIR") or "/tmp/mage_data"  # noqa: S108 (the only place there is)


def get_variables_dir(**_options: Any) -> str:
    return get_data_dir()


def get_metadata_path(**_options: Any) -> str:
    return f"{get_repo_path()}/metadata.yaml"
