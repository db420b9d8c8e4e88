"""The end of a failed build's log stands under its error."""

from __future__ import annotations

from collections.abc import Iterator

from deployer.errors import Busy, CloudError
from deployer.gcp.logs import Line
from deployer.gcp.reasons import Reasons

BUILD = "projects/1/locations/r/builds/0f2b4c66-8c1e-4d4e-9a55-0123456789ab"
FAILED = CloudError(f"making function load: Build failed with status: FAILURE, see {BUILD}")


class Logs:
    """Newest first, as asked for; or none at all."""

    def __init__(self, *messages: str, broken: bool = False) -> None:
        self.messages, self.broken, self.asked = messages, broken, ""

    def read(self, wanted: str, newest_first: bool = False, most: int = 1000) -> Iterator[Line]:
        self.asked = wanted
        if self.broken:
            raise Busy("503")
        assert newest_first
        yield from (Line("", "ERROR", text) for text in self.messages[:most])


def test_a_failed_build_shows_the_end_of_its_log_in_reading_order() -> None:
    logs = Logs("no matching distribution", "collecting nosuch")
    told = str(Reasons(logs).of(FAILED, "making function load", BUILD))
    assert told.index("collecting nosuch") < told.index("no matching distribution")
    assert BUILD.rpartition("/")[2] in logs.asked


def test_the_build_is_found_in_the_error_when_nobody_told_it() -> None:
    logs = Logs("gone wrong")
    assert "gone wrong" in str(Reasons(logs).of(FAILED, "making function load", ""))
    assert BUILD.rpartition("/")[2] in logs.asked


def test_a_container_that_dies_is_explained_by_its_last_word() -> None:
    error = CloudError("making function load: Container Healthcheck failed")
    told = Reasons(Logs("ImportError: nosuch")).of(error, "making function load", "")
    assert "it does not start:\nImportError: nosuch" in str(told)


def test_a_log_that_cannot_be_read_hides_nothing() -> None:
    assert Reasons(Logs(broken=True)).of(FAILED, "making function load", BUILD) is FAILED
    other = CloudError("making function load: no quota")
    assert Reasons(Logs("x")).of(other, "making function load", "") is other
