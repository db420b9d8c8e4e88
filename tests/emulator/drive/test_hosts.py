"""Mistakes in the file of hosts."""

from pathlib import Path

import pytest

from emulator.drive.hosts import Hosts, HostsError


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a]", "expected a map of hosts"),
        ("a.example.com: nonsense", "a.example.com: expected a URL, or a map"),
        ("a.example.com: {kode: 200}", "a.example.com: expected a URL, or a map"),
        ("a: [", "while parsing"),
    ],
)
def test_mistakes_name_the_file_and_the_host(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text(text)
    with pytest.raises(HostsError, match=problem) as error:
        Hosts.read(file)
    assert str(file) in str(error.value)


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text("")
    assert Hosts.read(file).rule("https://example.com/") is None


def test_a_connector_is_named_whole_or_by_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "hosts.yaml"
    file.write_text("googleapis.ml.v1: {body: 1}\ngoogleapis.ml.v1.jobs.get: {body: 2}\n")
    hosts = Hosts.read(file)
    assert hosts.connector("googleapis.ml.v1.jobs.get")[2] == b"2"
    assert hosts.connector("googleapis.ml.v1.jobs.getx")[2] == b"1"
    assert hosts.connector("googleapis.ml.v11.jobs.get") is None
