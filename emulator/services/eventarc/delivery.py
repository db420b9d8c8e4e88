"""From what happens to who is told: a topic and a subscription per trigger carry each event, so
that none is lost, and it is tried again until its destination takes it.

Eventarc: "Retry events" (24 hours, waits of 10 to 600 seconds).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from emulator.cloud import Cloud, ObjectEvent, Principal, project_number
from emulator.drive.http import Prepared, host_of
from emulator.drive.network import Answered, NetworkError, Sender
from emulator.services.eventarc import events, rules
from emulator.services.pubsub import exchange_of
from emulator.services.pubsub.broker import TOPIC
from emulator.services.pubsub.push import Consumer

Json = Any
KIND = "eventarc-trigger"
RETENTION = "86400s"
BACKOFF = {"minimumBackoff": "10s", "maximumBackoff": "600s"}
PATIENCE = 600.0
"""Seconds that a destination may take."""
GOOD = range(200, 300)
EXECUTIONS = "https://workflowexecutions.googleapis.com/v1"


class Delivery:
    """Connects triggers with what they wait for and whom they tell."""

    def __init__(self, cloud: Cloud, sender: Sender) -> None:
        self._cloud = cloud
        self._sender = sender
        self._exchange = exchange_of(cloud)
        self._end: Callable[[], None] | None = None

    async def start(self) -> None:
        for _, trigger in self._cloud.store.list(KIND):
            self.connect(trigger)
        self._end = self._cloud.objects.subscribe(self._happened)

    async def stop(self) -> None:
        if self._end:
            self._end()
        await self._sender.close()

    # -- transport ----------------------------------------------------------------------------

    def transport(self, trigger: Mapping[str, Json]) -> dict[str, Json]:
        """The trigger's topic (made, unless it is given) and subscription, both its own."""
        _, project, _, location, _, name = trigger["name"].split("/")
        mark = f"{location}-{name}-{trigger['uid'][:3]}"
        given = (trigger.get("transport") or {}).get("pubsub") or {}
        topic = given.get("topic") or f"projects/{project}/topics/eventarc-{mark}"
        self._cloud.store.create(TOPIC, topic, {"name": topic, "state": "ACTIVE"})
        subscription = (
            f"projects/{project}/subscriptions/eventarc-{location}-{name}-sub-{mark[-3:]}"
        )
        self._exchange.broker.subscribe(
            {
                "name": subscription,
                "topic": topic,
                "ackDeadlineSeconds": int(PATIENCE),
                "messageRetentionDuration": RETENTION,
                "retryPolicy": BACKOFF,
                "pushConfig": {},
                "state": "ACTIVE",
            }
        )
        return {"pubsub": {"topic": topic, "subscription": subscription}}

    def connect(self, trigger: Mapping[str, Json]) -> None:
        """From now on its messages go to its destination."""
        subscription = trigger["transport"]["pubsub"]["subscription"]
        self._exchange.carrier.consumers[subscription] = self._consumer(trigger["name"])
        self._exchange.carrier.look_at(subscription)

    def disconnect(self, trigger: Mapping[str, Json], own_topic: bool) -> None:
        """With what is still on its way."""
        pubsub = trigger["transport"]["pubsub"]
        self._exchange.carrier.consumers.pop(pubsub["subscription"], None)
        if self._exchange.broker.exists(pubsub["subscription"]):
            self._exchange.broker.unsubscribe(pubsub["subscription"])
        self._exchange.carrier.look_at(pubsub["subscription"])
        if own_topic:
            self._cloud.store.delete(TOPIC, pubsub["topic"])

    # -- what happens -------------------------------------------------------------------------

    def _happened(self, event: ObjectEvent) -> None:
        for _, trigger in self._cloud.store.list(KIND):
            filters = rules.filters_of(trigger)
            if filters.get("type") != event.type or filters["bucket"] != event.resource["bucket"]:
                continue
            topic = trigger["transport"]["pubsub"]["topic"]
            if may_publish(self._cloud, topic):
                made = events.of_object(event, str(uuid.uuid4().int % 10**16))
                self._exchange.broker.publish(topic, [events.as_message(made)])

    # -- whom it is told ----------------------------------------------------------------------

    def _consumer(self, name: str) -> Consumer:
        async def consume(message: Mapping[str, Json]) -> bool:
            trigger = self._cloud.store.get(KIND, name)
            return trigger is None or await self._deliver(trigger, message)

        return consume

    async def _deliver(self, trigger: Mapping[str, Json], message: Mapping[str, Json]) -> bool:
        event = self._event(trigger, message)
        account = rules.account_of(trigger)
        project = "/".join(trigger["name"].split("/")[:2])
        receives = "eventarc.events.receiveEvent"
        if account and not self._cloud.access.holds(Principal(account), receives, project):
            self._tell(trigger, event, f"Permission '{receives}' denied for {account}.")
            return False
        try:
            answer = await self._sender.send(self._request(trigger, event), PATIENCE)
        except NetworkError as error:
            self._tell(trigger, event, str(error) or type(error).__name__)
            return False
        if answer.code not in GOOD:
            self._tell(trigger, event, _said(answer))
        return answer.code in GOOD

    def _event(self, trigger: Mapping[str, Json], message: Mapping[str, Json]) -> dict[str, Json]:
        if rules.type_of(trigger) != rules.PUBSUB:
            return events.of_transported(message)
        pubsub = trigger["transport"]["pubsub"]
        return events.of_message(message, pubsub["topic"], pubsub["subscription"])

    def _request(self, trigger: Mapping[str, Json], event: Mapping[str, Json]) -> Prepared:
        destination, account = trigger["destination"], rules.account_of(trigger)
        identity = self._cloud.identity
        if workflow := destination.get("workflow"):
            url = f"{EXECUTIONS}/{workflow}/executions"
            body = orjson.dumps({"argument": orjson.dumps(event).decode()})
            told = {"Content-Type": "application/json"}
            token = identity.access_token(account)
        else:
            root = self._service_url(trigger, destination["cloudRun"])
            url = root + (destination["cloudRun"].get("path") or "/")
            body, told = orjson.dumps(event["data"]), events.headers(event)
            token = identity.id_token(account, root) if account else ""
        signed = {"Authorization": f"Bearer {token}"} if token else {}
        return Prepared("POST", url, host_of(url), {**told, **signed}, body)

    def _service_url(self, trigger: Mapping[str, Json], run: Mapping[str, Json]) -> str:
        _, project, _, location, *_ = trigger["name"].split("/")
        region = run.get("region") or location
        return f"https://{run['service']}-{project_number(project)}.{region}.run.app"

    def _tell(self, trigger: Mapping[str, Json], event: Mapping[str, Json], why: str) -> None:
        """A line for who looks why nothing started."""
        _, project, _, location, _, name = trigger["name"].split("/")
        self._cloud.logs.write(
            {
                "logName": f"projects/{project}/logs/eventarc.googleapis.com%2Fdelivery",
                "resource": {
                    "type": "eventarc.googleapis.com/Trigger",
                    "labels": {"trigger": name, "location": location},
                },
                "severity": "ERROR",
                "jsonPayload": {"event": event["id"], "type": event["type"], "message": why},
            }
        )


def may_publish(cloud: Cloud, topic: str) -> bool:
    """Storage's own account needs the role Pub/Sub Publisher (Eventarc: "Roles and permissions
    for Cloud Storage").
    """
    return cloud.access.holds(Principal(agent(topic.split("/")[1])), "pubsub.topics.publish", topic)


def agent(project: str) -> str:
    """The service account with which Cloud Storage publishes."""
    return f"service-{project_number(project)}@gs-project-accounts.iam.gserviceaccount.com"


def _said(answer: Answered) -> str:
    try:
        return f"{answer.code}: {orjson.loads(answer.body)['error']['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.code}: {answer.body[:200].decode(errors='replace')}"
