from __future__ import annotations

from studio.server.generate import TARGET, typescript


def test_the_browsers_types_are_those_of_the_server() -> None:
    assert TARGET.read_text() == typescript(), "run `python -m studio.server.generate`"


def test_a_dataclass_becomes_an_interface() -> None:
    text = typescript()
    assert "export interface FileText {\n  path: string;\n  text: string;\n" in text
    assert "  interval: string | null;" in text
    assert "  rows: Json[][];" in text
