"""Rows of finished queries: one Arrow file each, read in pages without being read whole."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


class Results:
    """By job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, job: str, table: Any) -> None:
        import pyarrow as pa

        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(job)
        part = path.with_suffix(".part")
        with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        part.rename(path)

    def open(self, job: str) -> Any | None:
        """The Arrow table; None for a job without rows."""
        import pyarrow as pa

        path = self._path(job)
        if not path.exists():
            return None
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    def drop(self, job: str) -> None:
        self._path(job).unlink(missing_ok=True)

    def _path(self, job: str) -> Path:
        return self._folder / f"{hashlib.sha256(job.encode()).hexdigest()[:32]}.arrow"
