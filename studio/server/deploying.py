"""Plan and deploy from the browser: the same plan and the same calls as the command line's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from deployer.apply import Event, Failed, Finished, Progressed, Skipped, Started
from deployer.cli.plans import told
from deployer.compile import compile_pipeline
from deployer.deploying import Manner
from deployer.deployments.rollback import chosen
from deployer.desire import Desirer
from deployer.errors import BlockliftError, ProjectError
from deployer.gcp.failures import Missing
from deployer.model import Pipeline
from deployer.plan import Action, Plan
from deployer.soundness import Split, Survey
from deployer.workspace import Workspace
from studio.server.errors import StudioError
from studio.server.messages import ChangeInfo, DeploymentInfo, PlanInfo
from studio.server.session import Session
from studio.server.views import problems

DEPLOYMENTS = 30


class Deploying:
    """One deployment at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._busy = threading.Lock()

    def plan(self, skip_refused: bool = False) -> PlanInfo:
        """Of all pipelines, or of those that can be deployed."""
        workspace = self.session.workspace()
        split = sound_of(workspace) if skip_refused else Split(())
        found = workspace.plan(split.sound if split.refused else ())
        refused = {
            name: problems(workspace.project.root, why) for name, why in split.refused.items()
        }
        return replace(self._shown(found), left_out=refused)

    def _shown(self, found: Plan) -> PlanInfo:
        return PlanInfo(
            target=self.session.target,
            changes=[
                ChangeInfo(
                    change.action,
                    change.key,
                    change.reason,
                    [told(field) for field in change.fields],
                )
                for change in found.changes
            ],
            counts={action.value: found.count(action) for action in Action},
            notes=list(found.notes),
        )

    def history(self) -> list[DeploymentInfo]:
        """Newest first; none before the first deployment makes the bucket."""
        try:
            found = self.session.workspace().journal.list(DEPLOYMENTS)
        except Missing:
            return []
        return [
            DeploymentInfo(
                number=one.number,
                began=one.began,
                by=one.by,
                commit=one.commit,
                purpose=one.purpose,
                back_to=one.back_to,
                changes=list(one.changes),
                ended=bool(one.ended),
            )
            for one in found
        ]

    def way_back(self, number: int) -> PlanInfo:
        """What going back to a deployment would change."""
        workspace = self.session.workspace()
        return self._shown(workspace.way_back(chosen(workspace.journal, number), ()))

    def roll_back(self, number: int) -> None:
        """Go back in the background; the project's files stay as they are."""
        workspace = self.session.workspace()
        earlier = chosen(workspace.journal, number)
        self.start(
            lambda: workspace.way_back(earlier, ()), Manner("rollback", earlier.number), "back"
        )

    def deploy(self, skip_refused: bool) -> None:
        """What the files say, perhaps without the pipelines that cannot be deployed."""

        def plan() -> Plan:
            workspace = self.session.workspace()
            split = sound_of(workspace) if skip_refused else Split(())
            return workspace.plan(split.sound if split.refused else ())

        self.start(plan)

    def start(
        self,
        plan: Callable[[], Plan],
        manner: Manner | None = None,
        done: str = "deployed",
    ) -> None:
        """Perform a plan in the background; events tell how it goes."""
        if not self._busy.acquire(blocking=False):
            raise StudioError(409, "A deployment is going on already")
        work = (plan, manner, done)
        threading.Thread(target=self._work, args=work, daemon=True).start()

    def _work(self, plan: Callable[[], Plan], manner: Manner | None, done: str) -> None:
        try:
            applied = self.session.workspace().apply(plan(), self._tell, manner)
            self._say("failed" if applied.failed else done)
        except BlockliftError as error:
            self._say(f"{error} {error.hint}".strip())
        except Exception:
            self._say("Studio failed; its terminal has the details.")
            raise
        finally:
            self._busy.release()
            self.session.events.publish("deploy", done=True)

    def deploy_if_needed(self, pipeline: Pipeline) -> str:
        """Before a run on this machine's own cloud: what is run is what is on the screen, unless
        somebody went back to an earlier deployment. The answer is a word on that, or nothing.
        """
        workspace = self.session.workspace()
        if not workspace.target.is_local:
            return ""
        if number := gone_back(workspace, pipeline):
            return f"This runs deployment {number}, to which {pipeline.id} went back"
        plan = around(workspace, pipeline)
        if plan.writes:
            workspace.apply(plan, self._tell).raise_for_failures()
            self.session.events.publish("deploy", done=True)
        return ""

    def _tell(self, event: Event) -> None:
        if text := said(event):
            self._say(text)

    def _say(self, text: str) -> None:
        self.session.events.publish("deploy", text=text)

    def definition(self, name: str) -> dict[str, object]:
        """The Workflows definition of a pipeline, as the next deployment would make it, and what
        the compiler did to make it fit.
        """
        workspace = self.session.workspace()
        pipeline = self.session.pipeline(name)
        values, alone = workspace.values(push=False), frozenset({str(pipeline.id)})
        wanted = Desirer(workspace.project, workspace.target, workspace.number, values, alone)
        made = compile_pipeline(
            workspace.project,
            pipeline,
            partial(wanted.url, pipeline),
            workspace.target.bucket,
            teller=wanted.notifier.teller(pipeline),
        )
        return {"text": made.text, "notes": list(made.notes)}


def said(event: Event) -> str:
    """One line of a deployment's progress."""
    match event:
        case Started(change):
            return f"{change.action} {change.key} …"
        case Progressed(change, message):
            return f"  {change.key}: {message}"
        case Finished(change, seconds):
            return f"✓ {change.key} in {seconds:.1f} s"
        case Failed(change, error):
            return f"✗ {change.key}: {error} {error.hint}".rstrip()
        case Skipped(change, because):
            return f"  {change.key} was not tried: {because}"
    return ""


def sound_of(workspace: Workspace) -> Split:
    """The pipelines that can be deployed; an error when there is none."""
    split = Survey(workspace.project, workspace.unread).split()
    if split.refused and not split.sound:
        raise StudioError(400, "No pipeline of this project can be deployed", "Mend one of them.")
    return split


def gone_back(workspace: Workspace, pipeline: Pipeline) -> int:
    """The earlier deployment that this pipeline is at since a rollback; 0 when it is not."""
    last = workspace.journal.last()
    there = last is not None and pipeline.id in last.pipelines
    return last.back_to if last and there else 0


def around(workspace: Workspace, pipeline: Pipeline) -> Plan:
    """Everything, or just this pipeline when others have mistakes."""
    try:
        return workspace.plan()
    except ProjectError:
        return workspace.plan({pipeline.id})
