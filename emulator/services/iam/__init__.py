"""IAM v1: service accounts, their keys, and roles."""

from __future__ import annotations

from emulator.cloud import Cloud, Service
from emulator.services.iam.accounts import Accounts
from emulator.services.iam.keys import Keys
from emulator.services.iam.roles import Roles


def service(cloud: Cloud) -> Service:
    return Service(
        "iam", [*Accounts(cloud).routes(), *Keys(cloud).routes(), *Roles(cloud).routes()]
    )
