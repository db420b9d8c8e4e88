from __future__ import annotations

from pathlib import Path

import pytest

from studio.server.edit import Editor
from studio.server.errors import StudioError
from studio.server.files import Files
from studio.server.messages import ChartChange
from studio.server.widgets import Widgets

MAGES = """
widgets:
- configuration: # kept
    buckets: 7
    chart_type: pie chart
    group_by:
    - cuisine
  name: cuisine distribution
  type: chart
  upstream_blocks:
  - load
  uuid: cuisine_distribution
"""


@pytest.fixture
def widgets(project: Path) -> Widgets:
    return Widgets(Editor(Files(project)))


@pytest.fixture
def metadata(project: Path) -> Path:
    return project / "pipelines/trips/metadata.yaml"


def test_a_chart_that_mage_stored_is_read(widgets: Widgets, metadata: Path) -> None:
    metadata.write_text(metadata.read_text() + MAGES)
    chart = widgets.all("trips")[0]
    assert (chart.id, chart.kind, chart.block) == ("cuisine_distribution", "pie chart", "load")
    assert chart.configuration["group_by"] == ["cuisine"]
    assert chart.code == ""


def test_a_change_keeps_the_rest_of_the_file(widgets: Widgets, metadata: Path) -> None:
    metadata.write_text(metadata.read_text() + MAGES)
    before = metadata.read_text()
    widgets.change("trips", "cuisine_distribution", ChartChange(block="clean"))
    assert metadata.read_text() == before.replace("  - load\n  uuid: cui", "  - clean\n  uuid: cui")


def test_a_chart_is_made_and_taken_away(widgets: Widgets, project: Path) -> None:
    settings = {"chart_type": "histogram", "group_by": ["fare"], "buckets": 10}
    widgets.add("trips", ChartChange("Fares!", "load", settings, "x = df_1['fare']\n"))
    chart = widgets.one("trips", "fares")
    assert chart.configuration == settings
    assert (project / "charts/fares.py").read_text() == "x = df_1['fare']\n"
    with pytest.raises(StudioError, match="already"):
        widgets.add("trips", ChartChange("fares"))
    widgets.remove("trips", "fares")
    assert widgets.all("trips") == []
    assert (project / "charts/fares.py").is_file()


def test_a_chart_does_not_take_a_blocks_name(widgets: Widgets) -> None:
    with pytest.raises(StudioError, match="already"):
        widgets.add("trips", ChartChange("load"))
