"""TailLogEntries as Google's client sees it: `LoggingServiceV2Client.tail_log_entries`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.logging_v2 import types
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import (
    LoggingServiceV2GrpcTransport,
)

from tests.emulator.conftest import PROJECT, Emulator

PARENT = f"projects/{PROJECT}"
ERROR = 500


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Iterator[LoggingServiceV2Client]:
    with grpc.insecure_channel(emulator.get("/emulator/v1/health").json["grpc"]) as channel:
        grpc.channel_ready_future(channel).result(60)
        transport = LoggingServiceV2GrpcTransport(channel=channel)
        yield LoggingServiceV2Client(transport=transport)


def request_of(log: str, filter_: str = "", **more: object) -> types.TailLogEntriesRequest:
    told = f'log_id("{log}") {filter_}'
    return types.TailLogEntriesRequest(resource_names=[PARENT], filter=told, **more)


def write(client: LoggingServiceV2Client, log: str, *texts: str, **fields: object) -> None:
    entries = [types.LogEntry(text_payload=text, **fields) for text in texts]
    client.write_log_entries(
        log_name=f"{PARENT}/logs/{log}", resource={"type": "global"}, entries=entries
    )


@contextmanager
def writing(client: LoggingServiceV2Client, log: str, *texts: str) -> Iterator[None]:
    """Again and again: nobody tells when a tail is in place, and the client waits for word."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.05):
            write(client, log, *texts)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_entries_come_as_they_are_written(client: LoggingServiceV2Client, fresh_name: str) -> None:
    write(client, fresh_name, "before")
    with writing(client, fresh_name, "one", "two"):
        stream = client.tail_log_entries(requests=iter([request_of(fresh_name)]), timeout=30)
        answers = iter(stream)
        told = [entry.text_payload for _ in range(2) for entry in next(answers).entries]
    assert told[:4] == ["one", "two", "one", "two"], "in order, and nothing from before"
    stream.cancel()


def test_only_what_the_filter_wants(client: LoggingServiceV2Client, fresh_name: str) -> None:
    asked = request_of(fresh_name, 'AND textPayload="two"')
    with writing(client, fresh_name, "one", "two"):
        stream = client.tail_log_entries(requests=iter([asked]), timeout=30)
        (entry, *_) = next(iter(stream)).entries
    assert entry.text_payload == "two"
    assert entry.log_name == f"{PARENT}/logs/{fresh_name}"
    assert entry.resource.type == "global"
    stream.cancel()


REFUSED = [
    (types.TailLogEntriesRequest(), "resource_names"),
    (request_of("a", "AND severity >="), "ilter"),
    (request_of("a", buffer_window={"seconds": 61}), "buffer_window"),
]


@pytest.mark.parametrize(("request_", "message"), REFUSED)
def test_what_is_refused(
    client: LoggingServiceV2Client, request_: types.TailLogEntriesRequest, message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        client.tail_log_entries(requests=iter([request_]), timeout=30)


def test_an_account_needs_a_role(
    client: LoggingServiceV2Client, emulator: Emulator, fresh_name: str
) -> None:
    token = emulator.token_of(emulator.account(f"sa-{fresh_name}"))
    asked, told = request_of(fresh_name), [("authorization", token)]
    with pytest.raises(exceptions.PermissionDenied, match=r"logging\.logEntries\.list"):
        client.tail_log_entries(requests=iter([asked]), metadata=told, timeout=30)


def test_the_rest_of_the_api(client: LoggingServiceV2Client, fresh_name: str) -> None:
    write(client, fresh_name, "x", severity="ERROR", labels={"a": "1"})
    listed = client.list_log_entries(
        request={"resource_names": [PARENT], "filter": f'log_id("{fresh_name}")'}
    )
    (entry,) = list(listed)
    assert (entry.severity, dict(entry.labels)) == (ERROR, {"a": "1"})
    name = f"{PARENT}/logs/{fresh_name}"
    assert name in list(client.list_logs(request={"parent": PARENT, "page_size": 1000}))
    client.delete_log(log_name=name)
    with pytest.raises(exceptions.NotFound):
        client.delete_log(log_name=name)
