"""Pub/Sub v1 on the REST port and the gRPC port, and as the other services use it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request as HttpRequest

from emulator.cloud import Cloud, Service
from emulator.drive.build import hosts_of
from emulator.drive.network import Network
from emulator.drive.outside import Outside
from emulator.errors import ApiError
from emulator.iam import policy_routes
from emulator.rpc import grpc, rest
from emulator.rpc.grpc import EMPTY, Rpc
from emulator.rpc.method import Method
from emulator.services.pubsub import stream
from emulator.services.pubsub.api import Publisher, Subscriber
from emulator.services.pubsub.broker import TOPIC as TOPIC_KIND
from emulator.services.pubsub.broker import Broker
from emulator.services.pubsub.names import name_of
from emulator.services.pubsub.push import Carrier

Json = Any
MESSAGES = "google.pubsub_v1.types"
TOPIC = "{topic=projects/*/topics/*}"
SUBSCRIPTION = "{subscription=projects/*/subscriptions/*}"
LARGEST_ANSWER = 1024 * 1024
PART = "pubsub"


class Exchange:
    """What other services of this emulator use."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.broker = Broker(cloud.store, cloud.clock)
        network = Network(cloud, Outside(), hosts_of(cloud), LARGEST_ANSWER)
        self.carrier = Carrier(cloud, self.broker, network)

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """A message of another service, such as Storage's notifications."""
        text = base64.b64encode(data).decode()
        self.broker.publish(topic, [{"data": text, "attributes": dict(attributes)}])

    def deliver(self, topic: str, message: Mapping[str, Json]) -> None:
        """The same, whole; ApiError NOT_FOUND for a topic that is not there."""
        name = name_of(topic, "topics", self._cloud.projects)
        if self._cloud.store.get(TOPIC_KIND, name) is None:
            resource = name.rpartition("/")[2]
            raise ApiError("NOT_FOUND", f"Resource not found (resource={resource}).")
        self.broker.publish(name, [message])


def exchange_of(cloud: Cloud) -> Exchange:
    """The exchange of this cloud, made when first asked for."""
    if PART not in cloud.parts:
        cloud.parts[PART] = Exchange(cloud)
    exchange = cloud.parts[PART]
    assert isinstance(exchange, Exchange)
    return exchange


def service(cloud: Cloud) -> Service:
    exchange = exchange_of(cloud)
    cloud.parts["pubsub.publish"] = exchange.publish
    publisher = Publisher(cloud, exchange.broker)
    subscriber = Subscriber(cloud, exchange.broker, exchange.carrier)
    routes = [
        *policy_routes(cloud, "/v1/projects/{project}/topics/{id}", "pubsub.topics", _named),
        *policy_routes(
            cloud, "/v1/projects/{project}/subscriptions/{id}", "pubsub.subscriptions", _named
        ),
        *rest.routes([*topics(publisher), *subscriptions(subscriber)], cloud.identity),
    ]
    return Service(
        PART,
        routes,
        exchange.carrier.start,
        exchange.carrier.stop,
        grpc=lambda: _grpc(cloud, exchange.broker, publisher, subscriber),
    )


def _named(request: HttpRequest) -> str:
    return request.url.path.removeprefix("/v1/").rpartition(":")[0]


def topics(api: Publisher) -> list[Method]:
    """As google/pubsub/v1/pubsub.proto has them."""
    attached = f"/v1/{TOPIC}/subscriptions"
    update = "/v1/{topic.name=projects/*/topics/*}"
    return [
        Method("Publish", "POST", f"/v1/{TOPIC}:publish", api.publish, body="*"),
        Method("ListTopicSubscriptions", "GET", attached, api.list_subscriptions),
        Method("ListTopics", "GET", "/v1/{project=projects/*}/topics", api.list_topics),
        Method("CreateTopic", "PUT", "/v1/{name=projects/*/topics/*}", api.create, body="*"),
        Method("GetTopic", "GET", f"/v1/{TOPIC}", api.get),
        Method("UpdateTopic", "PATCH", update, api.update, body="*"),
        Method("DeleteTopic", "DELETE", f"/v1/{TOPIC}", api.delete),
    ]


def subscriptions(api: Subscriber) -> list[Method]:
    one = f"/v1/{SUBSCRIPTION}"
    update = "/v1/{subscription.name=projects/*/subscriptions/*}"
    create = "/v1/{name=projects/*/subscriptions/*}"
    every = "/v1/{project=projects/*}/subscriptions"
    return [
        Method("Pull", "POST", f"{one}:pull", api.pull, body="*"),
        Method("Acknowledge", "POST", f"{one}:acknowledge", api.acknowledge, body="*"),
        Method(
            "ModifyAckDeadline", "POST", f"{one}:modifyAckDeadline", api.modify_deadline, body="*"
        ),
        Method("ModifyPushConfig", "POST", f"{one}:modifyPushConfig", api.modify_push, body="*"),
        Method("DetachSubscription", "POST", f"{one}:detach", api.detach),
        Method("Seek", "POST", f"{one}:seek", api.seek, body="*"),
        Method("ListSubscriptions", "GET", every, api.list_subscriptions),
        Method("CreateSubscription", "PUT", create, api.create, body="*"),
        Method("GetSubscription", "GET", one, api.get),
        Method("UpdateSubscription", "PATCH", update, api.update, body="*"),
        Method("DeleteSubscription", "DELETE", one, api.delete),
    ]


_ANSWERS = {
    "Publish": "PublishResponse",
    "ListTopicSubscriptions": "ListTopicSubscriptionsResponse",
    "ListTopics": "ListTopicsResponse",
    "CreateTopic": "Topic",
    "GetTopic": "Topic",
    "UpdateTopic": "Topic",
    "Pull": "PullResponse",
    "DetachSubscription": "DetachSubscriptionResponse",
    "Seek": "SeekResponse",
    "ListSubscriptions": "ListSubscriptionsResponse",
    "CreateSubscription": "Subscription",
    "GetSubscription": "Subscription",
    "UpdateSubscription": "Subscription",
}
"""Of methods; the others answer nothing."""
_REQUESTS: Mapping[str, str] = {"CreateTopic": "Topic", "CreateSubscription": "Subscription"}


def _rpc(method: Method) -> Rpc:
    request = _REQUESTS.get(method.name, f"{method.name}Request")
    answer = _ANSWERS.get(method.name)
    return Rpc(method.handler, f"{MESSAGES}.{request}", f"{MESSAGES}.{answer}" if answer else EMPTY)


def _grpc(cloud: Cloud, broker: Broker, publisher: Publisher, subscriber: Subscriber) -> list[Any]:
    import grpc as library

    publishing = {method.name: _rpc(method) for method in topics(publisher)}
    subscribing = {method.name: _rpc(method) for method in subscriptions(subscriber)}
    publishing["DetachSubscription"] = subscribing.pop("DetachSubscription")
    streaming: dict[str, Callable[..., Any]] = {
        "StreamingPull": stream.handler(cloud.identity, subscriber, broker)
    }
    return [
        grpc.handler("google.pubsub.v1.Publisher", publishing, cloud.identity),
        grpc.handler("google.pubsub.v1.Subscriber", subscribing, cloud.identity),
        library.method_handlers_generic_handler("google.pubsub.v1.Subscriber", streaming),
    ]
