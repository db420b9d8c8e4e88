"""Clients that were told nothing but a proxy and whom to trust reach the emulator."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from textwrap import dedent
from urllib.parse import urlsplit

import pytest

from tests.emulator.conftest import PROJECT, ROOT, Emulator

IN_THE_WAY = ("STORAGE_EMULATOR_HOST", "API_ENDPOINT_OVERRIDE", "BIGQUERY_EMULATOR_HOST")


@pytest.fixture(scope="module")
def environment(emulator: Emulator) -> dict[str, str]:
    """Of a process that was told nothing else: no endpoint, no option."""
    end = time.monotonic() + 30
    while not (told := emulator.get("/emulator/v1/health").json)["transparent"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    host = emulator.url.partition("//")[2]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "CLOUDSDK_"))}
    for name in IN_THE_WAY:
        kept.pop(name, None)
    identity = {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host, "GOOGLE_CLOUD_PROJECT": PROJECT}
    return {**kept, **told["transparent"], **identity, "PYTHONPATH": str(ROOT)}


def python(environment: dict[str, str], code: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", dedent(code)]
    return subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_plain_clients_of_either_wire_find_the_emulator(
    emulator: Emulator, environment: dict[str, str], bucket: str
) -> None:
    ran = python(
        environment,
        f"""
        from google.cloud import bigquery, pubsub_v1, storage
        from google.cloud.workflows_v1 import WorkflowsClient

        blob = storage.Client().bucket("{bucket}").blob("a/b.txt")
        blob.upload_from_string("by REST")
        assert blob.download_as_bytes() == b"by REST"

        rows = bigquery.Client().query_and_wait("select 1 + 1 as n")
        assert [row.n for row in rows] == [2]

        publisher = pubsub_v1.PublisherClient()
        publisher.create_topic(name="projects/{PROJECT}/topics/from-{bucket}")
        parent = "projects/{PROJECT}/locations/europe-west1"
        workflows = WorkflowsClient()
        assert workflows.transport.kind == publisher.transport.kind == "grpc"
        assert workflows.list_workflows(parent=parent) is not None
        """,
    )
    assert ran.returncode == 0, ran.stderr
    assert emulator.get(f"/storage/v1/b/{bucket}/o/a%2Fb.txt?alt=media").body == b"by REST"
    assert emulator.get(f"/v1/projects/{PROJECT}/topics/from-{bucket}").code == 200


def test_other_hosts_of_google_s_are_refused_with_a_clear_word(
    environment: dict[str, str],
) -> None:
    ran = python(
        environment,
        """
        import requests

        for host in ("spanner.googleapis.com", "docs.google.com", "eu.gcr.io"):
            try:
                requests.get(f"https://{host}/v1/x", timeout=20)
            except requests.exceptions.ProxyError as error:
                assert f"The local cloud does not serve {host}" in str(error), error
            else:
                raise AssertionError(host)
        """,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
def echo() -> Iterator[int]:
    """A server of the outside world: it says everything twice."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data * 2)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def connect(environment: dict[str, str], to: str) -> tuple[socket.socket, bytes]:
    parts = urlsplit(environment["HTTPS_PROXY"])
    tunnel = socket.create_connection((parts.hostname, parts.port), timeout=20)
    tunnel.sendall(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n".encode())
    return tunnel, tunnel.recv(4096)


def test_the_rest_of_the_world_is_let_through_untouched(
    environment: dict[str, str], echo: int
) -> None:
    tunnel, head = connect(environment, f"127.0.0.1:{echo}")
    with tunnel:
        assert head.startswith(b"HTTP/1.1 200 ")
        tunnel.sendall(b"ab")
        assert tunnel.recv(100) == b"abab"


def test_what_cannot_be_reached_is_said(environment: dict[str, str]) -> None:
    tunnel, head = connect(environment, "127.0.0.1:1")
    with tunnel:
        assert head.startswith(b"HTTP/1.1 502 127.0.0.1 cannot be reached")


def test_the_key_of_the_ca_is_the_owner_s_alone(
    emulator: Emulator, environment: dict[str, str]
) -> None:
    for name in ("ca.key", "googleapis.pem"):
        assert stat.S_IMODE((emulator.data / "keys" / name).stat().st_mode) == 0o600
    assert b"PRIVATE" not in (emulator.data / "keys" / "ca-bundle.pem").read_bytes()


def test_a_shell_is_led_there_too(emulator: Emulator, environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "emulator", "env", "--data", str(emulator.data)]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert f"export HTTPS_PROXY={environment['HTTPS_PROXY']}\n" in told.stdout
    assert "export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=" in told.stdout
