"""One target's APIs, ready to be asked. Client libraries load when first needed."""

from __future__ import annotations

from dataclasses import dataclass

from deployer.gcp.access import Policies
from deployer.gcp.accounts import Accounts
from deployer.gcp.events import Events
from deployer.gcp.executions import Executions
from deployer.gcp.functions import Functions
from deployer.gcp.images import Images
from deployer.gcp.jobs import Jobs
from deployer.gcp.logs import Logs
from deployer.gcp.notes import Notes
from deployer.gcp.projects import Projects
from deployer.gcp.reasons import Reasons
from deployer.gcp.schedules import Schedules
from deployer.gcp.secrets import Secrets
from deployer.gcp.services import Services
from deployer.gcp.session import Session
from deployer.gcp.storage import Buckets, Objects
from deployer.gcp.workflows import Workflows
from deployer.live import Cloud
from deployer.packaging.choice import FUNCTIONS, SHARED_IMAGE
from deployer.packaging.kept import ByPackaging
from deployer.resources import Kind
from deployer.target import Target


@dataclass(frozen=True, slots=True)
class Clients:
    """Everything that a session of the command line asks of a target."""

    cloud: Cloud
    executions: Executions
    objects: Objects
    logs: Logs
    secrets: Secrets
    workflows: Workflows
    projects: Projects
    notes: Notes
    schedules: Schedules


def packagings(target: Target, session: Session, owner: str, logs: Logs) -> ByPackaging:
    reasons = Reasons(logs)
    images = Images(target, session, owner, Notes(target, session), reasons)
    return ByPackaging(
        {
            FUNCTIONS: Functions(target, session, owner, logs),
            SHARED_IMAGE: Services(target, session, owner, images, reasons),
        }
    )


def connect(target: Target, owner: str) -> Clients:
    session = Session(target.http(), target.deadline, target.pace.reads)
    accounts = Accounts(target, session, owner)
    secrets = Secrets(target, session, owner)
    workflows = Workflows(target, session, owner)
    logs = Logs(target, session)
    schedules = Schedules(target, session, owner)
    cloud: Cloud = {
        Kind.BUCKET: Buckets(target, session, owner),
        Kind.ACCOUNT: accounts,
        Kind.SECRET: secrets,
        Kind.FUNCTION: packagings(target, session, owner, logs),
        Kind.JOB: Jobs(target, session, owner),
        Kind.ACCESS: Policies(target, session, accounts),
        Kind.WORKFLOW: workflows,
        Kind.SCHEDULE: schedules,
        Kind.EVENT: Events(target, session, owner),
    }
    return Clients(
        cloud,
        Executions(target, session),
        Objects(target, session),
        logs,
        secrets,
        workflows,
        Projects(target, session),
        Notes(target, session),
        schedules,
    )
