"""Pub/Sub's rows: Google's publisher and subscriber, over gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.api_core.exceptions import (
    AlreadyExists,
    InvalidArgument,
    MethodNotImplemented,
    NotFound,
)
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.emulator.conformance.rows import PROJECT, Place, Rows

ROWS = Rows("Pub/Sub")


@dataclass
class Desk:
    publisher: PublisherClient
    subscriber: SubscriberClient
    topic: str
    subscription: str

    def subscribe(self, **fields: Any) -> Any:
        self.publisher.create_topic(name=self.topic)
        request = {"name": self.subscription, "topic": self.topic, **fields}
        return self.subscriber.create_subscription(request=request)


@contextmanager
def desk(place: Place) -> Iterator[Desk]:
    with grpc.insecure_channel(place.grpc) as channel:
        grpc.channel_ready_future(channel).result(30)
        yield Desk(
            PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
            SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
            f"projects/{PROJECT}/topics/{place.name}",
            f"projects/{PROJECT}/subscriptions/{place.name}",
        )


@ROWS.works("PublisherClient.create_topic, get_topic, list_topics, delete_topic")
def _(place: Place) -> None:
    with desk(place) as at:
        at.publisher.create_topic(name=at.topic)
        assert at.publisher.get_topic(topic=at.topic).name == at.topic
        listed = at.publisher.list_topics(project=f"projects/{PROJECT}")
        assert at.topic in [topic.name for topic in listed]
        at.publisher.delete_topic(topic=at.topic)


@ROWS.works("PublisherClient.publish, SubscriberClient.pull, acknowledge")
def _(place: Place) -> None:
    with desk(place) as at:
        at.subscribe()
        at.publisher.publish(topic=at.topic, messages=[{"data": b"x"}])
        (got,) = at.subscriber.pull(subscription=at.subscription, max_messages=1).received_messages
        assert got.message.data == b"x"
        at.subscriber.acknowledge(subscription=at.subscription, ack_ids=[got.ack_id])


@ROWS.works("SubscriberClient.update_subscription")
def _(place: Place) -> None:
    with desk(place) as at:
        made = at.subscribe()
        made.ack_deadline_seconds = 60
        request = {"subscription": made, "update_mask": {"paths": ["ack_deadline_seconds"]}}
        assert at.subscriber.update_subscription(request=request).ack_deadline_seconds == 60


@ROWS.refuses("PublisherClient.create_topic of one that is there", AlreadyExists)
def _(place: Place) -> None:
    with desk(place) as at:
        at.publisher.create_topic(name=at.topic)
        at.publisher.create_topic(name=at.topic)


@ROWS.refuses("PublisherClient.publish to a topic that is not there", NotFound)
def _(place: Place) -> None:
    with desk(place) as at:
        at.publisher.publish(topic=at.topic, messages=[{"data": b"x"}])


@ROWS.refuses("PublisherClient.publish of nothing", InvalidArgument)
def _(place: Place) -> None:
    with desk(place) as at:
        at.publisher.create_topic(name=at.topic)
        at.publisher.publish(topic=at.topic, messages=[{}])


@ROWS.missing("SubscriberClient.seek to a snapshot", MethodNotImplemented)
def _(place: Place) -> None:
    with desk(place) as at:
        at.subscribe()
        snapshot = f"projects/{PROJECT}/snapshots/{place.name}"
        at.subscriber.seek(request={"subscription": at.subscription, "snapshot": snapshot})


@ROWS.missing("SubscriberClient.create_subscription that writes to BigQuery", MethodNotImplemented)
def _(place: Place) -> None:
    with desk(place) as at:
        at.subscribe(bigquery_config={"table": "p.d.t"})
