"""Secret Manager v1: secrets, their numbered versions, and who may read them.

rules  what a secret and a payload may be, names, etags; pure
vault  where they are kept, and what the clock does to them
api    the methods
The methods' places on both ports are in `emulator.rpc.secret_rpcs`.
"""

from __future__ import annotations

from starlette.requests import Request

from emulator.cloud import Cloud, Service
from emulator.iam import policy_routes
from emulator.rpc import rest, secret_rpcs
from emulator.services.secretmanager.api import SecretManager

__all__ = ["SecretManager", "service"]
ROUTE = "/v1/projects/{project}/secrets/{secret}"


def service(cloud: Cloud) -> Service:
    secrets = SecretManager(cloud)
    policies = policy_routes(cloud, ROUTE, "secretmanager.secrets", _named)
    routes = [*policies, *rest.routes(secret_rpcs.methods(secrets), cloud.identity)]
    return Service("secretmanager", routes, grpc=lambda: secret_rpcs.handlers(cloud, secrets))


def _named(request: Request) -> str:
    params = request.path_params
    return f"projects/{params['project']}/secrets/{params['secret']}"
