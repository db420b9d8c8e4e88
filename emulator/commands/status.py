"""`status`: whether an emulator runs on a data folder, and where it answers."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from emulator.commands.start import DEFAULT_DATA
from emulator.presence import running


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="emulator status", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    data = options.data.resolve()
    told = running(data)
    if options.json:
        sys.stdout.write(json.dumps({"running": bool(told), "data": str(data), **(told or {})}))
        sys.stdout.write("\n")
    elif told:
        sys.stdout.write(f"running at {told['url']}, gRPC at {told['grpc']}, pid {told['pid']}\n")
    else:
        sys.stdout.write(f"no emulator runs on {data}\n")
    return 0 if told else 1
