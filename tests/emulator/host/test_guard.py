"""Imports that requirements bring, and none besides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TRY = """
import importlib, json, sys
sys.path[:0] = [{root!r}]
from emulator.host.guard import Guard, install
import importlib.metadata
sys.path.insert(0, {base!r})
guard = Guard([{base!r}], {roots!r}, ["listed"])
install(guard)
def tried(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return str(error)
for name in sys.argv[1:]:
    print(tried(name))
print(guard.refused)
print([one.metadata["Name"] for one in importlib.metadata.distributions(path=[{base!r}])])
"""


def tried(base: Path, roots: list[str], *names: str) -> list[str]:
    code = TRY.format(root=str(ROOT), base=str(base), roots=roots)
    done = subprocess.run(
        [sys.executable, "-c", code, *names], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def site(folder: Path) -> Path:
    for name in ("listed", "unlisted", "ns/mine", "ns/theirs", "shared"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
    (folder / "shared/__init__.py").write_text("import unlisted")
    (folder / "shared/mine.py").write_text("")
    for name in ("listed", "unlisted"):
        info = folder / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
    return folder


def test_only_what_is_listed_is_found(tmp_path: Path) -> None:
    base = site(tmp_path / "site-packages")
    said = tried(base, ["listed"], "listed", "unlisted", "json.tool")
    assert said == ["None", "No module named 'unlisted'", "None", "['unlisted']", "['listed']"]


def test_namespaces_are_divided(tmp_path: Path) -> None:
    base = site(tmp_path / "site-packages")
    said = tried(base, ["ns/mine"], "ns.mine", "ns.theirs")
    assert said[:2] == ["None", "No module named 'ns.theirs'"]


def test_a_shared_package_is_hollow_where_its_init_is_anothers(tmp_path: Path) -> None:
    base = site(tmp_path / "site-packages")
    said = tried(base, ["shared/mine.py"], "shared.mine", "shared.yours")
    assert said[:2] == ["None", "No module named 'shared.yours'"]


def test_without_a_right_to_any_part_a_namespace_is_not_there(tmp_path: Path) -> None:
    base = site(tmp_path / "site-packages")
    assert tried(base, ["listed"], "ns")[0] == "No module named 'ns'"
