"""The local cloud of the stories serves here too."""

from __future__ import annotations

from tests.story.conftest import world

__all__ = ["world"]
