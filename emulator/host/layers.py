"""Distributions that the emulator's environment lacks, installed once per set of versions.

A layer is a folder of its own before the environment on `sys.path`; it is written beside
its place and renamed, so a layer that exists is whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.host.errors import BuildError

PATIENCE = 600.0
"""Seconds that pip may take: Cloud Build's own default timeout."""
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One distribution that pip decided to install."""

    name: str
    version: str
    url: str
    """Only of those that requirements name by address or path; else empty."""
    digest: str

    def requirement(self) -> str:
        return f"{self.name} @ {self.url}" if self.url else f"{self.name}=={self.version}"


async def resolve(arguments: Sequence[str], source: Path) -> tuple[Pinned, ...]:
    """What is missing, by pip's own judgement; `arguments` as pip takes them."""
    report = await pip([*arguments, "--dry-run", "--quiet", "--report", "-"], source)
    return tuple(pinned(item) for item in json.loads(report)["install"])


def pinned(item: dict[str, Any]) -> Pinned:
    info = item["download_info"]
    hashes = info.get("archive_info", {}).get("hashes", {})
    return Pinned(
        item["metadata"]["name"],
        item["metadata"]["version"],
        info["url"] if item.get("is_direct") else "",
        hashes.get("sha256", info["url"]),
    )


def digest_of(pins: Sequence[Pinned]) -> str:
    text = "\n".join(sorted(f"{p.name}=={p.version} {p.digest}" for p in pins))
    return hashlib.sha256(f"{sys.version} {sys.platform}\n{text}".encode()).hexdigest()[:32]


async def install(
    pins: Sequence[Pinned], options: Sequence[str], source: Path, layers: Path
) -> str:
    """Digest of the layer that holds just these."""
    digest = digest_of(pins)
    if (layers / digest).exists():
        return digest
    layers.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix="new-", dir=layers))
    try:
        wanted = [pin.requirement() for pin in pins]
        await pip([*options, "--quiet", "--no-deps", "--target", str(beside), *wanted], source)
        adopt(beside, layers / digest)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return digest


def adopt(beside: Path, place: Path) -> None:
    try:
        beside.rename(place)
    except OSError:
        if not place.exists():  # else another build was first
            raise


async def pip(arguments: Sequence[str], source: Path) -> bytes:
    """Whatever index this machine is set up for is used."""
    process = await asyncio.create_subprocess_exec(
        *PIP,
        *arguments,
        cwd=source,
        env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        raise BuildError("pip took longer than ten minutes.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BuildError(err.decode(errors="replace").strip()[-4000:])
    return out
