"""Deploying 50 blocks by each packaging, with Google's build times and quotas, simulated.

A local cloud waits as Google's does (`--simulate google:FACTOR`): a build takes 90 seconds, ten go
on at once, 60 functions a minute change. Times are in the cloud's seconds, so our own work counts
FACTOR times too much: what is told is an upper bound. Writes of Cloud Run services have no quota
in the simulation.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import bench.plan as large
from deployer.pace import Pace, Patience
from deployer.packaging.choice import PACKAGINGS
from deployer.soundness import surveyed
from deployer.target import QUOTA_A_MINUTE, Polling, local
from deployer.workspace import Workspace

SPEED = 20
PIPELINES, BLOCKS = 5, 10


def main() -> None:
    blocks = PIPELINES * BLOCKS
    print(f"  {blocks} blocks, simulated seconds ({SPEED} times faster than Google)")
    print(f"  {'':16}{'first deploy':>14}{'one block changed':>20}")
    for way in PACKAGINGS:
        first, again = measured(way)
        print(f"  {way:16}{first:12.0f} s{again:18.0f} s")


def measured(way: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="blocklift-bench-") as folder, cloud(folder) as url:
        root = project(Path(folder) / "shop")
        first = deployed(root, url, way)
        block = next((root / "transformers").glob("*.py"))
        block.write_text(block.read_text() + "\n# changed\n")
        return first, deployed(root, url, way)


def deployed(root: Path, url: str, way: str) -> float:
    found = surveyed(root)
    # Google's pace, in simulated time.
    target = replace(
        local(found.project, url),
        packaging=way,
        pace=Pace(8, QUOTA_A_MINUTE * SPEED, Patience(5 / SPEED, 60 / SPEED)),
        polling=Polling(1 / SPEED, 10 / SPEED),
    )
    workspace = Workspace(found.project, target)
    began = perf_counter()
    workspace.apply(workspace.plan(), lambda _: None).raise_for_failures()
    return (perf_counter() - began) * SPEED


def project(root: Path) -> Path:
    root.mkdir()
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    for number in range(PIPELINES):
        large.write_pipeline(root, f"pipeline_{number:03}", BLOCKS)
    return root


@contextmanager
def cloud(folder: str) -> Iterator[str]:
    """Its URL."""
    words = ["start", "--any-port", "--data", f"{folder}/data", "--simulate", f"google:{1 / SPEED}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found, "the local cloud did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
