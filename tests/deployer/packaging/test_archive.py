"""Several bundles in one archive."""

from __future__ import annotations

import io
import zipfile

from deployer.bundle import Bundle
from deployer.packaging.archive import archived, files_of


def bundle(name: str, requirements: str = "functions-framework==3\npandas==2\n", **more: bytes):
    files = {
        "block.json": name.encode(),
        "main.py": b"from runtime.entry import handle as block\n",
        "requirements.txt": requirements.encode(),
        "runtime/entry.py": b"",
        **{path.replace("__", "/"): content for path, content in more.items()},
    }
    return Bundle(name, files)


def test_what_all_have_is_there_once_and_the_rest_beside_each_other() -> None:
    (made,) = archived([bundle("b", "polars==1\n"), bundle("a")])
    assert made.names == ("a", "b")
    assert list(made.files) == [
        "bundles/a/block.json",
        "bundles/a/main.py",
        "bundles/b/block.json",
        "bundles/b/main.py",
        "main.py",
        "requirements.txt",
        "runtime/entry.py",
    ]
    wanted = b"functions-framework==3\npandas==2\npolars==1\n"
    assert made.files["requirements.txt"] == wanted
    assert made.zip_bytes() == archived([bundle("a"), bundle("b", "polars==1\n")])[0].zip_bytes()


def test_blocks_that_ask_for_other_versions_get_another_image() -> None:
    found = archived([bundle("a"), bundle("b", "pandas==3\n"), bundle("c", "pandas==2\n")])
    assert [one.names for one in found] == [("a", "c"), ("b",)]


def test_a_bundle_with_another_runtime_gets_another_image() -> None:
    found = archived([bundle("a"), bundle("b", runtime__new=b"")])
    assert [one.names for one in found] == [("a",), ("b",)]


def test_a_kept_bundle_is_read_from_its_archive() -> None:
    whole = bundle("a")
    with zipfile.ZipFile(io.BytesIO(whole.zip_bytes())) as archive:
        assert files_of(whole) == {name: archive.read(name) for name in archive.namelist()}
