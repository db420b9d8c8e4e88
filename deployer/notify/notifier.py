"""The one function of a project that tells people how runs ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deployer.bundle import Bundle, own_bundle
from deployer.compile.telling import Teller
from deployer.model import Pipeline
from deployer.naming import notifier_id, workflow_id
from deployer.notify.notifications import Notices, notices
from deployer.options import Options
from deployer.resources import Access, Account, Function, Kind, key
from deployer.rights.grants import Rights
from deployer.target import Target

MAIN = "from runtime.notify import handle as notify\n"
OPTIONS = Options(memory="256Mi", cpu="1", timeout=120, max_instances=3, concurrency=20)


@dataclass(frozen=True, slots=True)
class Notifier:
    """Of all pipelines, whichever are dealt with, so that it is the same for each of them."""

    rights: Rights
    target: Target
    url: str
    told: tuple[Notices, ...]

    @classmethod
    def of(
        cls, rights: Rights, target: Target, number: str, available: Callable[[str], bool]
    ) -> Notifier:
        """`available` says whether a setting has a value, here or there."""
        project = rights.project
        found = (notices(project, pipeline, available) for pipeline in project.pipelines)
        url = target.url(notifier_id(project.alias), number)
        return cls(rights, target, url, tuple(one for one in found if one))

    @property
    def name(self) -> str:
        return notifier_id(self.rights.project.alias)

    @property
    def wanted(self) -> bool:
        """Whether a pipeline that is dealt with has anything to tell."""
        return any(self.notices(pipeline) for pipeline in self.rights.pipelines)

    def notices(self, pipeline: Pipeline) -> Notices | None:
        return next((one for one in self.told if one.pipeline.id == pipeline.id), None)

    def teller(self, pipeline: Pipeline) -> Teller | None:
        """What the pipeline's workflow calls."""
        found = self.notices(pipeline)
        return Teller(self.url, found.on_success, found.on_failure) if found else None

    def below(self, pipeline: Pipeline) -> frozenset[str]:
        """Keys of what the pipeline's workflow needs for it."""
        if not self.notices(pipeline):
            return frozenset()
        policy = f"{Kind.ACCESS}/service/{self.name}"
        return frozenset({f"{Kind.FUNCTION}/{self.name}", policy})

    def bundles(self) -> Iterator[Bundle]:
        """One, or none."""
        if not self.wanted:
            return
        entries = {
            str(one.pipeline.id): one.to_json(self.target.workflow(workflow_id(one.pipeline)))
            for one in self.told
        }
        yield own_bundle(
            self.rights.project,
            "notify",
            MAIN,
            ("notifications.json", entries),
            name=self.name,
            settings=sorted({name for one in self.told for name in one.asks}),
        )

    def accounts(self) -> Iterator[Account]:
        if self.wanted:
            yield self.rights.notifier()

    def function(
        self, made: Bundle, mounted: tuple[tuple[str, str], ...], needs: frozenset[str]
    ) -> Function:
        """Called by workflows alone; whom it tells is in its secrets."""
        account = self.rights.notifier()
        return Function(
            made.name,
            "notifications",
            made,
            OPTIONS,
            account.email,
            mounted,
            needs=frozenset({key(account)}) | needs,
        )

    def access(self, function: Function) -> Access:
        telling = [one.pipeline.id for one in self.told]
        pipelines = [p for p in self.rights.pipelines if p.id in telling]
        return self.rights.notifier_access(function, pipelines)
