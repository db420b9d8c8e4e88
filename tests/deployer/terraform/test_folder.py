"""A folder that an export writes, and writes again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from deployer.errors import UsageError
from deployer.packaging.choice import SHARED_IMAGE
from deployer.terraform.folder import contents, write
from tests.deployer.terraform.made import EVENT, EVERYTHING, FUNCTION, PLANTED, TARGET


def test_a_file_for_each_pipeline_and_one_for_what_they_share() -> None:
    files = contents(EVERYTHING, TARGET, "shop")
    assert [str(path) for path in files] == [
        "bundles/daily-load.zip", "daily.tf", "shared.tf", "versions.tf", "workflows/daily.yaml",
        "workflows/on-daily-file.yaml",
    ]  # fmt: skip
    assert b'project = "shop-prod"' in files[PurePosixPath("versions.tf")]
    assert not any(PLANTED.encode() in content for content in files.values())
    assert files == contents(EVERYTHING, TARGET, "shop")


def test_the_right_to_publish_events_is_given_once_and_only_for_events() -> None:
    shared = PurePosixPath("shared.tf")
    with_event = contents(EVERYTHING, TARGET, "shop")
    assert with_event[shared].count(b'"storage_publishes_events"') == 1
    without = contents([r for r in EVERYTHING if r is not EVENT], TARGET, "shop")
    assert b"pubsub" not in without[shared]


def test_an_image_that_terraform_cannot_build_is_refused() -> None:
    shared = replace(FUNCTION, packaging=SHARED_IMAGE)
    with pytest.raises(UsageError, match="packaging: shared-image") as refused:
        contents([shared], TARGET, "shop")
    assert "--packaging functions" in refused.value.hint


def test_the_next_export_replaces_what_the_last_one_wrote(tmp_path: Path) -> None:
    files = contents(EVERYTHING, TARGET, "shop")
    write(tmp_path, files)
    (tmp_path / "backend.tf").write_text("# mine")
    less = {path: content for path, content in files.items() if path.name != "daily.tf"}
    done = write(tmp_path, less)
    assert [str(path) for path in done.removed] == ["daily.tf"]
    assert not (tmp_path / "daily.tf").exists()
    assert (tmp_path / "backend.tf").read_text() == "# mine"


def test_what_no_export_wrote_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shared.tf").write_text("# mine")
    with pytest.raises(UsageError, match=r"shared\.tf"):
        write(tmp_path, contents(EVERYTHING, TARGET, "shop"))
    assert (tmp_path / "shared.tf").read_text() == "# mine"


def test_a_list_of_files_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "precious.txt"
    outside.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / ".blocklift-export").write_text(f"../precious.txt\n{outside}\n")
    write(folder, contents(EVERYTHING, TARGET, "shop"))
    assert outside.read_text() == "mine"


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on this machine")
def test_fmt_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, contents(EVERYTHING, TARGET, "shop"))
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
