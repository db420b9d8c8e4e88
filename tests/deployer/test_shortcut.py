"""When a plan may be left out, and when not."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deployer.shortcut import FILE, Shortcut

SETTINGS = ["API_KEY"]


@pytest.fixture
def shortcut(tmp_path: Path) -> Shortcut:
    root, home = tmp_path / "shop", tmp_path / "home"
    (root / "utils").mkdir(parents=True)
    home.mkdir()
    (root / "utils" / "a.py").write_text("1")
    made = Shortcut(root, home, ["local", 42], lambda _: "seal-1", {"API_KEY": "x"})
    made.remember("daily", SETTINGS, made.fingerprint(SETTINGS))
    return made


def test_what_nobody_touched_needs_no_plan(shortcut: Shortcut) -> None:
    assert shortcut.holds("daily")
    assert not shortcut.holds("weekly")


def edit(shortcut: Shortcut) -> Shortcut:
    (shortcut.root / "utils" / "a.py").write_text("22")
    return shortcut


def touch(shortcut: Shortcut) -> Shortcut:
    os.utime(shortcut.root / "utils" / "a.py", ns=(1, 1))
    return shortcut


def add(shortcut: Shortcut) -> Shortcut:
    (shortcut.root / "utils" / "b.py").touch()
    return shortcut


def remove(shortcut: Shortcut) -> Shortcut:
    (shortcut.root / "utils" / "a.py").unlink()
    return shortcut


def garble(shortcut: Shortcut) -> Shortcut:
    (shortcut.home / FILE).write_text("[")
    return shortcut


CHANGES: list[Callable[[Shortcut], Shortcut]] = [
    edit,
    touch,
    add,
    remove,
    garble,
    lambda s: replace(s, environment={"API_KEY": "y"}),
    lambda s: replace(s, target=["local", 43]),
    lambda s: replace(s, seal=lambda _: "seal-2"),
    lambda s: replace(s, seal=lambda _: ""),
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_could_matter_asks_for_a_plan(
    shortcut: Shortcut, change: Callable[[Shortcut], Shortcut]
) -> None:
    assert not change(shortcut).holds("daily")


def test_what_does_not_matter_does_not(shortcut: Shortcut) -> None:
    cache = shortcut.root / "__pycache__"
    cache.mkdir()
    (cache / "a.pyc").touch()
    assert replace(shortcut, environment={"API_KEY": "x", "TERM": "z"}).holds("daily")


def test_a_save_during_the_deploy_is_not_vouched_for(shortcut: Shortcut) -> None:
    taken = shortcut.fingerprint(SETTINGS)
    edit(shortcut)
    shortcut.remember("daily", SETTINGS, taken)
    assert not shortcut.holds("daily")


def test_no_value_is_written_down(shortcut: Shortcut) -> None:
    secret = replace(shortcut, environment={"API_KEY": "planted"})
    secret.remember("daily", SETTINGS, secret.fingerprint(SETTINGS))
    assert "planted" not in (shortcut.home / FILE).read_text()
