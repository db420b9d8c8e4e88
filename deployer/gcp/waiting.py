"""Waiting for a long-running operation, telling how it is getting on.

The operation is read as JSON: the clients' own polling repeats failed calls for minutes, out
of sight of the patience that a plan is performed with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from deployer.errors import Busy
from deployer.gcp.failures import refusal
from deployer.gcp.session import Session
from deployer.target import Polling

Json = Any
LONGEST = 25 * 60.0
"""Seconds: builds take minutes, and a queue of them takes longer."""
HTTP_OF_RPC = {
    3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 13: 500, 14: 503, 16: 401
}  # fmt: skip
"""google.rpc.Code, "HTTP Mapping"."""


def finish(
    session: Session,
    url: str,
    doing: str,
    polling: Polling,
    report: Callable[[Mapping[str, Json]], None] = lambda _: None,
) -> None:
    """Until the operation at `url` is done; its error becomes one of ours."""
    deadline = time.monotonic() + LONGEST
    delay = polling.first
    while not (operation := session.get(url, doing)).get("done"):
        report(operation.get("metadata") or {})
        if time.monotonic() > deadline:
            raise Busy(f"{doing}: not done after {LONGEST / 60:.0f} minutes")
        time.sleep(delay)
        delay = min(delay * 1.5, polling.longest)
    if error := operation.get("error"):
        code = HTTP_OF_RPC.get(int(error.get("code", 13)), 500)
        raise refusal(code, str(error.get("message", "")), doing)
