"""The HTTP handler of a block's function: `from runtime.entry import handle as block`.

200 with a BlockResponse, or 500 with {"error": BlockFailure}; a request that makes no sense
is 400. Everything that the block says meanwhile goes to the log with its labels.
"""

from __future__ import annotations

import json
import os
from threading import Timer
from typing import TYPE_CHECKING, Any

from runtime import bundle, deadline, log
from runtime.context import Context
from runtime.contract import BlockRequest, BlockSpec, Message
from runtime.failure import failure_of
from runtime.record import replace
from runtime.run import run

if TYPE_CHECKING:
    from flask import Request

    from runtime.tracing import Span

Answer = tuple[str, int, dict[str, str]]
JSON = {"Content-Type": "application/json"}
COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"


def handle(request: Request) -> Answer:
    """Functions-framework calls this for each request."""
    if request.method != "POST":
        return _json({"error": {"message": "POST a BlockRequest"}}, 405)
    try:
        wanted = BlockRequest.from_json(request.get_json(force=True))
    except Exception as error:  # noqa: BLE001 (whatever the body was, it is the caller's mistake)
        return _json({"error": {"message": f"the body is no BlockRequest: {error}"}}, 400)
    here = bundle.settled()
    if wanted.ended is not None:
        return _ended(here.spec, wanted, wanted.ended)
    around = _around(request.headers.get("X-Cloud-Trace-Context", ""))
    return answered(here.spec, wanted, here.project, around)


def answered(
    spec: BlockSpec, request: BlockRequest, project: str, around: tuple[str, str] = ("", "")
) -> Answer:
    """Run the block; say in the log how it went. `around`: trace and span of the HTTP request."""
    span = _span(spec, request)
    call = log.Call.of(spec, request, *(_ids(span) if span else around))
    call = replace(call, traceparent=span.traceparent) if span else call
    with log.capturing(call):
        try:
            response = run(Context.of(spec, request, project))
        except BaseException as error:  # noqa: BLE001 (even sys.exit() in a block is its failure)
            failure = failure_of(error, spec, request, project).to_json()
            call.write("ERROR", _sentence(failure), {"failure": failure})
            _warn(call, span.failed(failure) if span else "")
            _leave_if_stuck()
            return _json({"error": failure}, 500)
        facts = _facts(response)
        call.write("INFO", f"{spec.block}: {response.status}", facts)
        _warn(call, span.done(facts["response"]) if span else "")
    return _json(response.to_json(), 200)


def _json(body: dict[str, Any], status: int) -> Answer:
    return json.dumps(body), status, JSON


def _facts(response: Message) -> dict[str, Any]:
    return {"response": {k: v for k, v in response.to_json().items() if v is not None}}


def _sentence(failure: dict[str, Any]) -> str:
    place = f" ({failure['file']}:{failure['line']})" if failure["file"] else ""
    head = f"{failure['block']}: {failure['type']}: {failure['message']}{place}"
    return "\n".join([head, *(f"  {line}" for line in failure["traceback"])])


def _around(header: str) -> tuple[str, str]:
    """The log fields that tie an entry to its request (Google: Structured logging)."""
    trace, _, rest = header.partition("/")
    span = rest.partition(";")[0]
    fits = span.isdecimal() and int(span) < 1 << 64
    return _trace_name(trace), f"{int(span):016x}" if fits else ""


def _trace_name(trace: str) -> str:
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    return f"projects/{project}/traces/{trace}" if trace and project else ""


def _span(spec: BlockSpec, request: BlockRequest) -> Span | None:
    """Where nobody asked for traces, none of their code is imported."""
    if not os.environ.get(COLLECTOR) or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    from runtime.tracing import of_block

    return of_block(spec, request)


def _ids(span: Span) -> tuple[str, str]:
    return _trace_name(span.trace), span.id


def _warn(call: log.Call, problem: str) -> None:
    if problem:
        call.write("WARNING", problem)


def _ended(spec: BlockSpec, request: BlockRequest, ended: dict[str, Any]) -> Answer:
    if _span(spec, request):
        from runtime.tracing import run_ended

        _warn(log.Call.of(spec, request), run_ended(spec, request, ended))
    return _json({"status": "done"}, 200)


def _leave_if_stuck() -> None:
    """A block that cannot be stopped must not go on beside its own retry: end the process."""
    if any(thread.is_alive() for thread in deadline.stuck):
        Timer(0.5, os._exit, (1,)).start()
