"""An event → its relay and its trigger; and once for all, the right without which none comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deployer.resources import Event, Kind
from deployer.terraform.hcl import Block, Raw
from deployer.terraform.names import TYPES, identifier

Json = Any
AGENT = "storage"
GRANT = ("google_project_iam_member", "storage_publishes_events")
PUBLISHES = ".".join(GRANT)
PUBLISHER = "roles/pubsub.publisher"


def publishing(project_id: str) -> Iterator[Block]:
    """Cloud Storage's own account publishes the events of buckets (Eventarc: "Roles and
    permissions for Cloud Storage").
    """
    agent = Block("data", ("google_storage_project_service_account", AGENT))
    yield agent
    told = {
        "project": project_id,
        "role": PUBLISHER,
        "member": Raw(f"{agent.reference}.member"),
    }
    yield Block("resource", GRANT, told, (), "the events of buckets come by Pub/Sub")


def relay_of(event: Event, region: str, labels: Mapping[str, Json]) -> Block:
    """The workflow that hands events on."""
    told = {
        "name": event.name,
        "region": region,
        "service_account": event.account,
        "source_contents": Raw(f'file("${{path.module}}/workflows/{event.name}.yaml")'),
        "deletion_protection": False,
        "labels": labels,
    }
    return Block("resource", relay_name(event), told, (), f"hands events on to {event.title}")


def relay_name(event: Event) -> tuple[str, str]:
    return TYPES[Kind.WORKFLOW], identifier(event.name)


def told_of(
    event: Event, region: str, labels: Mapping[str, Json]
) -> tuple[dict[str, Json], list[Block]]:
    """Arguments and blocks of the trigger."""
    filters = {"type": event.type, "bucket": event.bucket}
    criteria = [
        Block("matching_criteria", (), {"attribute": a, "value": v}) for a, v in filters.items()
    ]
    to = {"workflow": Raw(f"{'.'.join(relay_name(event))}.id")}
    told = {
        "name": event.name,
        "location": region,
        "service_account": event.account,
        "labels": labels,
    }
    return told, [*criteria, Block("destination", (), to)]
