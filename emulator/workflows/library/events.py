"""events and experimental.executions (Workflows: Callbacks, Execute other workflows)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from emulator.workflows.effects import AwaitCallback, CreateCallback, Effect, RunChild
from emulator.workflows.errors import value_error
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks
from emulator.workflows.library.http import METHODS


def create_callback(_: Context, method: Any) -> CreateCallback:
    if checks.text(method, "'http_callback_method'") not in METHODS:
        raise value_error(f"unknown HTTP method {method!r}")
    return CreateCallback(method)


def await_callback(context: Context, callback: Any, timeout: Any) -> AwaitCallback:
    found = checks.mapping(callback, "'callback'")
    if type(found.get("url")) is not str:
        raise value_error("'callback' must be what events.create_callback_endpoint gave")
    seconds = checks.number(timeout, "'timeout'")
    if not 0 <= seconds <= context.limits.wait:
        raise value_error(f"'timeout' must be between 0 and {context.limits.wait:.0f} seconds")
    return AwaitCallback(found, float(seconds))


def run(_: Context, workflow_id: Any, location: Any, project_id: Any, argument: Any) -> RunChild:
    return RunChild(
        checks.text(workflow_id, "'workflow_id'"),
        None if location is None else checks.text(location, "'location'"),
        None if project_id is None else checks.text(project_id, "'project_id'"),
        argument,
    )


def run_each(
    context: Context, workflow_id: Any, arguments: Any, _: Any, location: Any, project_id: Any
) -> Generator[Effect, Any, list[Any]]:
    """One child after the other; results in the order of the arguments."""
    results: list[Any] = []
    for argument in checks.sequence(arguments, "'arguments'"):
        result = yield run(context, workflow_id, location, project_id, argument)
        results.append(result)
    return results


WORKFLOW = ("workflow_id", REQUIRED)
WHERE = (("location", None), ("project_id", None))

FUNCTIONS = (
    Function(
        "events.create_callback_endpoint",
        (("http_callback_method", "POST"),),
        ask=create_callback,
    ),
    Function(
        "events.await_callback",
        (("callback", REQUIRED), ("timeout", 43200)),
        ask=await_callback,
        blocking=True,
        external=True,
    ),
    Function(
        "experimental.executions.run",
        (WORKFLOW, *WHERE, ("argument", None)),
        ask=run,
        blocking=True,
    ),
    Function(
        "experimental.executions.map",
        (WORKFLOW, ("arguments", REQUIRED), ("timeout", 1800), *WHERE),
        play=run_each,
        blocking=True,
    ),
)
