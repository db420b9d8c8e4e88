"""deployments, rollback, unlock and previews on a real emulator, and two deployers at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.deployer.cli.conftest import LOAD, Blocklift, Shop


@pytest.fixture(autouse=True)
def swept(blocklift: Blocklift, shop: Shop):
    yield
    blocklift("destroy", shop, "--yes", "--data")


def rows(blocklift: Blocklift, shop: Shop) -> int:
    """How many numbers the deployed pipeline doubles; `run` would deploy the files first."""
    from deployer.workspace import opened

    workspace = opened(shop.root)
    watch = workspace.start(workspace.pipeline("daily"), {})
    for event in watch.events():
        if hasattr(event, "worked"):
            assert event.worked
    found = blocklift("logs", shop, watch.run, "--block", "load").out
    return found.count("loading")


def test_a_deployment_is_listed_and_gone_back_to_without_a_build(
    blocklift: Blocklift, shop: Shop
) -> None:
    blocklift("deploy", shop)
    shop.block("load", LOAD.replace('print("loading"', 'print("changed"'))
    blocklift("deploy", shop)
    assert rows(blocklift, shop) == 0
    listed = blocklift("deployments", shop, "--json").json
    assert [one["number"] for one in listed] == [2, 1]
    began = time.monotonic()
    done = blocklift("rollback", shop)
    assert done.code == 0, done.err
    assert time.monotonic() - began < 20
    assert "back to revision daily-load-00001" in done.out
    assert rows(blocklift, shop) == 1
    plan = blocklift("plan", shop, "--json").json
    reasons = {c["key"]: c["reason"] for c in plan["changes"] if c["action"] != "keep"}
    assert reasons["function/daily-load"] == "rolled back: an earlier revision serves"
    blocklift("deploy", shop)
    assert rows(blocklift, shop) == 0
    assert "nothing to change" in blocklift("plan", shop).out


def test_where_the_revision_is_gone_the_kept_bundle_is_deployed(
    blocklift: Blocklift, shop: Shop
) -> None:
    from deployer.workspace import opened

    blocklift("deploy", shop)
    shop.block("load", LOAD.replace('print("loading"', 'print("changed"'))
    blocklift("deploy", shop)
    workspace = opened(shop.root)
    target, session = workspace.target, workspace.clients.notes.session
    state = blocklift("deployments", shop, "--json").json[1]["pipelines"]["daily"]
    revision = state["functions"]["daily-load"]["revision"]
    place = f"{target.parent}/services/daily-load/revisions/{revision}"
    session.call("DELETE", f"{target.base}/v2/{place}", "deleting a revision")
    assert blocklift("rollback", shop, "daily").code == 0
    assert rows(blocklift, shop) == 1


def test_nothing_deployed_cannot_be_gone_back_from(blocklift: Blocklift, shop: Shop) -> None:
    assert "nothing was deployed" in blocklift("deployments", shop).out
    done = blocklift("rollback", shop)
    assert (done.code, "nothing is deployed" in done.err) == (2, True)


def test_a_preview_lives_beside_the_real_one_and_goes_alone(
    blocklift: Blocklift, shop: Shop
) -> None:
    shop.triggers(
        "triggers:\n- {name: nightly, schedule_type: time, schedule_interval: '@daily', "
        "status: active}\n"
    )
    blocklift("deploy", shop)
    done = blocklift("deploy", shop, "--suffix", "pr-42")
    assert done.code == 0, done.err
    assert "preview pr-42 in local" in done.out
    assert "nothing to change" in blocklift("plan", shop).out
    assert "nothing to change" in blocklift("plan", shop, "--suffix", "pr-42").out
    listed = blocklift("previews", shop, "--json").json
    assert [one["suffix"] for one in listed] == ["pr-42"]
    assert blocklift("run", shop, "daily", "--target", "local/pr-42").code == 0
    from deployer.resources import Kind
    from deployer.workspace import opened

    keeper = opened(shop.root).clients.cloud[Kind.SCHEDULE]
    paused = {
        live.name: live.fields["paused"] for live in keeper.list(f"{shop.root.name}--pr-42", ())
    }
    assert paused == {"daily-nightly-pr-42": True}
    assert blocklift("destroy", shop, "--suffix", "pr-42", "--yes", "--data").code == 0
    assert blocklift("previews", shop, "--json").json == []
    assert "nothing to change" in blocklift("plan", shop).out


def test_a_suffix_must_fit_into_names(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("deploy", shop, "--suffix", "PR_42")
    assert (done.code, "pr-42" in done.err) == (2, True)


def holder(shop: Shop) -> subprocess.Popen[str]:
    """Another deployer, in the middle of its work: it holds the lock until it is ended."""
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from deployer.deployments.lock import Lock\n"
        "from deployer.workspace import opened\n"
        "w = opened(Path(sys.argv[1]))\n"
        "Lock(w.clients.notes, w.journal.lock, 'deploy').acquire()\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(shop.root)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_two_deployers_the_second_is_refused_and_a_killed_one_forgotten(
    blocklift: Blocklift, shop: Shop
) -> None:
    blocklift("deploy", shop)
    shop.block("load", LOAD + "\n# changed\n")
    other = holder(shop)
    try:
        refused = blocklift("deploy", shop, "--wait", "0s")
        assert refused.code == 3
        assert "is being changed by" in refused.err
        assert "unlock" in refused.err
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.wait(10)
        other.communicate()
    assert blocklift("deploy", shop, "--wait", "0s").code == 0


def test_a_lock_can_be_broken_by_hand(blocklift: Blocklift, shop: Shop) -> None:
    blocklift("deploy", shop)
    assert "nobody is changing" in blocklift("unlock", shop).out
    other = holder(shop)
    try:
        assert blocklift("unlock", shop).code == 2
        done = blocklift("unlock", shop, "--yes")
        assert "held by" in done.out
        assert "unlocked" in done.out
        shop.block("load", LOAD + "\n# changed\n")
        assert blocklift("deploy", shop, "--wait", "0s").code == 0
    finally:
        other.communicate()


def test_two_deployers_at_once_both_end_well(blocklift: Blocklift, shop: Shop) -> None:
    command = [sys.executable, "-m", "deployer.cli", "deploy", str(shop.root), "--json"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert json.loads(told[0][0])
    assert "nothing to change" in blocklift("plan", shop).out
    numbers = [one["number"] for one in blocklift("deployments", shop, "--json").json]
    assert numbers in ([1], [2, 1])
