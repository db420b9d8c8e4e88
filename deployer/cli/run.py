"""`blocklift run` and `retry`: start a pipeline and watch it to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployer.cli.arguments import AsJson, PipelineName, ProjectPath, TargetName, Variables
from deployer.cli.console import complain, is_terminal, say, say_json
from deployer.errors import RunError, UsageError
from deployer.rights.lacking import lacking

if TYPE_CHECKING:
    from deployer.model import Pipeline
    from deployer.runs.watch import RunOver
    from deployer.workspace import Workspace

Json = Any
INTERRUPTED = 130
LAST_LINES = 20
MENDED = "`blocklift deploy` grants what the project implies; grant the rest by hand"


def run(
    project: ProjectPath,
    pipeline: PipelineName,
    target: TargetName = "local",
    var: Variables = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch it to its end.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline. The local target is started and brought up to date by itself."""
    from deployer.workspace import opened

    variables = parsed(var or ())
    workspace = opened(project, target, pipelines=(pipeline,))
    chosen = workspace.pipeline(pipeline)
    if workspace.target.is_local:
        bring_up_to_date(workspace, chosen, quiet=as_json)
    begin(workspace, chosen, variables, None, wait, as_json)


def retry(
    project: ProjectPath,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of the run that failed.")],
    target: TargetName = "local",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch it to its end.")] = True,
    as_json: AsJson = False,
) -> None:
    """Finish a failed run: blocks that were done are not run again."""
    from deployer.workspace import opened

    workspace = opened(project, target)
    pipeline, execution = workspace.execution(run)
    if not execution.over:
        raise UsageError(f"run {run} is still going on", "wait for it, or cancel it")
    if workspace.target.is_local:
        bring_up_to_date(workspace, pipeline, quiet=as_json)
    told = execution.argument
    first = str(told.get("run") or execution.id)
    begin(workspace, pipeline, told.get("variables") or {}, first, wait, as_json)


def bring_up_to_date(workspace: Workspace, pipeline: Pipeline, quiet: bool) -> None:
    """What the pipeline needs and lacks; other pipelines' changes wait for a deploy."""
    from deployer.cli.deploy import perform
    from deployer.naming import workflow_id

    name = workflow_id(pipeline)
    shortcut = workspace.shortcut
    if shortcut.holds(name):
        return
    taken = shortcut.fingerprint(workspace.settings)
    perform(workspace, workspace.plan((pipeline.id,)).below(f"workflow/{name}"), quiet)
    shortcut.remember(name, workspace.settings, taken)


def begin(
    workspace: Workspace,
    pipeline: Pipeline,
    variables: Mapping[str, Json],
    again: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    watch = workspace.start(pipeline, variables, again)
    if not wait:
        tell_started(watch.run, as_json)
        return
    from deployer.cli.running import RunView, ended, follow

    try:
        if as_json:
            view = RunView(pipeline)
            over = ended(view, watch.events())
            say_json(view.to_json())
        else:
            over = follow(watch.events(), pipeline, quiet=False)
    except KeyboardInterrupt:
        leave(workspace, pipeline, watch.run)
    if not over.worked:
        raise RunError(explained(workspace, over, watch.artifacts))


def tell_started(run: str, as_json: bool) -> None:
    if as_json:
        say_json({"run": run})
    else:
        say(run)


def leave(workspace: Workspace, pipeline: Pipeline, run: str) -> None:
    """Interrupted: the run belongs to the cloud, and goes on unless it is told not to."""
    from deployer.cli.console import agreed
    from deployer.naming import workflow_id

    if is_terminal() and agreed(f"\nCancel run {run}?"):
        workspace.clients.executions.cancel(workflow_id(pipeline), run)
        complain(f"run {run} cancelled")
    else:
        complain(f"run {run} goes on; `blocklift runs` shows it")
    raise typer.Exit(INTERRUPTED)


def explained(workspace: Workspace, over: RunOver, logged: str) -> str:
    """The block, what it said, where, and the end of its log (kept under the run `logged`)."""
    failure = over.failure
    if failure is None:
        return f"run {over.run} ended as {over.state}"
    head = f"block {failure.block} failed" if failure.block else f"run {over.run} failed"
    what = f"{failure.type}: {failure.message}" if failure.type else failure.message
    lines = [f"{head}: {what}"]
    lines += [f"  at {failure.place}"] if failure.place else []
    if lack := lacking(failure.message):
        lines += [f"  its account lacks {lack}: {MENDED}"]
    if failure.block and (last := workspace.last_lines(logged, failure.block, LAST_LINES)):
        lines += [
            f"  last lines of its log (all of it: {log_command(workspace, over, failure.block)}):"
        ]
        lines += [f"    {text}" for line in last for text in line.splitlines()]
    return "\n".join(lines)


def log_command(workspace: Workspace, over: RunOver, block: str) -> str:
    return f"blocklift logs {workspace.project.root} {over.run} --block {block}"


def parsed(pairs: Sequence[str]) -> dict[str, Json]:
    """K=V, V in YAML: `n=3` is a number, `day=2024-01-01` stays a string as JSON has no dates."""
    variables: dict[str, Json] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"--var {pair!r} is not K=V", "for example --var rows=100")
        variables[name] = value_of(text)
    return variables


def value_of(text: str) -> Json:
    import json

    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    try:
        json.dumps(value)
    except TypeError:
        return text
    return value if text else ""
