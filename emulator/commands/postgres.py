"""`python -m emulator postgres start|status|stop`: the database of a running emulator."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote as percent
from urllib.request import Request, urlopen

FORMS = ("text", "env", "url", "json")


def main(argv: list[str]) -> int:
    wanted = _parser().parse_args(argv)
    try:
        answer = _ask(_base(wanted), wanted.verb)
    except HTTPError as error:
        return _complain(json.load(error)["error"]["message"])
    except (URLError, FileNotFoundError):
        return _complain("No emulator answers. Start one: blocklift emulator start --detach")
    sys.stdout.write(show(answer, wanted.form if wanted.verb == "start" else "text") + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("emulator postgres", description=__doc__)
    parser.add_argument("verb", nargs="?", default="start", choices=("start", "status", "stop"))
    parser.add_argument("--url", help="of the emulator, e.g. http://127.0.0.1:9090")
    parser.add_argument("--data", type=Path, help="data folder of the emulator")
    parser.add_argument("--form", choices=FORMS, default="text", help="how `start` shows it")
    return parser


def _base(wanted: argparse.Namespace) -> str:
    if wanted.url:
        return str(wanted.url).rstrip("/")
    folder = wanted.data or Path(".blocklift/emulator")
    return str(json.loads((folder / "emulator.json").read_text())["url"])


def _ask(base: str, verb: str) -> dict[str, Any]:
    url = f"{base}/emulator/v1/postgres" + ("" if verb == "status" else f":{verb}")
    method = "GET" if verb == "status" else "POST"
    with urlopen(Request(url, method=method), timeout=60) as answer:  # noqa: S310 - ours
        return dict(json.load(answer))


def _complain(message: str) -> int:
    sys.stderr.write(f"error: {message}\n")
    return 1


def show(facts: dict[str, Any], form: str) -> str:
    """`env` for a shell or an .env file, `url` for psql and other clients."""
    if form == "json":
        return json.dumps(facts)
    if form == "env":
        names = ("dbname", "user", "password", "host", "port")
        return "\n".join(f"POSTGRES_{name.upper()}={quote(str(facts[name]))}" for name in names)
    if form == "url":
        who = f"{percent(facts['user'])}:{percent(facts['password'])}"
        return f"postgresql://{who}@{facts['host']}:{facts['port']}/{facts['dbname']}"
    return "\n".join(f"{name:<9} {value}" for name, value in facts.items())
