"""A project beside its target: who they are to each other, and how one asks the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from deployer.errors import UsageError
from deployer.model import Pipeline, Project
from deployer.naming import label, secret_id
from deployer.packaging.choice import known
from deployer.target import Target

if TYPE_CHECKING:
    from deployer.deployments.journal import Journal
    from deployer.gcp.connect import Clients


@dataclass
class Reached:
    """Lazily: what a command does not ask for is not worked out."""

    project: Project
    target: Target
    instance: int = 0
    """Process id of the local cloud: a later one may have other ports inside."""

    @property
    def owner(self) -> str:
        """The value of our label on all that this project makes."""
        return label(self.project.alias)

    def package(self, way: str) -> None:
        """Build functions so, whatever blocklift.yaml says; empty: as it says."""
        if way:
            self.target = replace(self.target, packaging=known(way))

    @cached_property
    def clients(self) -> Clients:
        from deployer.gcp.connect import connect

        return connect(self.target, self.owner)

    @cached_property
    def number(self) -> str:
        return self.clients.projects.number()

    @cached_property
    def journal(self) -> Journal:
        from deployer.deployments.journal import Journal

        return Journal(self.clients.notes, self.owner)

    @property
    def title(self) -> str:
        """What a plan says that it changes."""
        suffix = self.target.preview
        return f"preview {suffix} in {self.target.name}" if suffix else self.target.name

    def previews(self) -> dict[str, str]:
        """Suffix → since when."""
        from deployer.previews import previews_of

        return previews_of(self.project, self.clients.notes.buckets(self.target.bucket))

    def token(self, setting: str) -> str:
        """An API trigger's token, to be put into a URL; empty before the first deploy.

        A shared target's token is not shown, but the command that shows it to who may see it.
        """
        name = secret_id(self.project.alias, setting)
        if self.target.is_local:
            return self.clients.secrets.value(name)
        of = f"--secret {name} --project {self.target.project_id}"
        return f"$(gcloud secrets versions access latest {of})"

    def pipeline(self, name: str) -> Pipeline:
        for pipeline in self.project.pipelines:
            if pipeline.id == name:
                return pipeline
        known = ", ".join(sorted(p.id for p in self.project.pipelines)) or "none"
        raise UsageError(f"no pipeline named {name!r}", f"pipelines of this project: {known}")
