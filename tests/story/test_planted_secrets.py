"""A secret planted wherever a user may keep one enters nothing but the secret store."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.story.conftest import BLOCKLIFT, run
from tests.story.test_rights import made

if TYPE_CHECKING:
    from tests.story.conftest import World

MARK = "planted-"
PLACES = (
    "dotenv",
    "shell",
    "ioconfig",
    "ioconfig-other",
    "keyfile",
    "pem",
    "url",
    "token",
    "unused",
    "webhook",
)
STORED = ("dotenv", "shell", "ioconfig", "url", "token", "webhook")
STORE_OF_SECRETS = "/secret-version"
PIPELINE = """
type: python
variables: {rows: 2}
blocks:
- {uuid: load, type: data_loader, language: python, upstream_blocks: []}
- {uuid: store, type: data_exporter, language: python, upstream_blocks: [load]}
"""
TRIGGERS = f"""
triggers:
- {{name: outside, schedule_type: api, status: active, token: {MARK}token}}
"""
METADATA = f"""
project_type: standalone
notification_config:
  slack_config: {{webhook_url: "http://127.0.0.1:9/{MARK}webhook"}}
"""
IO_CONFIG = f"""
version: 0.1.1
default:
  MYSQL_HOST: db.example.com
  MYSQL_PASSWORD: {MARK}ioconfig
  MONGODB_CONNECTION_STRING: mongodb://reader:{MARK}url@db.example.com/shop
  GOOGLE_SERVICE_ACC_KEY_FILEPATH: keys/prod.json
other:
  SNOWFLAKE_PASSWORD: "{MARK}ioconfig-other"
"""
KEY = {
    "type": "service_account",
    "private_key": f"-----BEGIN PRIVATE KEY-----\n{MARK}keyfile\n-----END PRIVATE KEY-----\n",
}
LOAD = """
import os
from os import path
from mage_ai.io.config import ConfigFileLoader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(os.getcwd(), 'vault', 'io_config.yaml'), 'default')
    print("password has", len(config.get('MYSQL_PASSWORD')), "signs")
    here = os.environ['FROM_DOTENV'], os.environ['FROM_SHELL'], config.get('MYSQL_PASSWORD')
    return [len(value) for value in here]
"""
STORE = """
@data_exporter
def store(lengths, *args, **kwargs):
    open('keys/prod.json')
"""


@pytest.fixture
def vault(world: World, tmp_path: Path) -> Iterator[Path]:
    files = {
        "metadata.yaml": METADATA,
        "pipelines/vaulted/metadata.yaml": PIPELINE,
        "pipelines/vaulted/triggers.yaml": TRIGGERS,
        "data_loaders/load.py": LOAD,
        "data_exporters/store.py": STORE,
        "io_config.yaml": IO_CONFIG,
        ".env": f"FROM_DOTENV={MARK}dotenv\nNOBODY_ASKS={MARK}unused\n",
        "keys/prod.json": json.dumps(KEY),
        "certificates/client.pem": f"-----BEGIN PRIVATE KEY-----\n{MARK}pem\n",
        "blocklift.yaml": "files: [keys, certificates, .env, io_config.yaml, metadata.yaml]\n",
    }
    root = made(tmp_path / "vault", files)
    yield root
    world.blocklift("destroy", root, "--yes", "--data")


def command(world: World, *words: str | Path) -> str:
    """What a command says, with one more secret in the shell that calls it."""
    shell = {**world.environment(), "FROM_SHELL": f"{MARK}shell"}
    done = run([BLOCKLIFT, *map(str, words)], shell)
    return done.said


def test_planted_secrets_enter_nothing_but_the_secret_store(world: World, vault: Path) -> None:
    said = {
        "check": command(world, "check", vault),
        "compile": command(world, "compile", vault, "vaulted"),
        "plan": command(world, "plan", vault),
        "plan --json": command(world, "plan", vault, "--json"),
        "deploy": command(world, "deploy", vault, "--start-check", "--json"),
        "run": command(world, "run", vault, "vaulted"),
    }
    assert "block store failed: FileNotFoundError" in said["run"], "its key file stays at home"
    run_id = said["run"].partition("run ")[2].partition(" ")[0]
    said["logs"] = command(world, "logs", vault, run_id)
    assert "notification over slack was not sent" in said["logs"]
    assert "password has 16 signs" in said["logs"], "the block got its value"
    leaks = [f"{name}: {mark}" for name, text in said.items() for mark in found(text.encode())]
    assert leaks == []

    # In the cloud, the secret store alone holds them; each value in one place.
    base = "/v2/projects/blocklift-local/locations/europe-west1"
    for path in (f"{base}/functions", f"{base}/services", f"{base}/jobs"):
        assert not found(world.http.get(path).content), path
    assert [*leaks_in(world.data)] == []
    assert {*STORED} <= {*in_the_store(world.data)}, "the search would have found them"
    assert not found(
        b"".join(f.read_bytes() for f in (vault / ".blocklift").rglob("*") if f.is_file())
    )


def found(content: bytes) -> list[str]:
    return [place for place in PLACES if any(needle in content for needle in needles(place))]


@cache
def needles(place: str) -> tuple[bytes, ...]:
    """The value as it is, and as base64 has it, wherever in a text it begins."""
    value = f"{MARK}{place}".encode()
    return (value, *(b64encode(b"." * n + value)[4 if n else 0 : -4] for n in range(3)))


def leaks_in(data: Path) -> Iterator[str]:
    """Every file that the local cloud keeps; of its database every table's rows."""
    for path in sorted(p for p in data.rglob("*") if p.is_file()):
        if path.suffix in {".sqlite", ".db"} or path.name.endswith(("-wal", "-shm")):
            continue
        yield from (f"{path.relative_to(data)}: {mark}" for mark in found(path.read_bytes()))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    marks = found(archive.read(name))
                    yield from (f"{path.relative_to(data)}/{name}: {mark}" for mark in marks)
    for path in data.rglob("*.sqlite"):
        yield from (leak for leak in leaks_in_database(path) if STORE_OF_SECRETS not in leak)


def in_the_store(data: Path) -> Iterator[str]:
    """What the secret store holds."""
    for path in data.rglob("*.sqlite"):
        leaks = leaks_in_database(path)
        yield from (leak.rpartition(" ")[2] for leak in leaks if STORE_OF_SECRETS in leak)


def leaks_in_database(path: Path) -> Iterator[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                text = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
                where = f"{path.name}/{table}/{row[0]}"
                yield from (f"{where}: {mark}" for mark in found(text))
