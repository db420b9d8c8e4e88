"""Mistakes count only for the pipelines that they concern."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import ProjectError
from deployer.soundness import Survey, surveyed
from tests.deployer.making import SHOP, written

STREAM = {"pipelines/live/metadata.yaml": "type: streaming\nblocks: []\n"}
BROKEN = {"pipelines/torn/metadata.yaml": "blocks: [\n"}
LOST = {
    "pipelines/lost/metadata.yaml": "type: python\nblocks:\n"
    "- {uuid: gone, type: data_loader, language: python}\n"
}


@pytest.fixture
def mixed(tmp_path: Path) -> Survey:
    return surveyed(written(tmp_path, SHOP, STREAM, BROKEN, LOST))


def test_a_sound_pipeline_is_not_refused_for_its_neighbours(mixed: Survey) -> None:
    mixed.refuse(["daily"])
    for name in ("live", "torn", "lost"):
        with pytest.raises(ProjectError) as refused:
            mixed.refuse(["daily", name])
        assert {p.path.parent.name for p in refused.value.problems} == {name}


def test_all_together_are_refused_with_a_way_out(mixed: Survey) -> None:
    with pytest.raises(ProjectError) as refused:
        mixed.refuse()
    assert {p.path.parent.name for p in refused.value.problems} == {"live", "torn", "lost"}
    assert refused.value.hint == "sound: daily; --skip-refused deploys it without the rest"


def test_two_heaps(mixed: Survey) -> None:
    split = mixed.split()
    assert split.sound == ("daily",)
    assert set(split.refused) == {"live", "lost", "torn"}


def test_what_all_share_concerns_everyone(tmp_path: Path) -> None:
    found = surveyed(written(tmp_path, SHOP, {"requirements.txt": "what is this?\n"}))
    with pytest.raises(ProjectError) as refused:
        found.refuse(["daily"])
    assert refused.value.problems[0].path.name == "requirements.txt"
    assert found.split().sound == ()


def test_no_project_at_all(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no Mage project"):
        surveyed(tmp_path)
