"""The project's files, with versions: nobody's work is lost.

An edit names the version it was made from. When the file has changed since, nothing is written
and the editor gets both texts. Writing is beside and rename; what is deleted moves to
.blocklift/trash with its time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from studio.server.errors import Changed, StudioError, missing
from studio.server.messages import EditConflict, FileText

HIDDEN = {".git", ".blocklift", ".venv", "__pycache__", "node_modules", ".variables", ".ssh"}
SECRET_NAMES = (".env", ".pem", ".key")
TEXT_LIMIT = 4 * 1024 * 1024
TREE_LIMIT = 5000


def version_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


class Files:
    """What of a project folder the browser may read and change."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._writing = threading.Lock()

    def place(self, path: str) -> Path:
        """The file of a relative path; refuses whatever leads out of the project."""
        if "\0" in path:
            raise StudioError(400, "A path cannot hold a NUL byte")
        place = (self.root / path).resolve()
        if not place.is_relative_to(self.root) or place == self.root:
            raise StudioError(400, "That path leads out of the project")
        parts = place.relative_to(self.root).parts
        if HIDDEN.intersection(parts) or place.name.endswith(SECRET_NAMES):
            raise StudioError(403, f"{path} is not for the browser", "Edit it with your editor.")
        return place

    def read(self, path: str) -> FileText:
        place = self.place(path)
        if not place.is_file():
            raise missing(f"file {path}")
        data = place.read_bytes()
        if len(data) > TEXT_LIMIT:
            raise StudioError(413, f"{path} is larger than 4 MB")
        try:
            return FileText(path, data.decode(), version_of(data))
        except UnicodeDecodeError:
            raise StudioError(400, f"{path} is not text") from None

    def write(self, path: str, text: str, version: str) -> FileText:
        """Save; `version` "" makes a new file. Raises Changed when somebody was faster."""
        with self._writing:
            place = self.place(path)
            now = self.read(path) if place.exists() else FileText(path, "", "")
            if now.version != version:
                raise Changed(EditConflict(path, text, now.text, now.version))
            place.parent.mkdir(parents=True, exist_ok=True)
            write_beside(place, text.encode())
        return FileText(path, text, version_of(text.encode()))

    def tree(self) -> Iterator[tuple[str, int]]:
        """(path, bytes) of what can be opened, by name; bounded."""
        count = 0
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(set(folders) - HIDDEN)
            for name in sorted(names):
                place = Path(folder, name)
                if name.endswith(SECRET_NAMES) or place.is_symlink():
                    continue
                yield place.relative_to(self.root).as_posix(), place.stat().st_size
                count += 1
                if count >= TREE_LIMIT:
                    return

    def discard(self, path: str) -> Path:
        """Move a file or folder to the trash; returns where it lies now."""
        place = self.place(path)
        if not place.exists():
            raise missing(f"file {path}")
        stamp = time.strftime("%Y%m%d-%H%M%S")
        trash = self.root / ".blocklift" / "trash" / f"{stamp}-{time.monotonic_ns() % 10**6:06}"
        kept = trash / place.relative_to(self.root)
        kept.parent.mkdir(parents=True)
        shutil.move(place, kept)
        return kept


def write_beside(place: Path, data: bytes) -> None:
    """Replace a file in one step, keeping its permissions."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if place.exists():
            shutil.copymode(place, name)
        else:
            Path(name).chmod(0o644)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
