"""Pub/Sub as Google's own publisher and subscriber see it, on a really running emulator."""

from __future__ import annotations

import base64
import http.server
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.emulator.conftest import PROJECT, Emulator

ROOT = f"projects/{PROJECT}"


@dataclass
class Stage:
    publisher: PublisherClient
    subscriber: SubscriberClient
    topic: str
    subscription: str

    def pull(self, most: int = 10) -> list[Any]:
        found = self.subscriber.pull(subscription=self.subscription, max_messages=most)
        return list(found.received_messages)

    def subscribe(self, **fields: Any) -> Any:
        request = {"name": self.subscription, "topic": self.topic, **fields}
        return self.subscriber.create_subscription(request=request)

    def publish(self, *texts: str, **fields: Any) -> list[str]:
        messages = [{"data": text.encode(), **fields} for text in texts]
        answer = self.publisher.publish(request={"topic": self.topic, "messages": messages})
        return list(answer.message_ids)


@pytest.fixture(scope="module")
def channel(emulator: Emulator) -> Iterator[grpc.Channel]:
    address = emulator.get("/emulator/v1/health").json["grpc"]
    with grpc.insecure_channel(address) as made:
        grpc.channel_ready_future(made).result(30)
        yield made


@pytest.fixture
def stage(channel: grpc.Channel, fresh_name: str) -> Stage:
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
    topic = f"{ROOT}/topics/{fresh_name}"
    publisher.create_topic(name=topic)
    return Stage(publisher, subscriber, topic, f"{ROOT}/subscriptions/{fresh_name}")


def test_what_is_published_is_pulled_until_it_is_acknowledged(stage: Stage) -> None:
    stage.subscribe(ack_deadline_seconds=20)
    ids = stage.publish("one", "two", attributes={"colour": "blue"})
    got = stage.pull()
    assert [(m.message.data, m.message.message_id) for m in got] == [
        (b"one", ids[0]),
        (b"two", ids[1]),
    ]
    assert got[0].message.attributes["colour"] == "blue"
    assert stage.pull() == []
    one, two = (message.ack_id for message in got)
    stage.subscriber.acknowledge(subscription=stage.subscription, ack_ids=[one])
    stage.subscriber.modify_ack_deadline(
        subscription=stage.subscription, ack_ids=[two], ack_deadline_seconds=0
    )
    (again,) = stage.pull()
    assert again.message.data == b"two"


def test_every_subscription_gets_its_own(stage: Stage) -> None:
    stage.subscribe()
    other = f"{stage.subscription}-b"
    stage.subscriber.create_subscription(name=other, topic=stage.topic)
    stage.publish("hello")
    (found,) = stage.subscriber.pull(subscription=other, max_messages=5).received_messages
    stage.subscriber.acknowledge(subscription=other, ack_ids=[found.ack_id])
    assert [message.message.data for message in stage.pull()] == [b"hello"]
    attached = stage.publisher.list_topic_subscriptions(topic=stage.topic)
    assert list(attached) == [stage.subscription, other]


def test_a_filter_lets_only_some_through(stage: Stage) -> None:
    stage.subscribe(filter='attributes.colour = "red"')
    stage.publish("no", attributes={"colour": "blue"})
    stage.publish("yes", attributes={"colour": "red"})
    assert [message.message.data for message in stage.pull()] == [b"yes"]


def test_messages_of_one_key_come_one_after_the_other(stage: Stage) -> None:
    stage.subscribe(enable_message_ordering=True)
    stage.publish("first", "second", ordering_key="k")
    stage.publish("apart", ordering_key="other")
    got = stage.pull()
    assert [message.message.data for message in got] == [b"first", b"apart"]
    stage.subscriber.acknowledge(subscription=stage.subscription, ack_ids=[got[0].ack_id])
    assert [message.message.data for message in stage.pull()] == [b"second"]


def test_what_fails_too_often_goes_to_the_dead_letters(stage: Stage) -> None:
    dead = f"{stage.topic}-dead"
    stage.publisher.create_topic(name=dead)
    letters = f"{stage.subscription}-dead"
    stage.subscriber.create_subscription(name=letters, topic=dead)
    policy = {"dead_letter_topic": dead, "max_delivery_attempts": 5}
    stage.subscribe(dead_letter_policy=policy)
    stage.publish("bad")
    for attempt in range(1, 6):
        (got,) = stage.pull()
        assert got.delivery_attempt == attempt
        stage.subscriber.modify_ack_deadline(
            subscription=stage.subscription, ack_ids=[got.ack_id], ack_deadline_seconds=0
        )
    assert stage.pull() == []
    (letter,) = stage.subscriber.pull(subscription=letters, max_messages=1).received_messages
    assert letter.message.data == b"bad"
    assert letter.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"


def test_a_subscription_of_a_deleted_topic_keeps_what_it_holds(stage: Stage) -> None:
    stage.subscribe()
    stage.publish("last words")
    stage.publisher.delete_topic(topic=stage.topic)
    held = stage.subscriber.get_subscription(subscription=stage.subscription)
    assert held.topic == "_deleted-topic_"
    assert [message.message.data for message in stage.pull()] == [b"last words"]


def test_seeking_to_a_time_acknowledges_what_was_before(stage: Stage) -> None:
    stage.subscribe()
    stage.publish("old")
    stage.subscriber.seek(
        request={"subscription": stage.subscription, "time": "2999-01-01T00:00:00Z"}
    )
    assert stage.pull() == []


def test_refusals_have_google_s_classes(stage: Stage) -> None:
    with pytest.raises(exceptions.AlreadyExists):
        stage.publisher.create_topic(name=stage.topic)
    with pytest.raises(exceptions.NotFound, match="resource=nowhere"):
        stage.publisher.publish(topic=f"{ROOT}/topics/nowhere", messages=[{"data": b"x"}])
    with pytest.raises(exceptions.NotFound):
        stage.subscriber.create_subscription(
            name=stage.subscription, topic=f"{ROOT}/topics/nowhere"
        )
    with pytest.raises(exceptions.InvalidArgument):
        stage.publisher.create_topic(name=f"{ROOT}/topics/9x")
    with pytest.raises(exceptions.InvalidArgument, match="neither data nor attributes"):
        stage.publisher.publish(topic=stage.topic, messages=[{}])
    with pytest.raises(exceptions.InvalidArgument, match="not mutable"):
        stage.subscribe()
        stage.subscriber.update_subscription(
            request={
                "subscription": {"name": stage.subscription, "topic": stage.topic},
                "update_mask": "topic",
            }
        )
    with pytest.raises(exceptions.MethodNotImplemented, match="BigQuery"):
        stage.subscriber.create_subscription(
            request={
                "name": f"{stage.subscription}-bq",
                "topic": stage.topic,
                "bigquery_config": {"table": "p.d.t"},
            }
        )


def test_an_account_needs_the_role(emulator: Emulator, stage: Stage) -> None:
    account = emulator.account("pubber")
    token = emulator.token_of(account)
    body = {"messages": [{"data": base64.b64encode(b"x").decode()}]}
    refused = emulator.post(f"/v1/{stage.topic}:publish", body, authorization=token)
    assert refused.code == 403
    assert "pubsub.topics.publish" in refused.message
    binding = {"role": "roles/pubsub.publisher", "members": [f"serviceAccount:{account}"]}
    policy = {"policy": {"bindings": [binding]}}
    assert emulator.post(f"/v1/{stage.topic}:setIamPolicy", policy).code == 200
    assert emulator.post(f"/v1/{stage.topic}:publish", body, authorization=token).code == 200


def test_rest_speaks_of_the_same_messages(emulator: Emulator, stage: Stage) -> None:
    stage.subscribe()
    stage.publish("over both wires")
    path = f"/v1/{stage.subscription}"
    got = emulator.post(f"{path}:pull", {"maxMessages": 3}).json["receivedMessages"]
    assert base64.b64decode(got[0]["message"]["data"]) == b"over both wires"
    assert emulator.post(f"{path}:acknowledge", {"ackIds": [got[0]["ackId"]]}).json == {}
    assert stage.pull() == []
    listed = emulator.get(f"/v1/{ROOT}/subscriptions").json["subscriptions"]
    assert stage.subscription in {found["name"] for found in listed}


def test_a_stream_takes_messages_as_they_come(emulator: Emulator, stage: Stage) -> None:
    from google.cloud.pubsub_v1 import SubscriberClient as Streaming

    stage.subscribe()
    got: queue.Queue[bytes] = queue.Queue()

    def take(message: Any) -> None:
        got.put(message.data)
        message.ack()

    own = grpc.insecure_channel(emulator.get("/emulator/v1/health").json["grpc"])
    with Streaming(transport=SubscriberGrpcTransport(channel=own)) as streaming:
        pulling = streaming.subscribe(stage.subscription, callback=take)
        stage.publish(*(f"m{n}" for n in range(50)))
        found = {got.get(timeout=20) for _ in range(50)}
        pulling.cancel()
        pulling.result(20)
    assert found == {f"m{n}".encode() for n in range(50)}
    assert stage.pull() == []


# -- push ------------------------------------------------------------------------------------


@contextmanager
def endpoint(codes: list[int]) -> Iterator[tuple[str, queue.Queue[tuple[dict[str, str], Any]]]]:
    """A server that notes what it was sent; answers `codes`, then 204."""
    seen: queue.Queue[tuple[dict[str, str], Any]] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.put((dict(self.headers), body))
            self.send_response(codes.pop(0) if codes else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/push", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_push_is_repeated_until_it_is_taken(stage: Stage, emulator: Emulator) -> None:
    account = emulator.account("pusher")
    with endpoint([500]) as (url, seen):
        stage.subscribe(
            push_config={"push_endpoint": url, "oidc_token": {"service_account_email": account}}
        )
        (id_,) = stage.publish("pushed", attributes={"a": "b"})
        for _ in range(2):
            headers, body = seen.get(timeout=20)
            told = json.loads(body)
            assert told["subscription"] == stage.subscription
            assert base64.b64decode(told["message"]["data"]) == b"pushed"
            assert told["message"]["messageId"] == told["message"]["message_id"] == id_
            assert told["message"]["attributes"] == {"a": "b"}
            assert headers["Authorization"].startswith("Bearer ey")


def test_an_unwrapped_push_is_the_bare_data(stage: Stage) -> None:
    with endpoint([]) as (url, seen):
        config = {"push_endpoint": url, "no_wrapper": {"write_metadata": True}}
        stage.subscribe(push_config=config)
        (id_,) = stage.publish("bare")
        headers, body = seen.get(timeout=20)
    assert body == b"bare"
    assert headers["x-goog-pubsub-message-id"] == id_
