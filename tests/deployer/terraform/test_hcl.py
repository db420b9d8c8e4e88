"""Text that `terraform fmt` leaves as it is."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from deployer.terraform.hcl import Block, Raw, document, quoted

BUCKET = Block(
    "resource",
    ("google_storage_bucket", "runs"),
    {"name": "runs", "force_destroy": False, "labels": {"a": "b", "longer": "c"}, "n": 3},
    [
        Block("versioning", (), {"enabled": True}),
        Block("website"),
    ],
    "where runs lie",
)
TEXT = """\
# where runs lie
resource "google_storage_bucket" "runs" {
  name          = "runs"
  force_destroy = false
  n             = 3

  labels = {
    "a"      = "b"
    "longer" = "c"
  }

  versioning {
    enabled = true
  }

  website {}
}
"""


def test_signs_are_aligned_and_long_things_stand_alone() -> None:
    assert document([BUCKET]) == TEXT


def test_lists_and_expressions() -> None:
    block = Block("data", ("x", "y"), {"depends_on": [Raw("a.b"), Raw("c.d")], "none": None})
    assert block.reference == "data.x.y"
    assert document([block]) == (
        'data "x" "y" {\n  none = null\n\n  depends_on = [\n    a.b,\n    c.d,\n  ]\n}\n'
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [('say "${x}"', r'"say \"$${x}\""'), ("100 %{ if }", '"100 %%{ if }"'), ("ä\n", r'"ä\n"')],
)
def test_nothing_in_a_string_is_a_template(text: str, written: str) -> None:
    assert quoted(text) == written


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on this machine")
def test_fmt_changes_nothing() -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-"],
        input=document([BUCKET, Block("terraform")]),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
