"""The methods of Pub/Sub v1, for either wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.clock import unix
from emulator.cloud import Cloud, Principal
from emulator.errors import ApiError, invalid
from emulator.rpc.listing import page
from emulator.rpc.method import Request
from emulator.services.pubsub import names
from emulator.services.pubsub.broker import TOPIC, Broker
from emulator.services.pubsub.push import Carrier
from emulator.services.pubsub.queue import Item
from emulator.wire import apply_mask, camel

Json = Any
LARGEST = 10_000_000
MOST = 1000
"""Messages of one publish request."""
FIXED = frozenset({"name", "topic", "enableMessageOrdering", "filter"})
"""Of a subscription, what cannot be changed."""


class Publisher:
    """Topics, and what is sent to them."""

    def __init__(self, cloud: Cloud, broker: Broker) -> None:
        self._cloud = cloud
        self._broker = broker

    async def create(self, caller: Principal, request: Request) -> Json:
        name = names.new_name(request["name"], "topics", self._cloud.projects)
        self._require(caller, "pubsub.topics.create", _project(name))
        names.refuse_elsewhere(request)
        topic = {"state": "ACTIVE", **_given(request), "name": name}
        if not self._cloud.store.create(TOPIC, name, topic):
            resource = name.rpartition("/")[2]
            raise ApiError(
                "ALREADY_EXISTS", f"Resource already exists in the project (resource={resource})."
            )
        return topic

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._topic(caller, "get", request["topic"])

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request.get("topic") or {}
        topic = dict(self._topic(caller, "update", given.get("name", "")))
        names.refuse_elsewhere(given)
        apply_mask(topic, given, _mask(request, frozenset({"name"})))
        self._cloud.store.put(TOPIC, topic["name"], topic)
        return topic

    async def list_topics(self, caller: Principal, request: Request) -> Json:
        project = names.project_of(request["project"], self._cloud.projects)
        self._require(caller, "pubsub.topics.list", project)
        found = [topic for _, topic in self._cloud.store.list(TOPIC, f"{project}/topics/")]
        return page(request, found, "topics", default=100, most=1000)

    async def list_subscriptions(self, caller: Principal, request: Request) -> Json:
        topic = self._topic(caller, "get", request["topic"])["name"]
        found = [s["name"] for s in self._broker.subscriptions() if s["topic"] == topic]
        return page(request, sorted(found), "subscriptions", default=100, most=1000)

    async def delete(self, caller: Principal, request: Request) -> Json:
        """Its subscriptions stay, with what they hold."""
        name = self._topic(caller, "delete", request["topic"])["name"]
        for subscription in self._broker.subscriptions():
            if subscription["topic"] == name:
                self._broker.subscribe({**subscription, "topic": names.DELETED})
        self._cloud.store.delete(TOPIC, name)
        self._cloud.access.forget(name)
        return {}

    async def publish(self, caller: Principal, request: Request) -> Json:
        name = self._topic(caller, "publish", request["topic"])["name"]
        messages = request.get("messages") or []
        _check(messages)
        return {"messageIds": self._broker.publish(name, messages)}

    def _topic(self, caller: Principal, verb: str, text: str) -> dict[str, Json]:
        name = names.name_of(text, "topics", self._cloud.projects)
        self._require(caller, f"pubsub.topics.{verb}", name)
        topic: dict[str, Json] | None = self._cloud.store.get(TOPIC, name)
        if topic is None:
            resource = name.rpartition("/")[2]
            raise ApiError("NOT_FOUND", f"Resource not found (resource={resource}).")
        return topic

    def _require(self, caller: Principal, permission: str, name: str) -> None:
        self._cloud.access.require(caller, permission, name)


class Subscriber:
    """Subscriptions, and what is taken from them."""

    def __init__(self, cloud: Cloud, broker: Broker, carrier: Carrier) -> None:
        self._cloud = cloud
        self._broker = broker
        self._carrier = carrier

    async def create(self, caller: Principal, request: Request) -> Json:
        name = names.new_name(request["name"], "subscriptions", self._cloud.projects)
        self._cloud.access.require(caller, "pubsub.subscriptions.create", _project(name))
        topic = names.name_of(request.get("topic") or "", "topics", self._cloud.projects)
        self._cloud.access.require(caller, "pubsub.topics.attachSubscription", topic)
        if self._cloud.store.get(TOPIC, topic) is None:
            raise ApiError(
                "NOT_FOUND", f"Resource not found (resource={topic.rpartition('/')[2]})."
            )
        if self._broker.exists(name):
            resource = name.rpartition("/")[2]
            raise ApiError(
                "ALREADY_EXISTS", f"Resource already exists in the project (resource={resource})."
            )
        whole = names.subscription({**_given(request), "name": name, "topic": topic})
        return self._kept(caller, whole)

    def _kept(self, caller: Principal, subscription: dict[str, Json]) -> Json:
        if account := (subscription["pushConfig"].get("oidcToken") or {}).get(
            "serviceAccountEmail"
        ):
            project = subscription["name"].split("/")[1]
            resource = f"projects/{project}/serviceAccounts/{account}"
            self._cloud.access.require(caller, "iam.serviceAccounts.actAs", resource)
        self._broker.subscribe(subscription)
        self._carrier.look_at(subscription["name"])
        return subscription

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._broker.queue(self._name(caller, "get", request)).subscription

    async def list_subscriptions(self, caller: Principal, request: Request) -> Json:
        project = names.project_of(request["project"], self._cloud.projects)
        self._cloud.access.require(caller, "pubsub.subscriptions.list", project)
        found = [s for s in self._broker.subscriptions() if _project(s["name"]) == project]
        found.sort(key=lambda subscription: str(subscription["name"]))
        return page(request, found, "subscriptions", default=100, most=1000)

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request.get("subscription") or {}
        name = self._name(caller, "update", {"subscription": given.get("name", "")})
        changed = dict(self._broker.queue(name).subscription)
        apply_mask(changed, given, _mask(request, FIXED))
        return self._kept(caller, names.subscription(changed))

    async def modify_push(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "update", request)
        before = self._broker.queue(name).subscription
        config = request.get("pushConfig") or {}
        self._kept(caller, names.subscription({**before, "pushConfig": config}))
        return {}

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "delete", request)
        self._broker.unsubscribe(name)
        self._carrier.look_at(name)
        self._cloud.access.forget(name)
        return {}

    async def detach(self, caller: Principal, request: Request) -> Json:
        name = names.name_of(request["subscription"], "subscriptions", self._cloud.projects)
        subscription = self._broker.queue(name).subscription
        topic = subscription["topic"]
        self._cloud.access.require(caller, "pubsub.topics.detachSubscription", topic)
        self._broker.seek(name, float("inf"))
        self._broker.subscribe({**subscription, "detached": True})
        return {}

    # -- messages -----------------------------------------------------------------------------

    async def pull(self, caller: Principal, request: Request) -> Json:
        """What there is, at once; an answer may be empty."""
        name = self._name(caller, "consume", request)
        most = int(request.get("maxMessages") or 0)
        if most < 1:
            raise invalid("You have passed an invalid argument to the service (max_messages).")
        queue = self._broker.queue(name)
        taken = self._broker.take(name, min(most, MOST))
        return {"receivedMessages": [received(queue.subscription, item) for item in taken]}

    async def acknowledge(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "consume", request)
        self._broker.acknowledge(name, request.get("ackIds") or [])
        return {}

    async def modify_deadline(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "consume", request)
        deadline = int(request.get("ackDeadlineSeconds") or 0)
        if not 0 <= deadline <= 600:
            raise invalid(f"Invalid ack deadline given: {deadline}.")
        self._broker.extend(name, request.get("ackIds") or [], deadline)
        return {}

    async def seek(self, caller: Principal, request: Request) -> Json:
        name = self._name(caller, "consume", request)
        if "time" not in request:
            raise ApiError("UNIMPLEMENTED", "Snapshots are not served by this emulator.")
        self._broker.seek(name, unix(request["time"]))
        return {}

    def _name(self, caller: Principal, verb: str, request: Request) -> str:
        name = names.name_of(
            request.get("subscription") or "", "subscriptions", self._cloud.projects
        )
        self._cloud.access.require(caller, f"pubsub.subscriptions.{verb}", name)
        self._broker.queue(name)
        return name

    def consumer(self, caller: Principal, subscription: str) -> str:
        """Whose messages a stream may take."""
        return self._name(caller, "consume", {"subscription": subscription})


def received(subscription: Mapping[str, Json], item: Item) -> dict[str, Json]:
    told: dict[str, Json] = {"ackId": item.lease, "message": dict(item.message)}
    if subscription.get("deadLetterPolicy"):
        told["deliveryAttempt"] = item.attempts
    return told


def _given(request: Request) -> dict[str, Json]:
    return {field: value for field, value in request.items() if value not in (None, "")}


def _project(name: str) -> str:
    return "/".join(name.split("/")[:2])


def _mask(request: Request, fixed: frozenset[str]) -> list[str]:
    paths = [camel(p.strip()) for p in (request.get("updateMask") or "").split(",") if p.strip()]
    if not paths:
        raise invalid("The update_mask in the request must be set and must not be empty.")
    if wrong := sorted(fixed.intersection(paths)):
        raise invalid(f"Invalid update_mask provided: '{wrong[0]}' is not mutable.")
    return paths


def _check(messages: list[Mapping[str, Json]]) -> None:
    if not 1 <= len(messages) <= MOST:
        raise invalid("The value for message_count is out of bounds: from 1 to 1000.")
    for message in messages:
        if not message.get("data") and not message.get("attributes"):
            raise invalid("Some messages had neither data nor attributes.")
    if sum(len(message.get("data", "")) * 3 // 4 for message in messages) > LARGEST:
        raise invalid("The request is larger than 10 MB.")
