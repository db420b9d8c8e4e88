"""`clock`: show the time of a running emulator; `clock advance 1d`, `clock set TIME` move it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from emulator.commands.start import DEFAULT_DATA
from emulator.presence import running

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
PATIENCE = 3600
"""Seconds: a year of runs takes its time."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="emulator clock", description=__doc__)
    parser.add_argument("verb", nargs="?", default="show", choices=("show", "advance", "set"))
    parser.add_argument("how", nargs="?", default="", help="90s, 15m, 6h, 1d, 2w; or a time")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options = parser.parse_args(argv)
    told = running(options.data.resolve())
    if not told:
        return _fail(f"no emulator runs on {options.data}")
    try:
        answer = _asked(told["url"], _request(options.verb, options.how))
    except ValueError as error:
        return _fail(str(error))
    except HTTPError as error:
        return _fail(json.load(error)["error"]["message"])
    except URLError as error:
        return _fail(str(error.reason))
    whose = "" if answer["virtual"] else " (the machine's own)"
    sys.stdout.write(f"{answer['now']}{whose}\n")
    return 0


def _request(verb: str, how: str) -> dict[str, Any] | None:
    if verb == "show":
        return None
    return {"seconds": seconds(how)} if verb == "advance" else {"to": how}


def seconds(text: str) -> float:
    """Of a duration as people write it.

    >>> seconds("1d12h")
    129600.0
    """
    if not re.fullmatch(r"(\d+(\.\d+)?[smhdw])+", text):
        raise ValueError(f"{text!r} is no duration: say 90s, 15m, 6h, 1d or 2w")
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", text)
    return float(sum(float(number) * UNITS[unit] for number, unit in parts))


def _asked(url: str, body: dict[str, Any] | None) -> dict[str, Any]:
    path = f"{url}/emulator/v1/clock" + (":advance" if body else "")
    data = json.dumps(body).encode() if body else None
    with urlopen(Request(path, data=data), timeout=PATIENCE) as answer:  # noqa: S310 - ours
        return dict(json.load(answer))


def _fail(what: str) -> int:
    sys.stderr.write(f"error: {what}\n")
    return 1
