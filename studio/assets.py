"""The built pages in studio/static, and the sources that they were built from.

`python -m studio.assets` builds them with the Node of whoever changes them; users need none,
since the built pages are part of the package. A digest of the sources tells when they are stale.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
WEB = HERE / "web"
STATIC = HERE / "static"
STAMP = STATIC / "sources.sha256"
BUILT_FROM = ("src", "public", "index.html", "package-lock.json", "vite.config.ts")


def sources() -> Iterator[Path]:
    for name in BUILT_FROM:
        place = WEB / name
        yield from sorted(place.rglob("*")) if place.is_dir() else [place]


def digest() -> str:
    """Of every source's name and content."""
    found = hashlib.sha256()
    for path in sources():
        if path.is_file():
            found.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def main() -> int:
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on PATH; Studio's pages can only be built with Node 20 or newer")
        return 1
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "check"], ["run", "build"]):
        if subprocess.run([npm, *command], cwd=WEB, check=False).returncode:
            return 1
    STAMP.write_text(digest() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
