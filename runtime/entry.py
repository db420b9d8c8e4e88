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
from runtime.run import run

if TYPE_CHECKING:
    from flask import Request

Answer = tuple[str, int, dict[str, str]]
JSON = {"Content-Type": "application/json"}


def handle(request: Request) -> Answer:
    """Functions-framework calls this for each request."""
    if request.method != "POST":
        return _json({"error": {"message": "POST a BlockRequest"}}, 405)
    try:
        wanted = BlockRequest.from_json(request.get_json(force=True))
    except Exception as error:  # noqa: BLE001 (whatever the body was, it is the caller's mistake)
        return _json({"error": {"message": f"the body is no BlockRequest: {error}"}}, 400)
    here = bundle.settled()
    trace = _trace(request.headers.get("X-Cloud-Trace-Context", ""))
    return answered(here.spec, wanted, here.project, trace)


def answered(spec: BlockSpec, request: BlockRequest, project: str, trace: str = "") -> Answer:
    """Run the block; say in the log how it went."""
    call = log.Call.of(spec, request, trace)
    with log.capturing(call):
        try:
            response = run(Context.of(spec, request, project))
        except BaseException as error:  # noqa: BLE001 (even sys.exit() in a block is its failure)
            failure = failure_of(error, spec, request, project)
            call.write("ERROR", _sentence(failure.to_json()), {"failure": failure.to_json()})
            _leave_if_stuck()
            return _json({"error": failure.to_json()}, 500)
        call.write("INFO", f"{spec.block}: {response.status}", _facts(response))
    return _json(response.to_json(), 200)


def _json(body: dict[str, Any], status: int) -> Answer:
    return json.dumps(body), status, JSON


def _facts(response: Message) -> dict[str, Any]:
    return {"response": {k: v for k, v in response.to_json().items() if v is not None}}


def _sentence(failure: dict[str, Any]) -> str:
    place = f" ({failure['file']}:{failure['line']})" if failure["file"] else ""
    head = f"{failure['block']}: {failure['type']}: {failure['message']}{place}"
    return "\n".join([head, *(f"  {line}" for line in failure["traceback"])])


def _trace(header: str) -> str:
    """The log field that ties an entry to its request (Google: Structured logging)."""
    trace = header.partition("/")[0]
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    return f"projects/{project}/traces/{trace}" if trace and project else ""


def _leave_if_stuck() -> None:
    """A block that cannot be stopped must not go on beside its own retry: end the process."""
    if any(thread.is_alive() for thread in deadline.stuck):
        Timer(0.5, os._exit, (1,)).start()
