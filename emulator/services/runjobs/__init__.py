"""Cloud Run jobs: a command that runs to its end in the container of a deployed function.

resource     a Job's fields, defaults and rules
execution    Execution and Task: how they begin, change and look
keeper       jobs and their executions in the store
runner       runs executions: tasks side by side, retries, cancellation, after a restart
api, v1      the Admin API v2, and those methods of v1 that Workflows' connector uses
"""

from __future__ import annotations

from emulator.cloud import Cloud, Service
from emulator.services.runjobs.api import Jobs
from emulator.services.runjobs.keeper import keeper_of


def service(cloud: Cloud) -> Service:
    keeper = keeper_of(cloud)
    return Service("run-jobs", Jobs(cloud).routes(), keeper.runner.start, keeper.runner.stop)
