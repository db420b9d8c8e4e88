"""Programs are read once: when they are deployed."""

from __future__ import annotations

from typing import Any

from emulator.drive.definitions import LATEST, Definitions
from emulator.drive.names import WorkflowName
from emulator.store import Store
from emulator.workflows.limits import STRICT
from emulator.workflows.parse import parse

NAME = WorkflowName("p", "l", "flow")
SOURCE = "- done: {return: 1}\n"


class Reader:
    """Reads, and counts how often."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, source: str, **limits: Any) -> Any:
        self.read.append(source)
        return parse(source, **limits)


def test_the_first_execution_does_not_read_what_the_deploy_read() -> None:
    reader, store = Reader(), Store(None)
    definitions = Definitions(store, reader, STRICT)
    program = definitions.parse(SOURCE)
    definitions.save(NAME, {"revisionId": "000001-abc", "sourceContents": SOURCE})
    assert definitions.program(NAME, "000001-abc") is program
    assert definitions.program(NAME, "000001-abc") is program
    assert reader.read == [SOURCE]


def test_sources_that_nobody_executes_are_forgotten() -> None:
    reader = Reader()
    definitions = Definitions(Store(None), reader, STRICT)
    for number in range(LATEST + 1):
        definitions.parse(f"- done: {{return: {number}}}\n")
    definitions.parse("- done: {return: 0}\n")
    assert len(reader.read) == LATEST + 2
