"""Rows of finished queries: one Arrow file each, written and read without being held whole."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from emulator.bigquery.errors import BigQueryError
from emulator.bigquery.leash import current

LARGEST = 10 << 30
"""Google: "Quotas and limits", maximum response size (of compressed rows there)."""


class Results:
    """By job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, rows: Any) -> Any:
        """Rows of an Arrow table or reader; the table that now lies in the file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(name)
        part = path.with_suffix(".part")
        try:
            _write(part, rows, min(LARGEST, shutil.disk_usage(self._folder).free // 2))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.rename(path)
        return Kept(name, self.open(name))

    def link(self, name: str, other: str) -> None:
        """The rows of `name` are those of `other` as well."""
        target = self._path(other)
        target.unlink(missing_ok=True)
        os.link(self._path(name), target)

    def settle(self, name: str) -> None:
        """Of a job that was cut off: rows that it had written become its own."""
        if self._path(f"{name}#0").exists():
            self.link(f"{name}#0", name)
            self.drop(f"{name}#0")

    def open(self, name: str) -> Any | None:
        """The Arrow table; None for a job without rows."""
        import pyarrow as pa

        path = self._path(name)
        if not path.exists():
            return None
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    def drop(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.arrow"


class Kept:
    """Rows in a file."""

    def __init__(self, name: str, rows: Any) -> None:
        self.name = name
        self.rows = rows


def _write(path: Path, rows: Any, most: int) -> None:
    import pyarrow as pa

    batches = rows.to_batches(65_536) if isinstance(rows, pa.Table) else rows
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            current().check()
            if sink.tell() > most:
                raise BigQueryError("responseTooLarge", "Response too large to return. Consider "
                                    "specifying a destination table.")  # fmt: skip
