"""A traced run's end: one more call, of a function of the run, which sends the run's own span.

Pipelines whose blocks get OTEL_EXPORTER_OTLP_ENDPOINT are traced (`runtime.tracing`). Where the
collector is, and what it wants to hear, only functions know; so the workflow needs no right that
it did not have. A call that fails is logged and changes nothing.
"""

from __future__ import annotations

from typing import Any

from deployer.compile.facts import Facts
from deployer.compile.routines import Steps
from deployer.model import Block
from deployer.settings import extras

Json = Any
COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"
GIVEN: dict[str, Json] = {"traceparent": '${map.get(args, "traceparent")}'}
"""What the blocks of a traced run are told beside the rest."""


def speaker(facts: Facts) -> Block | None:
    """The first block whose function can tell of the run; None where runs are not traced."""
    able = (block for block in facts.pipeline.blocks if block.id not in facts.jobs)
    wanted = (b for b in able if COLLECTOR in extras.secrets(facts.project, facts.pipeline, b))
    return next(wanted, None)


def traced(service: str, steps: Steps) -> Steps:
    """`steps` ends with the run's answer."""
    *blocks, finish = steps
    clock: dict[str, Json] = {"trace_begin": {"assign": [{"trace_began": "${sys.now()}"}]}}
    failed: Steps = [
        _call("failure", service, error="${error}"),
        {"trace_fail": {"raise": "${error}"}},
    ]
    guarded = {"try": {"steps": blocks}, "except": {"as": "error", "steps": failed}}
    return [clock, {"trace_blocks": guarded}, _call("success", service), finish]


def _call(outcome: str, service: str, **more: Json) -> dict[str, Json]:
    ended = {"began": "${trace_began}", **more}
    args = {"service": service, "context": "${context}", "more": {"ended": ended}}
    return {f"trace_{outcome}": {"call": "notify", "args": args}}
