"""What Cloud Run does with a bundle: build it, start it, keep it warm, call it, stop it.

archive, bytecode, closure, layers   parts of a build
build        zip → source folder, compiled, with all that its requirements bring
environment  what may be imported, and what is imported before the fork
records      what survives: services and their revisions
zygote       a program of its own: imports heavy libraries once, forks function instances
guard, child, wire                   what runs inside those processes
zygotes, instance, pool              the host's end of them: start, scale, queue, stop
task, tasks  attempts of Cloud Run jobs, in a fork and at the host's end
lines        what a function prints → log entries
doors        how requests from the network come in
front        who may call, limits, refusals in Google's words
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.cloud import Cloud, Service
    from emulator.host.front import Host, Patience

# Imported by function processes as well, on their way to `wire`: nothing else is loaded here.


def make(cloud: Cloud, patience: Patience | None = None) -> Host:
    """The `ServiceHost` of a cloud; it asks nothing of the cloud before it is used."""
    from emulator.host.front import Host

    return Host(cloud, patience)


def ingress(cloud: Cloud) -> Service:
    """Routes of deployed services, by host name and below `/run/`: before all other routes."""
    from emulator.cloud import Service
    from emulator.host.doors import Ingress
    from emulator.host.front import of

    host = of(cloud)
    return Service("run-ingress", Ingress(host).routes(), host.start, host.stop)


def account_of(cloud: Cloud, label: str) -> tuple[str, str] | None:
    """(service account, full name) behind `/md/<label>` of the metadata server: of a service, or
    of an execution of a job.
    """
    from emulator.host import tasks
    from emulator.host.front import of

    host = of(cloud)
    service = host.records.find(label)
    revision = host.records.serving(service) if service else None
    return (revision.account, revision.service) if revision else tasks.account_of(cloud, label)
