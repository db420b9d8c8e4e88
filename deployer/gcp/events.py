"""Eventarc: a trigger per event that starts a pipeline, and the relay workflow before it.

Both are one thing of ours: the relay is made first and goes last. It carries a label of its own,
so that nobody takes it for a pipeline.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from deployer.errors import CloudError, Conflict, NotAllowed
from deployer.gcp.failures import Missing, told
from deployer.gcp.notes import Notes
from deployer.gcp.session import Session
from deployer.gcp.waiting import finish
from deployer.live import Live, Work
from deployer.naming import label
from deployer.resources import HASH_LABEL, PIPELINE_LABEL, PROJECT_LABEL, Event, Kind, digest
from deployer.target import Target

Json = Any
RELAY_LABEL = "blocklift-relay"
"""On a relay: the project that it was made for."""
PUBLISHER = "roles/pubsub.publisher"
RELAY_FIELDS = "labels,description,serviceAccount,sourceContents"
MASK = ["event_filters", "service_account", "destination", "labels"]


class Events:
    """Keeper of event triggers."""

    def __init__(self, target: Target, session: Session, owner: str) -> None:
        self.target = target
        self.session = session
        self.owner = owner
        self.root = f"{target.endpoints.eventarc}/v1/{target.parent}/triggers"
        self.relays = f"{target.endpoints.workflows}/v1/{target.parent}/workflows"
        self.notes = Notes(target, session)
        self.note = f"deployments/{owner}/publisher"
        """That the right to publish was given for this project."""
        self._one_at_a_time = threading.Lock()
        self._may_publish = False

    @cached_property
    def client(self) -> Any:
        from google.cloud import eventarc_v1

        return eventarc_v1.EventarcClient(
            transport="rest",
            credentials=self.target.credentials(),
            client_options={"api_endpoint": self.target.endpoints.eventarc},
        )

    def list(self, owner: str, wanted: Sequence[Event]) -> Sequence[Live]:
        """An API that is not enabled holds nothing, for who wants nothing of it. A new look knows
        nothing of who may publish: others may have taken it back since.
        """
        self._may_publish = False
        names = {event.name for event in wanted}
        try:
            found = [live_of(data) for data in self.triggers()]
        except (NotAllowed, Missing):
            if wanted:
                raise
            return []
        there = {live.name for live in found}
        found += [live for live in self.alone(owner) if live.name not in there]
        return [live for live in found if live.owner == owner or live.name in names]

    def triggers(self) -> Iterator[Json]:
        return self.session.pages(self.root, "listing events", "triggers", {"pageSize": 500})

    def alone(self, owner: str) -> Iterator[Live]:
        """Relays, which whoever was stopped may have left without their triggers."""
        query = {"filter": f"labels.{RELAY_LABEL}={owner}", "pageSize": 1000}
        for data in self.session.pages(self.relays, "listing relays", "workflows", query):
            if (data.get("labels") or {}).get(RELAY_LABEL) == owner:
                name = str(data["name"]).rsplit("/", 1)[-1]
                yield Live(Kind.EVENT, name, name, owner, ready=False, broken=True)

    def put(self, resource: Event, live: Live | None, work: Work) -> None:
        self.let_storage_publish()
        self.put_relay(resource)
        message = self.message(resource, digest(resource, work.known))
        if live is None:
            try:
                self.create(resource, message)
                return
            except Conflict as error:
                self.ours(resource, error)
        self.update(resource, message)

    def create(self, resource: Event, message: Json) -> None:
        doing = f"making event trigger {resource.name}"
        with told(doing):
            operation = self.client.create_trigger(
                parent=self.target.parent,
                trigger=message,
                trigger_id=resource.name,
                **self.target.once,
            )
        self.wait(operation, doing)

    def update(self, resource: Event, message: Json) -> None:
        doing = f"updating event trigger {resource.name}"
        with told(doing):
            operation = self.client.update_trigger(
                trigger=message, update_mask={"paths": MASK}, **self.target.once
            )
        self.wait(operation, doing)

    def wait(self, operation: Any, doing: str) -> None:
        url = f"{self.target.endpoints.eventarc}/v1/{operation.operation.name}"
        finish(self.session, url, doing, self.target.polling)

    def ours(self, resource: Event, error: Conflict) -> None:
        found = self.session.get(f"{self.root}/{resource.name}", "reading an event trigger")
        if live_of(found).owner != self.owner:
            hint = "it was not made by blocklift for this project: rename the trigger"
            raise Conflict(str(error), hint) from error

    def message(self, resource: Event, hashed: str) -> Json:
        filters = {"type": resource.type, "bucket": resource.bucket}
        return {
            "name": f"{self.target.parent}/triggers/{resource.name}",
            "event_filters": [{"attribute": a, "value": v} for a, v in filters.items()],
            "service_account": resource.account,
            "destination": {"workflow": self.target.workflow(resource.name)},
            "labels": {
                PROJECT_LABEL: self.owner,
                PIPELINE_LABEL: label(resource.pipeline),
                HASH_LABEL: hashed,
            },
        }

    def drop(self, live: Live) -> None:
        doing = f"deleting event trigger {live.name}"
        try:
            with told(doing):
                name = f"{self.target.parent}/triggers/{live.name}"
                operation = self.client.delete_trigger(name=name, **self.target.once)
            self.wait(operation, doing)
        except Missing:
            pass
        self.let_storage_go()
        try:
            done = self.session.call("DELETE", f"{self.relays}/{live.name}", doing)
            self.finish(done, doing)
        except Missing:
            return

    # -- the relay ----------------------------------------------------------------------------

    def put_relay(self, resource: Event) -> None:
        url, doing = f"{self.relays}/{resource.name}", f"making relay {resource.name}"
        message = {
            "description": f"hands events on to {resource.title}",
            "labels": {RELAY_LABEL: self.owner},
            "serviceAccount": resource.account,
            "sourceContents": resource.source,
        }
        found = self.session.find(url, doing)
        if found is None:
            query = {"workflowId": resource.name}
            self.finish(self.session.post(self.relays, doing, message, query), doing)
            return
        if (found.get("labels") or {}).get(RELAY_LABEL) != self.owner:
            hint = "it was not made by blocklift for this project: rename the trigger"
            raise Conflict(f"{doing}: a workflow of that name exists", hint)
        query = {"updateMask": RELAY_FIELDS}
        self.finish(self.session.call("PATCH", url, doing, message, query), doing)

    def finish(self, operation: Mapping[str, Json], doing: str) -> None:
        url = f"{self.target.endpoints.workflows}/v1/{operation['name']}"
        finish(self.session, url, doing, self.target.polling)

    # -- what Storage needs -------------------------------------------------------------------

    def let_storage_publish(self) -> None:
        """Once per project: Cloud Storage's own account publishes the events of buckets
        (Eventarc: "Roles and permissions for Cloud Storage"). Who gave it that writes it down.
        """
        with self._one_at_a_time:
            if self._may_publish:
                return
            member, doing = self.agent(), "letting Cloud Storage publish events"
            policy = self.policy(doing)
            if not holds(policy, member):
                self.notes.create(self.note, member.encode())
                binding = {"role": PUBLISHER, "members": [member]}
                policy |= {"bindings": [*policy.get("bindings", ()), binding], "version": 3}
                self.grant(member, policy, doing)
            self._may_publish = True

    def let_storage_go(self) -> None:
        """Take back what we gave, if no trigger of anybody's stands on it any more. The relay goes
        after this, so that whoever was stopped comes here again.
        """
        with self._one_at_a_time:
            given = self.notes.read(self.note)
            if given is None or any(True for _ in self.triggers_anywhere()):
                return
            doing = "taking back that Cloud Storage may publish events"
            policy = self.policy(doing)
            if holds(policy, member := given.decode()):
                policy |= {"bindings": list(without(policy["bindings"], member)), "version": 3}
                self.session.post(f"{self.policy_url}:setIamPolicy", doing, {"policy": policy})
            self.notes.remove(self.note)
            self._may_publish = False

    def triggers_anywhere(self) -> Iterator[Json]:
        every = f"projects/{self.target.project_id}/locations/-/triggers"
        url = f"{self.target.endpoints.eventarc}/v1/{every}"
        return self.session.pages(url, "listing events of all regions", "triggers")

    def policy(self, doing: str) -> dict[str, Json]:
        body = {"options": {"requestedPolicyVersion": 3}}
        return dict(self.session.ask(f"{self.policy_url}:getIamPolicy", doing, body))

    def grant(self, member: str, policy: Json, doing: str) -> None:
        try:
            self.session.post(f"{self.policy_url}:setIamPolicy", doing, {"policy": policy})
        except NotAllowed as error:
            raise CloudError(str(error), self.command(member)) from error

    def command(self, member: str) -> str:
        return (
            f"gcloud projects add-iam-policy-binding {self.target.project_id} "
            f"--member={member} --role={PUBLISHER}"
        )

    def lacks_publisher(self) -> str:
        """The command that mends it; empty when Cloud Storage may publish."""
        member, doing = self.agent(), "looking who may publish events"
        policy = self.session.ask(f"{self.policy_url}:getIamPolicy", doing, {})
        return "" if holds(policy, member) else self.command(member)

    def agent(self) -> str:
        root = f"{self.target.endpoints.storage}/storage/v1/projects/{self.target.project_id}"
        found = self.session.get(f"{root}/serviceAccount", "asking for Cloud Storage's account")
        return f"serviceAccount:{found['email_address']}"

    @property
    def policy_url(self) -> str:
        return f"{self.target.endpoints.projects}/v3/projects/{self.target.project_id}"


def holds(policy: Mapping[str, Json], member: str) -> bool:
    return any(
        binding["role"] == PUBLISHER and member in binding.get("members", ())
        for binding in policy.get("bindings") or ()
        if not binding.get("condition")
    )


def without(bindings: Sequence[Json], member: str) -> Iterator[Json]:
    """What others wrote, and conditions, stay."""
    for binding in bindings:
        if binding["role"] != PUBLISHER or binding.get("condition"):
            yield binding
        elif others := [one for one in binding["members"] if one != member]:
            yield {**binding, "members": others}


def live_of(data: Mapping[str, Json]) -> Live:
    labels = data.get("labels") or {}
    filters = {f["attribute"]: f["value"] for f in data.get("eventFilters") or ()}
    name = str(data["name"]).rsplit("/", 1)[-1]
    return Live(
        Kind.EVENT,
        name,
        name,
        owner=labels.get(PROJECT_LABEL, ""),
        pipeline=labels.get(PIPELINE_LABEL, ""),
        digest=labels.get(HASH_LABEL, ""),
        fields={
            "type": filters.get("type", ""),
            "bucket": filters.get("bucket", ""),
            "account": str(data.get("serviceAccount", "")).rsplit("/", 1)[-1],
        },
    )
