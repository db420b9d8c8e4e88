"""Puts an engine together from the parts of a cloud; one per emulator."""

from __future__ import annotations

from emulator.cloud import Cloud
from emulator.drive.catalog import shipped
from emulator.drive.children import Children
from emulator.drive.connectors import Connectors
from emulator.drive.credentials import Credentials
from emulator.drive.engine import Engine, Quotas
from emulator.drive.hosts import Hosts
from emulator.drive.language import Language
from emulator.drive.network import Network
from emulator.drive.outside import Outside
from emulator.drive.perform import Shared
from emulator.workflows.limits import OFF, STRICT

PART = "engine"


def engine_of(cloud: Cloud) -> Engine:
    """The engine of this cloud, made when first asked for."""
    if PART not in cloud.parts:
        cloud.parts[PART] = build(cloud)
    engine = cloud.parts[PART]
    assert isinstance(engine, Engine)
    return engine


def build(cloud: Cloud, language: Language | None = None, quotas: Quotas | None = None) -> Engine:
    limits = STRICT if cloud.settings.strict_limits else OFF
    hosts = hosts_of(cloud)
    network = Network(cloud, Outside(), hosts, limits.response)
    credentials = Credentials(cloud.identity, cloud.clock)
    children = Children(cloud.access)
    connectors = Connectors(network, credentials, children, shipped, hosts)
    shared = Shared(network, credentials, connectors, children)
    children.engine = Engine(cloud, shared, language or Language(), quotas)
    return children.engine


def hosts_of(cloud: Cloud) -> Hosts:
    file = cloud.settings.hosts or cloud.settings.data / "hosts.yaml"
    return Hosts.read(file) if cloud.settings.hosts or file.exists() else Hosts()
