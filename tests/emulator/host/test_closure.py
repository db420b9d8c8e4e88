"""Reading requirements, and finding what they bring without asking pip."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from emulator.host.closure import Installed, closure, parse
from emulator.host.environment import own_folders
from emulator.host.errors import BuildError


def distribution(
    folder: Path, name: str, version: str, requires: tuple[str, ...] = (), files: str = ""
) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "RECORD").write_text("".join(f"{one},,\n" for one in files.split()))


def found(folder: Path, *lines: str) -> tuple[set[str], tuple[str, ...]]:
    result = closure([Requirement(line) for line in lines], Installed([folder]))
    return set(result.names), result.missing


def test_follows_requirements_extras_and_markers(tmp_path: Path) -> None:
    distribution(tmp_path, "app", "2.0", ("lib>=1", 'web; extra == "http"', 'win; os_name=="nt"'))
    distribution(tmp_path, "Lib", "1.5", ('app[http]; python_version >= "3"',))
    distribution(tmp_path, "web", "1.0")
    assert found(tmp_path, "app") == ({"app", "lib", "web"}, ())
    assert found(tmp_path, "web") == ({"web"}, ())
    assert found(tmp_path, 'absent; python_version < "3"') == (set(), ())


def test_says_what_is_missing_and_for_whom(tmp_path: Path) -> None:
    distribution(tmp_path, "app", "2.0", ("lib>=1", "gone"))
    distribution(tmp_path, "lib", "0.9")
    names, missing = found(tmp_path, "app==3", "app")
    assert names == {"app"}
    assert set(missing) == {
        "app==3 (for requirements.txt)",
        "lib>=1 (for app)",
        "gone (for app)",
    }


def test_an_earlier_folder_shadows_a_later_one(tmp_path: Path) -> None:
    distribution(tmp_path / "layer", "lib", "2.0")
    distribution(tmp_path / "base", "lib", "1.0")
    installed = Installed([tmp_path / "layer", tmp_path / "base"])
    assert not closure([Requirement("lib==2.0")], installed).missing


def test_roots_divide_what_shares_a_namespace(tmp_path: Path) -> None:
    distribution(tmp_path, "a", "1", files="ns/a/__init__.py ns/a/x.py ns/both/__init__.py a.py")
    distribution(tmp_path, "b", "1", files="ns/b/__init__.py ns/both/__init__.py ns/both/b.py")
    installed = Installed([tmp_path])
    assert installed.roots(frozenset({"a"}), [tmp_path]) == {"ns/a", "a.py"}
    assert installed.roots(frozenset({"b"}), [tmp_path]) == {"ns/b", "ns/both/b.py"}
    assert "ns/both/__init__.py" in installed.roots(frozenset({"a", "b"}), [tmp_path])


def test_reads_requirements_as_pip_writes_them() -> None:
    wanted = parse(
        "# a comment\n--index-url https://example.org/simple\npandas >= 2  # why\n"
        "adbc-driver-postgresql[dbapi]==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        "-r more.txt\n"
    )
    assert [str(one) for one in wanted.requirements] == [
        "pandas>=2",
        "adbc-driver-postgresql[dbapi]==1.0",
    ]
    assert wanted.opaque == ("-r more.txt",)


def test_every_line_that_is_no_requirement_is_told() -> None:
    with pytest.raises(BuildError) as error:
        parse("pandas ==== 2\n\n?? what\n")
    assert "requirements.txt:1" in str(error.value)
    assert "requirements.txt:3" in str(error.value)


def test_the_usual_case_takes_milliseconds() -> None:
    installed = Installed(own_folders())
    wanted = [Requirement("pandas"), Requirement("pyarrow"), Requirement("functions-framework")]
    assert not closure(wanted, installed).missing
    started = time.perf_counter()
    closure(wanted, installed)
    assert time.perf_counter() - started < 0.25
