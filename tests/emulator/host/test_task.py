"""Which commands of a job are run here, and how."""

import pytest

from emulator.host.task import CommandError, program


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (["launcher", "python", "-m", "a.b", "x"], ("-m", "a.b", ["x"])),
        (["/cnb/lifecycle/launcher", "python3.11", "-c", "pass"], ("-c", "pass", [])),
        (["/usr/bin/python3", "-u", "file.py", "-m"], ("file", "file.py", ["-m"])),
    ],
)
def test_pythons_own_commands(command: list[str], wanted: tuple) -> None:
    assert program(command) == wanted


@pytest.mark.parametrize(
    "command",
    [[], ["launcher"], ["sh", "-c", "true"], ["python"], ["python", "-m"], ["python", "-q"]],
)
def test_any_other_is_refused_and_told_what_is_served(command: list[str]) -> None:
    with pytest.raises(CommandError, match="python -m MODULE"):
        program(command)
