"""One deployer at a time: refused, waiting, forgotten when killed, told when it lost."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, replace

import pytest

from deployer.deployments.lock import Holder, Lock, LockLost, holder_of
from deployer.errors import Conflict, Unreachable
from tests.deployer.shelf import Shelf

NAME = "deployments/shop/lock.json"


def lock(shelf: Shelf, **more: float) -> Lock:
    return Lock(shelf, NAME, "deploy", **{"look": 0.01, **more})


def elsewhere(shelf: Shelf, who: str = "ana@laptop") -> None:
    """Somebody on another machine holds it."""
    holder = replace(Holder.here("deploy"), who=who, place="laptop")
    shelf.create(NAME, json.dumps(asdict(holder)).encode())


def test_the_second_deployer_is_told_who_is_at_work_and_how_to_go_on() -> None:
    shelf = Shelf()
    elsewhere(shelf)
    with pytest.raises(Conflict, match=r"ana@laptop \(deploy, since 20") as refused:
        lock(shelf).acquire()
    assert "--wait" in refused.value.hint
    assert "unlock" in refused.value.hint


def test_who_waits_goes_on_when_the_other_is_done() -> None:
    shelf = Shelf()
    first, second, words = lock(shelf), lock(shelf), []
    first.acquire()
    waiting = threading.Thread(target=second.acquire, args=(30, words.append))
    waiting.start()
    while not words:
        time.sleep(0.001)
    first.release()
    waiting.join(10)
    assert holder_of(shelf.read(NAME)) == second.holder
    assert "waiting for" in words[0]
    second.release()
    assert shelf.read(NAME) is None


def test_a_lease_that_nobody_renews_goes_to_the_next() -> None:
    shelf = Shelf()
    elsewhere(shelf)
    shelf.now += 61
    taken = lock(shelf)
    taken.acquire()
    assert holder_of(shelf.read(NAME)) == taken.holder
    taken.release()


def test_a_lease_is_renewed_while_its_holder_lives() -> None:
    shelf = Shelf()
    held = lock(shelf, lease=0.04)
    held.acquire()
    shelf.now += 1
    while shelf.note(NAME).age > 0:
        time.sleep(0.001)
    held.check()
    held.release()


def test_a_dead_process_of_this_machine_is_not_waited_for() -> None:
    shelf = Shelf()
    holder = replace(Holder.here("deploy"), process=2**22 + 1)  # beyond Linux' largest number
    shelf.create(NAME, holder.to_bytes())
    taken = lock(shelf)
    taken.acquire()
    taken.release()


def test_whoever_lost_it_makes_no_further_change_and_leaves_it_to_its_new_holder() -> None:
    shelf = Shelf()
    loser = lock(shelf, lease=0.02)
    loser.acquire()
    shelf.remove(NAME)
    elsewhere(shelf)
    loser.renewing.join(10)
    with pytest.raises(LockLost):
        loser.check()
    loser.release()
    assert holder_of(shelf.read(NAME)).who == "ana@laptop"


def test_a_target_that_is_silent_for_a_lease_has_let_go() -> None:
    class Silent(Shelf):
        def touch(self, name: str, generation: str, mark: str) -> bool:
            raise Unreachable("no answer")

    held = lock(Silent(), lease=0.02)
    held.acquire()
    held.renewing.join(10)
    with pytest.raises(LockLost):
        held.check()
    held.release()


def test_a_lost_answer_does_not_lock_us_out() -> None:
    class Lossy(Shelf):
        def create(self, name: str, data: bytes) -> str:
            super().create(name, data)
            return ""

    held = lock(Lossy())
    held.acquire()
    held.release()
    assert held.notes.read(NAME) is None
