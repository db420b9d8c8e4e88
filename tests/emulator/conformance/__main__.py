"""`python -m tests.emulator.conformance`: write the table into docs/emulator.md."""

from __future__ import annotations

from tests.emulator.conformance.table import PAGE, services, written

PAGE.write_text(written(PAGE.read_text(), services()))
