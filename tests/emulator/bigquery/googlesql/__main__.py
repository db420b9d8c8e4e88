"""`python -m tests.emulator.bigquery.googlesql CHECKOUT [--only NAME] [--told FILE] [--mark]`"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from .confirmed import marked
from .table import heading, line, summed, tallies

parser = argparse.ArgumentParser(prog="python -m tests.emulator.bigquery.googlesql")
parser.add_argument("checkout", type=Path, help="of github.com/google/googlesql")
parser.add_argument("--only", default="", help="files with this in their name")
parser.add_argument("--told", type=Path, help="write every verdict, with its cause, as JSON lines")
parser.add_argument("--mark", action="store_true", help="mark the cases that a source confirms")
given = parser.parse_args()
with tempfile.TemporaryDirectory() as folder:
    made = []
    print(heading())
    for name, one in tallies(given.checkout, Path(folder), given.only):
        made.append(one)
        print(line(name, one), flush=True)
        if given.told:
            with given.told.open("a") as file:
                file.writelines(json.dumps(t) + "\n" for t in one.told)
    print(line("all", summed(made)))
    if given.mark:
        print(f"{marked(summed(made).told)} cases are confirmed")
