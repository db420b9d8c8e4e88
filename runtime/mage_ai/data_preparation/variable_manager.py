"""Outputs and variables of other blocks and pipelines."""

from __future__ import annotations

from typing import Any

from runtime import state
from runtime.artifacts import MANIFEST, Artifacts
from runtime.context import Context, required
from runtime.errors import SettingsProblem
from runtime.outputs import value_of


def get_variable(
    pipeline_uuid: str,
    block_uuid: str,
    variable_uuid: str = "output_0",
    partition: str | None = None,
    **_options: Any,
) -> Any:
    """An output of a block, of this run or of the latest run that has it; None without one."""
    context = required("get_variable")
    run = _run_with(context, pipeline_uuid, block_uuid, partition)
    if run is None:
        return None
    there = Artifacts(context.artifacts.bucket, context.spec.project, pipeline_uuid, run)
    (manifest,) = there.manifests([there.prefix(block_uuid)])
    if manifest is None:
        return None
    outputs = there.outputs(manifest)
    if not variable_uuid.startswith("output_"):
        return value_of(outputs)
    place = int(variable_uuid.removeprefix("output_"))
    return outputs[place] if place < len(outputs) else None


def _run_with(context: Context, pipeline: str, block: str, partition: str | None) -> str | None:
    """Its own run for this pipeline's blocks that are done, else the newest that has one."""
    if partition and "/" not in partition:
        return partition
    root = f"runs/{context.spec.project}/{pipeline}/"
    if pipeline == context.spec.pipeline:
        prefix = context.artifacts.prefix(block)
        if context.artifacts.manifests([prefix])[0] is not None:
            return context.request.run
    ending = f"/{block}/{MANIFEST}"
    found = [
        item
        for item in context.artifacts.bucket.names(root, f"{root}*{ending}")
        if item["name"].endswith(ending)
    ]
    if not found:
        return None
    newest = max(found, key=lambda item: str(item.get("timeCreated", "")))
    return str(newest["name"]).removeprefix(root).partition("/")[0]


def get_global_variables(pipeline_uuid: str, **_options: Any) -> dict[str, Any]:
    """Variables of a pipeline: its metadata's, under those that code has set."""
    context = required("get_global_variables")
    others = context.spec.pipeline_variables.get(pipeline_uuid) or {}
    own = context.spec.variables if pipeline_uuid == context.spec.pipeline else others
    return {**own, **state.variables(context, pipeline_uuid)}


def get_global_variable(pipeline_uuid: str, key: str, **_options: Any) -> Any:
    return get_global_variables(pipeline_uuid).get(key)


def set_global_variable(
    pipeline_uuid: str, key: str, value: Any, repo_path: str | None = None, **_options: Any
) -> None:
    """For all later runs of that pipeline."""
    state.set_variable(required("set_global_variable"), pipeline_uuid, key, value)


def delete_global_variable(pipeline_uuid: str, key: str, **_options: Any) -> None:
    state.delete_variable(required("delete_global_variable"), pipeline_uuid, key)


class VariableManager:
    """The object form of `get_variable`. Storing is what a block's return value is for."""

    def __init__(self, repo_path: str | None = None, variables_dir: str | None = None) -> None:
        self.repo_path = repo_path
        self.variables_dir = variables_dir

    def get_variable(
        self,
        pipeline_uuid: str,
        block_uuid: str,
        variable_uuid: str,
        partition: str | None = None,
        **_options: Any,
    ) -> Any:
        return get_variable(pipeline_uuid, block_uuid, variable_uuid, partition)

    def add_variable(self, pipeline_uuid: str, block_uuid: str, *_: Any, **_options: Any) -> None:
        message = f"outputs of {pipeline_uuid}/{block_uuid} are stored once and not changed"
        raise SettingsProblem(f"{message}: return the value, or use set_global_variable")
