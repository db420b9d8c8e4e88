"""A run's end is told: the steps around those of the blocks, in pipelines with notifications.

The blocks' steps are tried; whatever ends them early is told and raised again, so the run
fails with the same error. A call that fails is logged and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deployer.compile.routines import Routine, Steps, routine

Json = Any
TIMEOUT = 120
"""Seconds for all channels together; each gives up by itself long before."""
STEPS = ("clock", "run_blocks", "tell_failure", "fail", "tell_success")


@dataclass(frozen=True, slots=True)
class Teller:
    """The function that tells people, and what it wants to know."""

    url: str
    on_success: bool = True
    on_failure: bool = True


def told(teller: Teller, steps: Steps) -> Steps:
    """`steps` ends with the run's answer, which is nothing to tell a failure of."""
    *blocks, finish = steps
    if teller.on_failure:
        failed = [_call("failure", error="${error}"), {"fail": {"raise": "${error}"}}]
        blocks = [{"run_blocks": {"try": {"steps": blocks}, "except": _except(failed)}}]
    clock: dict[str, Json] = {"clock": {"assign": [{"began": "${sys.now()}"}]}}
    return [clock, *blocks, *([_call("success")] if teller.on_success else []), finish]


def _except(steps: Steps) -> dict[str, Json]:
    return {"as": "error", "steps": steps}


def _call(outcome: str, **more: Json) -> dict[str, Json]:
    args = {"context": "${context}", "outcome": outcome, "began": "${began}", **more}
    return {f"tell_{outcome}": {"call": "tell", "args": args}}


def tell(url: str, pipeline: str) -> Routine:
    """Posts how the run ended; again only when the function surely did not hear it."""
    body = {
        "pipeline": pipeline,
        "run": "${context.run}",
        "execution": '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}',
        "trigger": "${context.trigger}",
        "outcome": "${outcome}",
        "seconds": "${sys.now() - began}",
        "error": "${error}",
    }
    post = {
        "call": "http.post",
        "args": {
            "url": url,
            "auth": {"type": "OIDC", "audience": url},
            "timeout": TIMEOUT,
            "body": body,
        },
    }
    backoff = {"initial_delay": 1, "max_delay": 10, "multiplier": 2}
    retry = {"predicate": "${never_started}", "max_retries": 4, "backoff": backoff}
    data = {"message": "a notification could not be sent", "error": "${problem}"}
    log = {"call": "sys.log", "args": {"data": data, "severity": "WARNING"}}
    return routine(
        ["context", "outcome", "began", {"error": None}],
        {
            "post_notification": {
                "try": post,
                "retry": retry,
                "except": {"as": "problem", "steps": [{"not_told": log}]},
            }
        },
    )
