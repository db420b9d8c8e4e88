"""Where the project is, under an older name."""

from __future__ import annotations

from runtime.mage_ai.settings.repo import base_repo_path

__all__ = ["base_repo_path"]
