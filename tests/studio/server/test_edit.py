from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from studio.server.edit import Editor, clean_name
from studio.server.errors import StudioError
from studio.server.files import Files
from studio.server.messages import BlockChange, NewBlock


@pytest.fixture
def editor(project: Path) -> Editor:
    return Editor(Files(project))


def metadata(editor: Editor, pipeline: str = "trips") -> dict[str, object]:
    return dict(yaml.safe_load(editor.metadata(pipeline).read_text()))


def blocks(editor: Editor, pipeline: str = "trips") -> dict[str, dict[str, object]]:
    found = metadata(editor, pipeline)["blocks"]
    assert isinstance(found, list)
    return {block["uuid"]: block for block in found}


def test_comments_and_order_survive_a_change(editor: Editor) -> None:
    editor.change_block("trips", "clean", BlockChange(timeout=60.0))
    text = editor.metadata("trips").read_text()
    assert text.startswith("# kept by the team\n")
    assert "load  # reads the trips" in text
    assert list(metadata(editor)) == ["blocks", "name", "type", "uuid", "variables"]


def test_a_new_block_joins_the_graph_and_gets_its_file(editor: Editor, project: Path) -> None:
    new = NewBlock("Export Trips", "data_exporter", "python", "t", ["clean"])
    assert editor.add_block("trips", new, "code\n", {}) == "export_trips"
    assert (project / "data_exporters/export_trips.py").read_text() == "code\n"
    assert blocks(editor)["clean"]["downstream_blocks"] == ["export_trips"]


def test_a_block_of_an_existing_file_shares_it(editor: Editor, project: Path) -> None:
    editor.create("other", None)
    editor.add_block("other", NewBlock("load", "data_loader", "python", "t", []), "new\n", {})
    assert "return 1" in (project / "data_loaders/load.py").read_text()


def test_upstream_order_is_kept_and_downstream_follows(editor: Editor) -> None:
    for name in ("one", "two"):
        editor.add_block("trips", NewBlock(name, "custom", "python", "t", []), "", {})
    editor.change_block("trips", "clean", BlockChange(upstream=["two", "one"]))
    found = blocks(editor)
    assert found["clean"]["upstream_blocks"] == ["two", "one"]
    assert found["load"]["downstream_blocks"] == []
    assert found["one"]["downstream_blocks"] == ["clean"]


def test_a_cycle_is_refused_and_nothing_is_written(editor: Editor) -> None:
    before = editor.metadata("trips").read_text()
    with pytest.raises(StudioError, match="cycle: load → clean → load"):
        editor.change_block("trips", "load", BlockChange(upstream=["clean"]))
    assert editor.metadata("trips").read_text() == before


def test_a_removed_block_leaves_no_edges_but_its_file(editor: Editor, project: Path) -> None:
    editor.remove_block("trips", "load")
    assert blocks(editor)["clean"]["upstream_blocks"] == []
    assert (project / "data_loaders/load.py").exists()


def test_a_duplicate_is_a_pipeline_of_its_own(editor: Editor) -> None:
    assert editor.create("Trips again", "trips") == "trips_again"
    assert set(blocks(editor, "trips_again")) == {"load", "clean"}
    assert metadata(editor, "trips_again")["uuid"] == "trips_again"


def test_renaming_moves_the_folder(editor: Editor) -> None:
    assert editor.change_pipeline("trips", {"id": "Rides"}) == "rides"
    assert metadata(editor, "rides")["uuid"] == "rides"
    with pytest.raises(StudioError):
        editor.metadata("trips")


def test_a_taken_name_is_refused(editor: Editor) -> None:
    with pytest.raises(StudioError, match="already"):
        editor.create("trips", None)


@pytest.mark.parametrize(
    ("typed", "uuid"),
    [("Load Data", "load_data"), ("1st", "letter_1st"), ("sub/Load", "sub/load"), ("a-b", "a_b")],
)
def test_names_become_uuids_as_in_mage(typed: str, uuid: str) -> None:
    assert clean_name(typed) == uuid


@pytest.mark.parametrize("typed", ["", "  ", "///", "<>"])
def test_names_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(StudioError):
        clean_name(typed)


def test_a_name_cannot_lead_out_of_the_project(editor: Editor, project: Path) -> None:
    editor.create("../../escape", None)
    assert not (project.parent / "escape").exists()
    assert list((project / "pipelines").glob("*escape*"))


def test_what_somebody_else_changed_since_is_not_overwritten(editor: Editor) -> None:
    """Two tabs connect a block to something else each: the later one is told."""
    shown = {"upstream": ["load"]}
    new = NewBlock("other", "data_loader", "python", "t", [])
    editor.add_block("trips", new, "code\n", {})
    editor.change_block("trips", "clean", BlockChange(upstream=["load", "other"], was=shown))
    with pytest.raises(StudioError, match="upstream") as refused:
        editor.change_block("trips", "clean", BlockChange(upstream=[], was=shown))
    assert refused.value.status == 409
    assert blocks(editor)["clean"]["upstream_blocks"] == ["load", "other"]
    with pytest.raises(StudioError, match="variables"):
        editor.change_pipeline("trips", {"variables": {}, "was": {"variables": {"limit": 9}}})
    editor.change_pipeline("trips", {"variables": {}, "was": {"variables": {"limit": 10}}})
    assert metadata(editor)["variables"] == {}
