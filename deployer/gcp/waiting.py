"""Waiting for a long-running operation, telling how it is getting on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from deployer.errors import Busy
from deployer.gcp.failures import told
from deployer.target import Polling

LONGEST = 25 * 60.0
"""Seconds: builds take minutes, and a queue of them takes longer."""


def finish(
    operation: Any,
    doing: str,
    polling: Polling,
    report: Callable[[Any], None] = lambda _: None,
) -> Any:
    """The operation's response; its error as one of ours."""
    deadline = time.monotonic() + LONGEST
    delay = polling.first
    with told(doing):
        while not operation.done():
            report(operation.metadata)
            if time.monotonic() > deadline:
                raise Busy(f"{doing}: not done after {LONGEST / 60:.0f} minutes")
            time.sleep(delay)
            delay = min(delay * 1.5, polling.longest)
        return operation.result()
