"""What Studio refuses with: one message and one hint, shown to the person as text."""

from __future__ import annotations

from studio.server.messages import EditConflict


class StudioError(Exception):
    """A refusal with an HTTP status."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.hint = hint


class Changed(StudioError):
    """A file changed since the editor read it; nothing was written."""

    def __init__(self, conflict: EditConflict) -> None:
        super().__init__(409, f"{conflict.path} changed since you opened it")
        self.conflict = conflict


def missing(what: str) -> StudioError:
    return StudioError(404, f"There is no {what}")
