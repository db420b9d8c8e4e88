"""Rows of finished queries: one Arrow file each, written and read without being held whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
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
        self.grown = 0
        """Bytes that were added since it was tidied."""

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
        self.grown += path.stat().st_size
        return Kept(name, self.open(name))

    def link(self, name: str, other: str) -> None:
        """The rows of `name` are those of `other` as well."""
        target = self._path(other)
        target.unlink(missing_ok=True)
        os.link(self._path(name), target)

    def lend(self, name: str, other: Results, as_name: str) -> None:
        """The same rows among others, which may be dropped on their own."""
        other._folder.mkdir(parents=True, exist_ok=True)
        os.link(self._path(name), other._path(as_name))

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

    def tidy(self, age: float, most: int) -> None:
        """What is older than `age` seconds goes, and the oldest of over `most` bytes."""
        self.grown = 0
        found = sorted(_seen(self._folder), reverse=True)
        total, oldest = 0, time.time() - age
        for written, size, path in found:
            total += size
            if written < oldest or total > most:
                path.unlink(missing_ok=True)

    def forget_parts(self) -> None:
        """Those that an earlier emulator was writing when it ended."""
        for part in self._folder.glob("*.part"):
            part.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.arrow"


def _seen(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file was written, and its size."""
    for path in folder.glob("*.arrow"):
        with suppress(FileNotFoundError):
            found = path.stat()
            yield found.st_mtime, found.st_size // found.st_nlink, path


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
