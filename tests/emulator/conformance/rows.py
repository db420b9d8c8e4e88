"""What a row of the conformance table is, and how a service's rows are written down.

A module beside this one is a service: it has `ROWS = Rows("Cloud Something")`, and a function for
each call of Google's client, which makes that call and looks at what comes back:

    @ROWS.works("Client.create_thing")
    def _(place: Place) -> None: …

    @ROWS.refuses("Client.create_thing, of a name that is there", Conflict)
    def _(place: Place) -> None: …          # must end in that error

    @ROWS.missing("Client.undelete_thing", NotImplemented)
    def _(place: Place) -> None: …          # Google has it, this emulator says that it has not

`test_conformance` holds each row to what it says; `python -m tests.emulator.conformance` writes
the table into docs/emulator.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from tests.emulator.conftest import Emulator

PROJECT = "blocklift-local"


class Outcome(StrEnum):
    WORKS = "works"
    REFUSES = "refuses"
    MISSING = "not there"


@dataclass(frozen=True)
class Place:
    """A running emulator, and a name in it that no other row has."""

    emulator: Emulator
    name: str

    @property
    def url(self) -> str:
        return self.emulator.url

    @property
    def grpc(self) -> str:
        """host:port."""
        told = json.loads((self.emulator.data / "emulator.json").read_text())
        return str(told["grpc"]).removeprefix("http://")

    def bucket(self) -> str:
        """A new one, of this row's name."""
        made = self.emulator.post(f"/storage/v1/b?project={PROJECT}", {"name": self.name})
        assert made.code == 200, made.body
        return self.name

    def put(self, bucket: str, name: str, content: bytes) -> str:
        """An object; its gs:// URI."""
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name.replace('/', '%2F')}"
        made = self.emulator.post(path, content, content_type="application/octet-stream")
        assert made.code == 200, made.body
        return f"gs://{bucket}/{name}"


Check = Callable[[Place], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One client call, and what comes of it here."""

    call: str
    outcome: Outcome
    check: Check
    error: type[Exception] | None = None

    @property
    def shown(self) -> str:
        name = f" ({self.error.__name__})" if self.error else ""
        return f"{self.outcome}{name}"


@dataclass
class Rows:
    """Of one service, in the order in which they are written."""

    service: str
    all: list[Row] = field(default_factory=list)

    def works(self, call: str) -> Callable[[Check], Check]:
        return self._row(call, Outcome.WORKS, None)

    def refuses(self, call: str, error: type[Exception]) -> Callable[[Check], Check]:
        """As Google documents, with the same class of error."""
        return self._row(call, Outcome.REFUSES, error)

    def missing(self, call: str, error: type[Exception]) -> Callable[[Check], Check]:
        """Google has it."""
        return self._row(call, Outcome.MISSING, error)

    def _row(
        self, call: str, outcome: Outcome, error: type[Exception] | None
    ) -> Callable[[Check], Check]:
        def note(check: Check) -> Check:
            assert call not in {row.call for row in self.all}, f"two rows of {call}"
            self.all.append(Row(call, outcome, check, error))
            return check

        return note
