"""up and down: deploy now, deploy again at every save, stop on Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployer.cli.up import PASSWORD, importable, matters, shared
from deployer.errors import UsageError
from tests.deployer.cli.conftest import LOAD, PIPELINE, Blocklift, Shop

ROOT = Path(__file__).parents[3]


@pytest.fixture
def lines(
    shop: Shop, emulator: str, blocklift: Blocklift
) -> Iterator[tuple[subprocess.Popen, Iterator[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "deployer.cli", "up", str(shop), "--no-studio"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
        env={**os.environ, "BLOCKLIFT_EMULATOR": emulator, "NO_COLOR": "1"},
    )  # fmt: skip
    killer = threading.Timer(60, process.kill)
    killer.start()
    assert process.stdout
    try:
        yield process, iter(process.stdout.readline, "")
    finally:
        killer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
        shop.pipeline(PIPELINE)
        blocklift("destroy", shop, "--yes", "--data")


def wait_for(text: str, said: Iterator[str]) -> str:
    seen = []
    for line in said:
        seen.append(line)
        if text in line:
            return "".join(seen)
    raise AssertionError("".join(seen))


def test_up_redeploys_on_save_and_outlives_a_mistake(shop: Shop, lines) -> None:
    process, said = lines
    wait_for("watching for changes", said)
    shop.block("load", LOAD + "# changed\n")
    wait_for("function daily/load updated", said)
    (shop.root / "pipelines" / "daily" / "metadata.yaml").write_text("blocks: [")
    wait_for("metadata.yaml", said)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130


def test_what_we_write_ourselves_is_no_change() -> None:
    assert matters("/p/data_loaders/load.py")
    assert not matters("/p/.blocklift/emulator/emulator.json")
    assert not matters("/p/utils/__pycache__/x.pyc")


def test_a_part_that_is_not_installed_is_not_importable() -> None:
    assert importable("deployer.cli")
    assert not importable("no_such_package.server")


def test_up_stops_at_a_postgres_that_does_not_answer(blocklift: Blocklift, shop: Shop) -> None:
    url = "postgresql://me:secret-7461@127.0.0.1:1/mine"
    done = blocklift("up", shop, "--no-watch", "--no-studio", "--postgres", url)
    assert done.code == 3, done.err
    assert "The Postgres that was named" in done.err
    assert "secret-7461" not in done.out + done.err
    assert "created" not in done.out, "nothing was deployed"


def test_down_says_when_there_is_nothing_to_stop(offline: Blocklift, shop: Shop) -> None:
    assert "was not running" in offline("down", shop).out


def test_studio_is_shared_only_with_a_password_that_no_argument_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PASSWORD, "correct horse")
    assert shared("", False).words == ()
    sharing = shared("192.0.2.7", True)
    assert sharing.words == ("--host", "192.0.2.7", "--password")
    assert sharing.environment[PASSWORD] == "correct horse"
    assert "horse" not in repr(sharing)
    for half in (("192.0.2.7", False), ("", True)):
        with pytest.raises(UsageError):
            shared(*half)
