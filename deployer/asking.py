"""A project's runs in its target: starting them, finding them, reading what they wrote."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployer.errors import CloudError, UsageError
from deployer.model import Pipeline
from deployer.naming import workflow_id
from deployer.reached import Reached

if TYPE_CHECKING:
    from deployer.gcp.executions import Execution
    from deployer.gcp.logs import Line
    from deployer.runs.watch import Watch

Json = Any


class Asking(Reached):
    """Runs are asked for here, and about."""

    def start(
        self, pipeline: Pipeline, variables: Mapping[str, Json], again: str | None = None
    ) -> Watch:
        """Start a run; `again` is an earlier run whose finished blocks are not run again."""
        from deployer.runs.watch import Watch, argument

        told = argument(variables, again=again)
        execution = self.clients.executions.start(workflow_id(pipeline), told)
        return Watch(
            self.project.name,
            pipeline,
            self.clients.executions,
            self.clients.objects,
            execution.id,
            again or execution.id,
            self.target.polling,
        )

    def runs(self, names: Collection[str], most: int) -> list[tuple[str, Execution]]:
        """Newest first, over all pipelines or those named."""
        chosen = [self.pipeline(name) for name in names] or list(self.project.pipelines)
        found = [(str(p.id), e) for p in chosen for e in self.runs_of(p, most)]
        return sorted(found, key=lambda pair: pair[1].started, reverse=True)[:most]

    def runs_of(self, pipeline: Pipeline, most: int) -> Sequence[Execution]:
        from deployer.gcp.failures import Missing

        try:
            return self.clients.executions.list(workflow_id(pipeline), most)
        except Missing:  # not deployed
            return ()

    def execution(self, run: str) -> tuple[Pipeline, Execution]:
        """A run is known by its id alone; which pipeline it is of is looked up."""
        for pipeline in self.project.pipelines:
            if found := self.clients.executions.find(workflow_id(pipeline), run):
                return pipeline, found
        raise UsageError(f"no run {run} in {self.target.name}", "`blocklift runs` lists them")

    def last_lines(self, run: str, block: str, most: int) -> list[str]:
        """The end of a block's log; a log that cannot be read must not hide what it explains."""
        from deployer.runs.logs import last_lines

        try:
            return last_lines(self.clients.logs, run, block, most)
        except CloudError as error:
            return [f"(the log could not be read: {error})"]

    def follow_logs(self, pipeline: Pipeline, run: str, query: str) -> Iterator[Line]:
        from deployer.runs.logs import followed

        name = workflow_id(pipeline)
        return followed(
            self.clients.logs,
            query,
            lambda: self.clients.executions.get(name, run).over,
            lambda: time.sleep(self.target.polling.longest),
        )
