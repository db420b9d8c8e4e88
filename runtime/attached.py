"""Conditionals and callbacks: blocks that belong to a parent block.

A conditional sees the parent's inputs and decides whether the parent runs; an exception in
it counts as no. A callback sees what the parent left; an exception in it is only logged.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from runtime import block, builtin_errors
from runtime.artifacts import attempt_id
from runtime.context import Context
from runtime.contract import Manifest, Status
from runtime.inputs import Gathered
from runtime.log import Logger
from runtime.outputs import value_of


def holds(context: Context, gathered: Gathered, kwargs: dict[str, Any]) -> bool:
    """Whether all conditions of the file hold."""
    kwargs = kwargs | _of_parent(context)
    try:
        registry = block.loaded(
            context.file, "conditional", gathered.inputs.names(), context.project
        )
        return block.run_conditions(registry, gathered.inputs, kwargs)
    except Exception:  # noqa: BLE001 (Mage: an exception in a condition counts as False)
        Logger().exception(f"a condition of {context.spec.parent} failed and counts as not met")
        return False


def mark_parent(context: Context) -> None:
    """Leave word where the parent's outputs would be, so that a list of children has no gap."""
    parent = context.spec.parent or ""
    prefix = context.artifacts.prefix(parent, *context.request.index)
    manifest = Manifest(parent, attempt_id(), [], status=Status.CONDITION_FAILED)
    context.artifacts.publish(prefix, manifest)


def call_back(context: Context, manifest: Manifest | None, kwargs: dict[str, Any]) -> None:
    """Run every function for this outcome; what goes wrong in one is logged."""
    outcome = context.request.outcome or "success"
    parent = context.spec.parent or ""
    try:
        outputs = context.artifacts.outputs(manifest) if manifest else []
        inputs = block.Inputs((parent,), (value_of(outputs),))
        kwargs = kwargs | _of_parent(context)
        if context.request.error:
            kwargs["__error"] = builtin_errors.rebuilt(context.request.error)
        registry = block.loaded(context.file, "callback", inputs.names(), context.project)
    except Exception:  # noqa: BLE001 (Mage: exceptions of callbacks are only logged)
        Logger().exception("the callback could not be started")
        return
    for item in block.callbacks_for(registry, outcome):
        try:
            block.run_callback(item, inputs, outputs, kwargs)
        except Exception:  # noqa: BLE001 (as above)
            Logger().exception(f"the callback {getattr(item.function, '__name__', '')} failed")


def _of_parent(context: Context) -> dict[str, Any]:
    run = SimpleNamespace(
        id=context.request.run,
        pipeline_uuid=context.spec.pipeline,
        status="failed" if context.request.outcome == "failure" else "running",
        variables=context.request.variables,
    )
    return {"parent_block_uuid": context.spec.parent, "pipeline_run": run}
