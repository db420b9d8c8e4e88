"""What may never leave this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.settings.secrecy import is_private

KEY = '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\nx"}'
PRIVATE = [
    (".env", "A=1"),
    (".env.production", "A=1"),
    ("prod.env", "A=1"),
    ("id_rsa", "x"),
    ("cert.pem", "x"),
    ("my.key", "x"),
    ("my-creds.json", KEY),
    ("data/anything.txt", "-----BEGIN RSA PRIVATE KEY-----\nx"),
    ("credentials.json", "{}"),
    ("service_account.json", "{}"),
    ("gcp-key.json", "{}"),
    ("secrets/plain.txt", "x"),
    (".git/config", "x"),
    (".variables/x.json", "{}"),
    (".blocklift/x", "x"),
    ("mage-ai.db", "x"),
    ("terraform.tfstate", "{}"),
    (".netrc", "x"),
]
PUBLIC = ["data/x.csv", "utils/helpers.py", "monkeys.json", "queries/keyboards.sql", "config.yaml"]


@pytest.mark.parametrize(("name", "content"), PRIVATE)
def test_private(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    assert is_private(path, tmp_path)


@pytest.mark.parametrize("name", PUBLIC)
def test_public(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert not is_private(path, tmp_path)


def test_links_show_what_they_lead_to(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "outside.txt").write_text("x")
    (inside / ".env").write_text("A=1")
    (inside / "a.txt").symlink_to(tmp_path / "outside.txt")
    (inside / "b.txt").symlink_to(inside / ".env")
    assert is_private(inside / "a.txt", inside)
    assert is_private(inside / "b.txt", inside)


def test_links_are_found_beside_what_is_known_to_be_none(tmp_path: Path) -> None:
    inside, known = tmp_path / "inside", set[str]()
    (inside / "plain").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    for folder in (inside / "plain", tmp_path / "outside"):
        (folder / "a.txt").write_text("x")
    (inside / "link").symlink_to(tmp_path / "outside")
    (inside / "plain" / "b.txt").symlink_to(tmp_path / "outside" / "a.txt")
    assert not is_private(inside / "plain" / "a.txt", inside, known)
    assert is_private(inside / "plain" / "b.txt", inside, known)
    assert is_private(inside / "link" / "a.txt", inside, known)


def test_what_cannot_be_read_is_private(tmp_path: Path) -> None:
    assert is_private(tmp_path / "nothing.txt", tmp_path)
