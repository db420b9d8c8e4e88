"""Where to deploy. The only module that knows this machine's cloud from Google's.

Everything else asks a `Target`: for endpoints, credentials, a bucket's name, how fast it may
be pushed. `targets:` in blocklift.yaml names Google's; `local` always exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from deployer.errors import Problem, ProjectError, UsageError
from deployer.model import Project
from deployer.naming import service_url, shortened, slug
from deployer.pace import Pace, Patience
from deployer.packaging.choice import FUNCTIONS, packaging_of

Json = Any
LOCAL = "local"
LOCAL_PROJECT = "blocklift-local"
REGION = "europe-west1"
BUCKET_LIMIT = 63
QUOTA_A_MINUTE = 50
"""Of 60 function mutations a minute and region (Cloud Functions: Quotas) some are left over."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """One root URL per API."""

    functions: str = "https://cloudfunctions.googleapis.com"
    run: str = "https://run.googleapis.com"
    workflows: str = "https://workflows.googleapis.com"
    executions: str = "https://workflowexecutions.googleapis.com"
    storage: str = "https://storage.googleapis.com"
    secrets: str = "https://secretmanager.googleapis.com"
    iam: str = "https://iam.googleapis.com"
    credentials: str = "https://iamcredentials.googleapis.com"
    projects: str = "https://cloudresourcemanager.googleapis.com"
    logging: str = "https://logging.googleapis.com"
    usage: str = "https://serviceusage.googleapis.com"
    builds: str = "https://cloudbuild.googleapis.com"
    scheduler: str = "https://cloudscheduler.googleapis.com"
    eventarc: str = "https://eventarc.googleapis.com"
    policies: str = "https://orgpolicy.googleapis.com"
    people: str = "https://openidconnect.googleapis.com"

    @classmethod
    def all_at(cls, url: str) -> Self:
        return cls(**{f.name: url for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class Polling:
    """Seconds between two looks at something long, from the first to the longest wait."""

    first: float
    longest: float


@dataclass(frozen=True, slots=True)
class Target:
    """One cloud, one project in it, one region."""

    name: str
    project_id: str
    region: str
    bucket: str
    endpoints: Endpoints = field(default_factory=Endpoints)
    key_file: Path | None = None
    impersonate: str = ""
    build_account: str = ""
    """Email of the service account that builds functions; empty: Google's default one."""
    buckets: tuple[str, ...] = ()
    """Buckets, beside our own, in which the project's blocks read and write."""
    preview: str = ""
    """Suffix of the preview that is meant here, if one is."""
    packaging: str = FUNCTIONS
    """How functions are built (`deployer.packaging`)."""
    base: str = ""
    """URL of the emulator; empty in Google's cloud."""
    keep_days: int = 7
    pace: Pace = field(default_factory=Pace)
    polling: Polling = field(default_factory=lambda: Polling(1.0, 10.0))
    deadline: float = 60.0
    """Seconds that one call may be silent."""

    @property
    def once(self) -> dict[str, Any]:
        """How Google's clients shall call: whoever performs a plan repeats, so they do not."""
        return {"retry": None, "timeout": self.deadline}

    @property
    def is_local(self) -> bool:
        return bool(self.base)

    @property
    def parent(self) -> str:
        return f"projects/{self.project_id}/locations/{self.region}"

    @property
    def makes_data_buckets(self) -> bool:
        """A cloud of one's own starts empty; elsewhere data buckets belong to somebody."""
        return self.is_local and not self.preview

    @property
    def pushes_secrets(self) -> bool:
        """Values leave this machine only when asked; its own cloud is this machine."""
        return self.is_local

    def email(self, account: str) -> str:
        return f"{account}@{self.project_id}.iam.gserviceaccount.com"

    def workflow(self, name: str) -> str:
        return f"{self.parent}/workflows/{name}"

    def starter(self, workflow: str) -> str:
        """How the cloud itself starts a workflow, wherever this machine finds its APIs."""
        return f"{Endpoints().executions}/v1/{self.workflow(workflow)}/executions"

    def reach(self, service: str, number: str, path: str = "") -> str:
        """How this machine gets at a deployed service."""
        root = f"{self.base}/run/{service}" if self.base else self.url(service, number)
        return root + path

    def url(self, service: str, number: str) -> str:
        """How the cloud gets at it, known before it exists."""
        return service_url(service, number, self.region)

    def http(self) -> Any:
        """A requests.Session that knows who calls. Calls to this machine take no proxy."""
        if self.is_local:
            import requests

            session = requests.Session()
            session.trust_env = False
            return session
        from google.auth.transport.requests import AuthorizedSession

        return AuthorizedSession(self.credentials(), max_refresh_attempts=1)

    def credentials(self) -> Any:
        """google.auth credentials: nobody's for the owner of this machine's cloud."""
        if self.is_local:
            from google.auth.credentials import AnonymousCredentials

            return AnonymousCredentials()
        from deployer.credentials import google_credentials

        return google_credentials(self.key_file, self.impersonate, self.endpoints.credentials)


def local(project: Project, url: str) -> Target:
    """The emulator at `url`."""
    wishes = wishes_of(project, LOCAL, missing={})
    project_id = str(wishes.get("project_id", LOCAL_PROJECT))
    return Target(
        name=LOCAL,
        project_id=project_id,
        region=str(wishes.get("region", REGION)),
        bucket=bucket_name(project, project_id, wishes),
        buckets=data_buckets(project, wishes),
        endpoints=Endpoints.all_at(url),
        base=url,
        preview=project.suffix,
        packaging=packaging_of(wishes_of(project, LOCAL, {}), project.settings),
        pace=Pace(
            workers=8, patience=Patience(0.1, 2.0, tries=6), reads=Patience(0.1, 1.0, tries=5)
        ),
        polling=Polling(0.02, 0.5),
    )


def named(project: Project, name: str) -> Target:
    """A target of blocklift.yaml, in Google's cloud."""
    wishes = wishes_of(project, name)
    require(project, name, wishes)
    project_id = str(wishes["project_id"])
    key = wishes.get("credentials")
    return Target(
        name=name,
        project_id=project_id,
        region=str(wishes.get("region", REGION)),
        bucket=bucket_name(project, project_id, wishes),
        buckets=data_buckets(project, wishes),
        preview=project.suffix,
        packaging=packaging_of(wishes, project.settings),
        key_file=(project.root / str(key)).resolve() if key else None,
        impersonate=str(wishes.get("impersonate", "")),
        build_account=str(wishes.get("build_account", "")),
        keep_days=int(wishes.get("keep_days", 7)),
        pace=Pace(workers=8, per_minute=QUOTA_A_MINUTE),
    )


def wishes_of(
    project: Project, name: str, missing: Mapping[str, Json] | None = None
) -> Mapping[str, Json]:
    targets = project.settings.get("targets") or {}
    if name not in targets:
        if missing is not None:
            return missing
        known = ", ".join([LOCAL, *sorted(targets)])
        hint = f"targets of this project: {known}; add one under `targets:` in blocklift.yaml"
        raise UsageError(f"no target named {name!r}", hint)
    return targets[name] or {}


TARGET_KEYS = frozenset(
    {
        "project_id",
        "region",
        "bucket",
        "buckets",
        "credentials",
        "impersonate",
        "build_account",
        "keep_days",
        "packaging",
    }
)


def require(project: Project, name: str, wishes: Mapping[str, Json]) -> None:
    """Every mistake in one target's settings."""
    path = project.root / "blocklift.yaml"
    known = ", ".join(sorted(TARGET_KEYS))
    problems = [
        Problem(path, 0, f"targets.{name}: unknown key {key!r}", f"known keys: {known}")
        for key in wishes
        if key not in TARGET_KEYS
    ]
    if not wishes.get("project_id"):
        hint = "the id of your Google Cloud project, as `gcloud projects list` shows it"
        problems.append(Problem(path, 0, f"targets.{name}: project_id is missing", hint))
    if problems:
        raise ProjectError(problems)


def bucket_name(project: Project, project_id: str, wishes: Mapping[str, Json]) -> str:
    """Bucket names are of all the world, so ours begin with the project_id."""
    default = shortened(f"{project_id}-blocklift-{slug(project.name)}", BUCKET_LIMIT)
    name = str(wishes.get("bucket") or default)
    return shortened(f"{name}-{project.suffix}", BUCKET_LIMIT) if project.suffix else name


def data_buckets(project: Project, wishes: Mapping[str, Json]) -> tuple[str, ...]:
    names = wishes.get("buckets", project.settings.get("buckets")) or ()
    return tuple(str(name) for name in names)
