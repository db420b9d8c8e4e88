"""Changes made in an editor beside Studio reach the browser by themselves."""

from __future__ import annotations

import threading
from pathlib import Path

from watchfiles import watch

from studio.server.files import HIDDEN
from studio.server.session import Session


class Watching:
    """Follows the project's folder in a thread of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _follow(self) -> None:
        root = self.session.root
        for changes in watch(root, stop_event=self._stop, watch_filter=None, debounce=200):
            paths = {relative(root, path) for _, path in changes}
            if seen := sorted(path for path in paths if interesting(path)):
                self.session.changed(*seen)


def relative(root: Path, path: str) -> str:
    return Path(path).relative_to(root).as_posix()


def interesting(path: str) -> bool:
    """Not what tools keep, nor the half-written neighbour of a file being saved."""
    parts = path.split("/")
    return not HIDDEN.intersection(parts) and not parts[-1].startswith(".")
