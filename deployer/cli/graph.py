"""`blocklift graph`: a pipeline as Mermaid, and what will run side by side."""

from __future__ import annotations

from deployer.cli.arguments import PipelineName, ProjectPath
from deployer.cli.console import say


def graph(project: ProjectPath, pipeline: PipelineName) -> None:
    """Print the DAG as Mermaid; below it, as comments, what runs side by side."""
    from deployer.compile.usual import usual_seconds
    from deployer.dag.mermaid import mermaid, outline
    from deployer.inspection import found_pipeline

    _, found = found_pipeline(project, pipeline)
    say(mermaid(found))
    for line in outline(found, usual_seconds(found)):
        say(f"%% {line}")
