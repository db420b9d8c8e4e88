"""Jobs begun and awaited without holding a thread."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from emulator.bigquery.jobs import Jobs
from emulator.bigquery.running import Live
from emulator.cloud import Principal
from emulator.services.bigquery.ask import worker

Json = Any
GRACE = {"QUERY": 0.1}
"""Seconds for which an insert waits for the job's end: most are done by then."""
LONGER = 1.0
"""For other kinds, after which clients ask only every second."""


async def begun(
    jobs: Jobs,
    project: str,
    given: dict[str, Json],
    caller: Principal,
    upload: Path | None = None,
) -> dict[str, Json]:
    """The job as `jobs.insert` answers it: done, if that was quick."""
    if (given.get("configuration") or {}).get("dryRun"):
        return await worker(lambda: jobs.dry(project, given, caller))
    live = await worker(lambda: jobs.start(project, given, caller, upload))
    return await ended(live, GRACE.get(live.job["configuration"]["jobType"], LONGER))


async def ended(live: Live, seconds: float) -> dict[str, Json]:
    """The job when it has ended, or as it is after `seconds`."""
    done = asyncio.wrap_future(live.done)
    await asyncio.wait({done}, timeout=seconds)
    return live.job
