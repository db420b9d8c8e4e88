"""What can go wrong between a zip and an answer, and who should act."""

from __future__ import annotations


class HostError(Exception):
    """Everything that this package raises on purpose."""


class BuildError(HostError):
    """The author fixes the source or its requirements; the text goes to the build's log."""


class StartError(HostError):
    """The function did not come up: an import failed or the entry point is not there."""


class InstanceDied(HostError):
    """The process ended while a request was in it."""


class NoCapacity(HostError):
    """All instances stayed busy for as long as a request may wait (429)."""
