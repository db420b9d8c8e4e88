"""From a zip to a folder that runs, with all that it needs and nothing twice."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from emulator.host.build import Workshop, read_requirements
from emulator.host.errors import BuildError
from emulator.store import Store

MAIN = "def hello(request):\n    return 'hello'\n"


def build(workshop: Workshop, files: dict[str, Any], **variables: str) -> Any:
    archive = workshop.data / "source.zip"
    workshop.data.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return asyncio.run(workshop.build(archive, variables))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "data", Store(None))


def wheel(name: str, version: str, requires: str = "") -> bytes:
    """A wheel with one module that says its version."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, content)
    return packed.getvalue()


def test_the_same_zip_is_unpacked_once(workshop: Workshop) -> None:
    built = build(workshop, {"main.py": MAIN})
    main = workshop.source(built.source) / "main.py"
    before = main.stat().st_mtime_ns
    assert build(workshop, {"main.py": MAIN}) == built
    assert main.stat().st_mtime_ns == before


def test_main_must_be_there_unless_another_file_is_named(workshop: Workshop) -> None:
    with pytest.raises(BuildError, match=r"missing main\.py"):
        build(workshop, {"app.py": MAIN})
    built = build(workshop, {"app.py": MAIN}, GOOGLE_FUNCTION_SOURCE="app.py")
    assert built.file == "app.py"
    with pytest.raises(BuildError, match="does not exist"):
        build(workshop, {"app.py": MAIN}, GOOGLE_FUNCTION_SOURCE="../../data/source.zip")


def test_a_failed_build_leaves_nothing_behind(workshop: Workshop) -> None:
    with pytest.raises(BuildError, match="SyntaxError"):
        build(workshop, {"main.py": "def f(:\n"})
    assert not list((workshop.data / "source").iterdir())


def test_what_is_missing_comes_in_a_layer_of_its_own(workshop: Workshop) -> None:
    files = {
        "main.py": MAIN,
        "requirements.txt": "./rare-1.0-py3-none-any.whl\n",
        "rare-1.0-py3-none-any.whl": wheel("rare", "1.0"),
    }
    built = build(workshop, files)
    environment = asyncio.run(workshop.environment(built.source, {}))
    assert "rare" in environment.names
    assert "pandas" not in environment.names
    [layer] = (workshop.data / "layers").iterdir()
    assert environment.core.folders[0] == str(layer)
    assert (layer / "rare.py").exists()

    again = Workshop(workshop.data, workshop.store)
    assert asyncio.run(again.environment(built.source, {})) == environment


def test_a_requirement_that_does_not_exist_fails_in_pips_words(workshop: Workshop) -> None:
    files = {
        "main.py": MAIN,
        "requirements.txt": "--no-index\nno-such-thing-at-all==9.9\n",
    }
    with pytest.raises(BuildError, match="No matching distribution found"):
        build(workshop, files)


def test_pyproject_must_list_the_framework(workshop: Workshop) -> None:
    project = '[project]\nname = "x"\ndependencies = ["pandas"]\n'
    with pytest.raises(BuildError, match="must list functions-framework"):
        build(workshop, {"main.py": MAIN, "pyproject.toml": project})
    listed = project.replace('"pandas"', '"functions-framework", "pandas"')
    built = build(workshop, {"main.py": MAIN, "pyproject.toml": listed})
    assert "pandas" in asyncio.run(workshop.environment(built.source, {})).names


def test_requirements_win_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pyarrow\n")
    (tmp_path / "pyproject.toml").write_text("this is not read")
    wanted, _ = read_requirements(tmp_path, {})
    assert [one.name for one in wanted.requirements] == ["pyarrow"]


def test_a_layer_shadows_the_base_and_is_imported(hosted: Any) -> None:
    files = {
        "main.py": "import six\ndef hello(request):\n    return six.VERSION\n",
        "requirements.txt": "./six-99.0-py3-none-any.whl\n",
        "six-99.0-py3-none-any.whl": wheel("six", "99.0"),
    }

    async def story(p: Any) -> None:
        assert (await p.call(await p.deploy("hello", files))).body == b"99.0"

    hosted(story)
