"""The story of one call: is it done already? → inputs → block → outputs → tests → manifest.

The manifest is published last and only once, so a call that is repeated answers with what
the first one left and runs nothing.
"""

from __future__ import annotations

import resource
import time
from typing import Any

from runtime import block, dynamic, inputs, languages
from runtime.artifacts import Written, attempt_id
from runtime.context import Context, entered
from runtime.contract import BlockResponse, Manifest, Status, TestResult
from runtime.deadline import left, within
from runtime.errors import SettingsProblem
from runtime.inputs import Gathered, Reader
from runtime.log import Logger
from runtime.outputs import outputs_of
from runtime.variables import keyword_arguments

PYTHON_KINDS = frozenset({"data_loader", "transformer", "data_exporter", "custom"})


def run(context: Context) -> BlockResponse:
    """Answer one request; failures are exceptions, which `failure` words."""
    with entered(context):
        if context.spec.type == "callback":
            return _callback(context)
        own, *upstream = context.artifacts.manifests([context.prefix, *inputs.prefixes(context)])
        if own is not None:
            return answer(own)
        reader = inputs.Reader.of(context, upstream)
        if context.spec.type == "sensor":
            return _sensor(context, reader.gathered())
        if context.spec.type == "conditional":
            return _conditional(context, reader.gathered())
        return _block(context, reader)


def answer(manifest: Manifest) -> BlockResponse:
    """What the workflow is told of a manifest."""
    rows = [ref["rows"] for ref in manifest.outputs if ref.get("rows") is not None]
    return BlockResponse(
        status=manifest.status,
        outputs=sum((ref.get("meta") or {}).get("spread", 1) for ref in manifest.outputs),
        rows=sum(rows) if rows else None,
        count=manifest.count,
        tests=len(manifest.tests),
        seconds=manifest.seconds,
    )


def _block(context: Context, reader: Reader) -> BlockResponse:
    started, clock = time.time(), time.perf_counter()
    attempt = attempt_id()
    limit = left(context.spec.timeout, context.request.deadline)
    written, tests, count = within(limit, lambda: _checked(context, reader, attempt))
    context.artifacts.settle(written)
    manifest = Manifest(
        block=context.spec.block,
        attempt=attempt,
        outputs=[item.ref.to_json() for item in written],
        tests=[test.to_json() for test in tests],
        count=count,
        started=started,
        seconds=round(time.perf_counter() - clock, 4),
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        tries=context.request.attempt,
    )
    return answer(context.artifacts.publish(context.prefix, manifest))


def _checked(
    context: Context, reader: Reader, attempt: str
) -> tuple[list[Written], list[TestResult], int | None]:
    """What the block left, looked at by extension blocks if it has any."""
    written, tests, count = _worked(context, reader, attempt)
    if context.spec.checks:
        from runtime import expectations

        kwargs = arguments(context, Gathered(block.Inputs(), reader.extra))
        tests = tests + expectations.met(context, context.artifacts.reread(written), kwargs)
    return written, tests, count


def _worked(
    context: Context, reader: Reader, attempt: str
) -> tuple[list[Written], list[TestResult], int | None]:
    """Run the block, store what it returned, test what was stored."""
    if story := languages.story_of(context.spec):
        return _written(context, _told(story, context, reader), attempt), [], None
    if context.spec.language == "sql":
        return _written(context, _sql(context, reader), attempt), [], None
    if context.spec.product:
        from runtime import products

        return _written(context, [products.value(context)], attempt), [], None
    _check_kind(context)
    gathered = reader.gathered()
    kwargs = arguments(context, gathered)
    kind, file, given = context.spec.type, context.file, gathered.inputs
    registry = block.loaded(file, kind, given.names(), context.project)
    outputs = outputs_of(block.run_main(registry, file, kind, given, kwargs))
    count = dynamic.count_of(outputs) if context.spec.dynamic else None
    written = _written(context, outputs, attempt)
    if not registry.functions("test"):
        return written, [], count
    reread = context.artifacts.reread(written)
    return written, block.run_tests(registry, reread, kwargs), count


def _sql(context: Context, reader: Reader) -> list[Any]:
    from runtime.sql import run_sql

    return _told(run_sql, context, reader)


def _told(story: languages.Story, context: Context, reader: Reader) -> list[Any]:
    """Inputs are read only where the block asks for them."""
    if context.request.index:
        reader.gathered()
    kwargs = arguments(context, Gathered(block.Inputs(), reader.extra))
    return outputs_of(story(context, reader.value, kwargs))


def _written(context: Context, outputs: list[Any], attempt: str) -> list[Written]:
    return context.artifacts.write(context.prefix, attempt, outputs)


def arguments(context: Context, gathered: Gathered) -> dict[str, Any]:
    """All keyword arguments of this call."""
    stored = _stored(context) if context.spec.global_variables else None
    kwargs = keyword_arguments(context.spec, context.request, context.project, stored)
    return kwargs | {"logger": Logger()} | dict(gathered.extra)


def _stored(context: Context) -> dict[str, Any]:
    from runtime import state

    return state.variables(context)


def _check_kind(context: Context) -> None:
    spec = context.spec
    if spec.language != "python" or spec.type not in PYTHON_KINDS:
        raise SettingsProblem(f"{spec.block}: a {spec.type} block in {spec.language} is not run")


def _sensor(context: Context, gathered: Gathered) -> BlockResponse:
    """One look. The workflow waits and asks again, so that waiting costs nothing."""
    kwargs = arguments(context, gathered)

    def look() -> bool:
        names = gathered.inputs.names()
        registry = block.loaded(context.file, "sensor", names, context.project)
        return block.run_sensor(registry, context.file, gathered.inputs, kwargs)

    if not within(left(context.spec.timeout, context.request.deadline), look):
        return BlockResponse(Status.WAITING)
    return _published(context, Status.DONE)


def _conditional(context: Context, gathered: Gathered) -> BlockResponse:
    from runtime import attached

    if attached.holds(context, gathered, arguments(context, gathered)):
        return _published(context, Status.DONE)
    attached.mark_parent(context)
    return _published(context, Status.CONDITION_FAILED)


def _callback(context: Context) -> BlockResponse:
    """A success is called back once however often the run is retried; a failure each time."""
    parent = context.artifacts.prefix(context.spec.parent or "", *context.request.index)
    own, left = context.artifacts.manifests([context.prefix, parent])
    succeeded = context.request.outcome != "failure"
    if own is not None and succeeded:
        return answer(own)
    from runtime import attached

    attached.call_back(context, left, arguments(context, Gathered(block.Inputs())))
    return _published(context, Status.DONE) if succeeded else BlockResponse(Status.DONE)


def _published(context: Context, status: Status) -> BlockResponse:
    """A manifest without outputs."""
    manifest = Manifest(context.spec.block, attempt_id(), [], status, started=time.time())
    return answer(context.artifacts.publish(context.prefix, manifest))
