"""`blocklift triggers`: how runs are started from outside, as commands to copy."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer.cli.arguments import AsJson, ProjectPath, TargetName
from deployer.cli.console import say, say_json

if TYPE_CHECKING:
    from deployer.model import Pipeline
    from deployer.workspace import Workspace

Json = Any
HERE = Path()
TOKEN = "$(gcloud auth print-access-token)"  # noqa: S105 - a command that prints one


def triggers(
    project: ProjectPath = HERE, target: TargetName = "local", as_json: AsJson = False
) -> None:
    """Every way to start this project's pipelines by HTTP."""
    from deployer.workspace import opened

    workspace = opened(project, target)
    if as_json:
        say_json(list(ways(workspace, ())))
    else:
        show_ways(workspace, ())


def show_ways(workspace: Workspace, pipelines: Collection[str]) -> None:
    for way in ways(workspace, pipelines):
        say(f"\n# {way['title']}", "dim")
        say(curl(way))


def ways(workspace: Workspace, pipelines: Collection[str]) -> Iterator[dict[str, Json]]:
    """The Executions API for every pipeline, Mage's endpoint for those with an API trigger."""
    for pipeline in workspace.project.pipelines:
        if not pipelines or pipeline.id in pipelines:
            yield by_executions(workspace, pipeline)
            yield from by_trigger(workspace, pipeline)


def by_executions(workspace: Workspace, pipeline: Pipeline) -> dict[str, Json]:
    from deployer.naming import workflow_id

    target = workspace.target
    url = f"{target.endpoints.executions}/v1/{target.workflow(workflow_id(pipeline))}/executions"
    headers = {} if target.is_local else {"Authorization": f"Bearer {TOKEN}"}
    body = {"argument": json.dumps({"variables": {}})}
    return {
        "title": f"{pipeline.id}: Workflow Executions API",
        "pipeline": pipeline.id,
        "url": url,
        "headers": headers,
        "body": body,
    }


def by_trigger(workspace: Workspace, pipeline: Pipeline) -> Iterator[dict[str, Json]]:
    from deployer.desire import api_triggers
    from deployer.naming import token_env, trigger_function_id, trigger_id

    for trigger in api_triggers(pipeline):
        token = workspace.token(token_env(pipeline.id, trigger.name))
        number = trigger_id(pipeline.id, trigger.name)
        path = f"/api/pipeline_schedules/{number}/pipeline_runs/{token or 'TOKEN'}"
        service = trigger_function_id(workspace.project.alias)
        yield {
            "title": f"{pipeline.id}: Mage's API trigger {trigger.name}",
            "pipeline": pipeline.id,
            "trigger": trigger.name,
            "url": workspace.target.reach(service, workspace.number, path),
            "headers": {},
            "body": {"pipeline_run": {"variables": {}}},
        }


def curl(way: dict[str, Json]) -> str:
    headers = {"Content-Type": "application/json", **way["headers"]}
    flags = "".join(f' -H "{name}: {value}"' for name, value in headers.items())
    return f"curl -X POST{flags} \\\n  -d '{json.dumps(way['body'])}' \\\n  \"{way['url']}\""
