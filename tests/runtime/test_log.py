"""What a block says, as labelled JSON lines."""

from __future__ import annotations

import json
import logging
import sys
from threading import Thread
from typing import Any

import pytest

from runtime import log
from runtime.contract import BlockRequest, BlockSpec

SPEC = BlockSpec("shop", "orders", "load", "data_loader", "python", "load.py")


class Heard:
    """What was written to stdout so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    def getvalue(self) -> str:
        self._text += self._capsys.readouterr().out
        return self._text


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Heard:
    return Heard(capsys)


def call(**facts: Any) -> log.Call:
    return log.Call.of(SPEC, BlockRequest("run-1", "bucket", **facts))


def records(out: Heard) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def said(out: Heard) -> list[tuple[str, str]]:
    return [(record["severity"], record["message"]) for record in records(out)]


def test_every_line_is_a_record_with_its_labels(out: Heard) -> None:
    with log.capturing(call(index=[2])):
        print("one\ntwo")
        print("three", end="")
    assert said(out) == [("INFO", "one"), ("INFO", "two"), ("INFO", "three")]
    assert records(out)[0]["logging.googleapis.com/labels"] == {
        "blocklift_project": "shop", "blocklift_pipeline": "orders", "blocklift_run": "run-1",
        "blocklift_block": "load", "blocklift_index": "2",
    }  # fmt: skip


def test_outside_a_call_nothing_is_changed(out: Heard) -> None:
    before = sys.stdout, sys.stderr
    with log.capturing(call()):
        assert sys.stdout is not before[0]
    print("plain")
    assert out.getvalue() == "plain\n"
    assert (sys.stdout, sys.stderr) == before


def test_errors_and_logging_arrive_too(out: Heard) -> None:
    with log.capturing(call()):
        print("to stderr", file=sys.stderr)
        logging.getLogger("lib").warning("watch %s", "out")
    found = said(out)
    assert found == [("INFO", "to stderr"), ("WARNING", "watch out")]
    assert not [h for h in logging.getLogger().handlers if type(h).__module__ == "runtime.log"]


def test_threads_that_print_at_once_do_not_mix_their_lines(out: Heard) -> None:
    def talk(name: str) -> None:
        for _ in range(50):
            print(name, name, name)

    with log.capturing(call()):
        threads = [Thread(target=talk, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = [message for _, message in said(out)]
    assert sorted(lines) == sorted([f"{n} {n} {n}" for n in "abcd"] * 50)


def test_a_progress_bar_is_its_last_state(out: Heard) -> None:
    with log.capturing(call()):
        sys.stderr.write("10%\r50%\r100%\n")
    assert said(out) == [("INFO", "100%")]


def test_the_logger_of_kwargs(out: Heard) -> None:
    logger = log.Logger()
    with log.capturing(call()):
        logger.info("loaded %d rows", 3, source="api", severity="FORGED")
        try:
            raise ValueError("bad")
        except ValueError:
            logger.exception("failed")
    first, second = records(out)
    assert (first["severity"], first["message"], first["source"]) == (
        "INFO",
        "loaded 3 rows",
        "api",
    )
    assert (second["severity"], second["message"]) == ("ERROR", "failed")
    assert "ValueError: bad" in second["exception"]


def test_two_calls_at_once_keep_their_labels(out: Heard) -> None:
    with log.capturing(call()):
        other = log.Call(dict(call().labels) | {"blocklift_run": "run-2"}, call().out)

        def second() -> None:
            with log.capturing(other):
                print("second")

        thread = Thread(target=second)
        thread.start()
        thread.join()
        print("first")
    runs = [r["logging.googleapis.com/labels"]["blocklift_run"] for r in records(out)]
    assert runs == ["run-2", "run-1"]
