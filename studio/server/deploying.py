"""Plan and deploy from the browser: the same plan and the same calls as the command line's."""

from __future__ import annotations

import threading
from collections.abc import Callable

from deployer.apply import Event, Failed, Finished, Progressed, Skipped, Started
from deployer.compile import compile_pipeline
from deployer.deploying import Manner
from deployer.errors import BlockliftError
from deployer.gcp.failures import Missing
from deployer.naming import function_id
from deployer.plan import Action, Plan
from deployer.rollback import chosen
from studio.server.errors import StudioError
from studio.server.messages import ChangeInfo, DeploymentInfo, PlanInfo
from studio.server.session import Session

DEPLOYMENTS = 30


class Deploying:
    """One deployment at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._busy = threading.Lock()

    def plan(self) -> PlanInfo:
        return self._shown(self.session.workspace().plan())

    def _shown(self, found: Plan) -> PlanInfo:
        return PlanInfo(
            target=self.session.target,
            changes=[
                ChangeInfo(
                    change.action,
                    change.key,
                    change.reason,
                    [f"{field.name}: {field.was} → {field.will}" for field in change.fields],
                )
                for change in found.changes
            ],
            counts={action.value: found.count(action) for action in Action},
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

    def start(
        self,
        plan: Callable[[], Plan] | None = None,
        manner: Manner | None = None,
        done: str = "deployed",
    ) -> None:
        """Deploy what the files say, or perform another plan."""
        if not self._busy.acquire(blocking=False):
            raise StudioError(409, "A deployment is going on already")
        work = (plan or (lambda: self.session.workspace().plan()), manner, done)
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

    def deploy_if_needed(self) -> None:
        """Before a run on this machine's own cloud: what is run is what is on the screen."""
        workspace = self.session.workspace()
        if not workspace.target.is_local:
            return
        plan: Plan = workspace.plan()
        if plan.writes:
            workspace.apply(plan, self._tell).raise_for_failures()
            self.session.events.publish("deploy", done=True)

    def _tell(self, event: Event) -> None:
        match event:
            case Started(change):
                self._say(f"{change.action} {change.key} …")
            case Progressed(change, message):
                self._say(f"  {change.key}: {message}")
            case Finished(change, seconds):
                self._say(f"✓ {change.key} in {seconds:.1f} s")
            case Failed(change, error):
                self._say(f"✗ {change.key}: {error} {error.hint}".rstrip())
            case Skipped(change, because):
                self._say(f"  {change.key} was not tried: {because}")

    def _say(self, text: str) -> None:
        self.session.events.publish("deploy", text=text)

    def definition(self, name: str) -> dict[str, object]:
        """The Workflows definition of a pipeline and what the compiler did to make it fit."""
        workspace = self.session.workspace()
        pipeline = self.session.pipeline(name)
        made = compile_pipeline(
            workspace.project,
            pipeline,
            lambda block: workspace.target.url(function_id(pipeline, block), workspace.number),
            workspace.target.bucket,
        )
        return {"text": made.text, "notes": list(made.notes)}
