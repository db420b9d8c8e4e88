"""doctor on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.deployer.cli.conftest import Blocklift, Shop


def test_a_healthy_machine_is_all_ticks(blocklift: Blocklift, shop: Shop) -> None:
    done = blocklift("doctor", shop)
    assert done.code == 0, done.out
    assert "✓ local cloud at http://127.0.0.1" in done.out


def test_what_is_missing_ends_in_1_with_the_way_out(offline: Blocklift, tmp_path: Path) -> None:
    done = offline("doctor", tmp_path, "--json")
    assert done.code == 1
    assert [finding["mend"] for finding in done.json if not finding["fine"]] == [
        f"blocklift check {tmp_path}"
    ]
