"""Cloud Functions API v2: the functions of a project, and what it takes to bring one up.

resource   the fields of a function and their rules
uploads    signed URLs for sources
rollout    build, start, switch
methods    the API's methods, one each
"""

from __future__ import annotations

from emulator.cloud import Cloud, Service
from emulator.services.functions.methods import Functions


def service(cloud: Cloud) -> Service:
    functions = Functions(cloud)
    return Service("functions", functions.routes(), functions.start)
