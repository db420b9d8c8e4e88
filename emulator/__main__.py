"""`python -m emulator start|stop|status|env|workflows|postgres …`."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "start": "run the emulator (--detach: in the background)",
    "stop": "end the one that runs on a data folder",
    "status": "tell whether one runs, and where",
    "clock": "show virtual time, and move it",
    "snapshot": "keep a copy of all that it holds, and go back to one",
    "env": "shell exports that point Google's clients at it",
    "workflows": "run or check a workflow definition",
    "postgres": "the embedded database server",
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in COMMANDS:
        return _usage()
    command = import_module(f"emulator.commands.{argv[0]}")
    code: int = command.main(argv[1:])
    return code


def _usage() -> int:
    lines = [f"  {name:<10} {what}" for name, what in COMMANDS.items()]
    sys.stderr.write("\n".join(["usage: python -m emulator COMMAND …", *lines, ""]))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
