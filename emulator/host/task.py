"""One attempt of a job's task, inside the process that a zygote forked for it.

The command is Python's own (`python -m module`, `python file.py`, `python -c code`): it runs in
this interpreter, as `__main__`, so that a job starts as fast as a function does. Standard library
only: this module is loaded inside function processes.
"""

from __future__ import annotations

import atexit
import os
import re
import runpy
import sys
import threading
from collections.abc import Sequence

LAUNCHERS = frozenset(("launcher", "/cnb/lifecycle/launcher"))
"""Buildpacks' entry point: it sets PATH and becomes the command that follows."""
PYTHON = re.compile(r"(?:.*/)?python(?:3(?:\.\d+)?)?")
FLAGS = frozenset(("-u", "-B", "-I", "-s", "-E", "-O"))
"""Make no difference here."""
SUPPORTED = (
    "Here a job's container must run Python: `python -m MODULE`, `python FILE` or `python -c "
    "CODE`, with or without the buildpacks' `launcher` before it."
)


class CommandError(Exception):
    """A command that is not run here; the text says which are."""


def program(command: Sequence[str]) -> tuple[str, str, list[str]]:
    """How (`-m`, `-c` or `file`), what, and its arguments."""
    words = list(command)
    if words and words[0] in LAUNCHERS:
        words.pop(0)
    if not words or not PYTHON.fullmatch(words.pop(0)):
        raise CommandError(f"{' '.join(command) or 'The command'} is not run here. {SUPPORTED}")
    while words and words[0] in FLAGS:
        words.pop(0)
    if len(words) > 1 and words[0] in {"-m", "-c"}:
        return words[0], words[1], words[2:]
    if words and not words[0].startswith("-"):
        return "file", words[0], words[1:]
    raise CommandError(f"{' '.join(command)} is not run here. {SUPPORTED}")


def run(command: Sequence[str]) -> int:
    """The code that the process ends with; what the program raises beyond SystemExit is raised."""
    how, what, arguments = program(command)
    try:
        execute(how, what, arguments)
    except SystemExit as error:
        return code_of(error)
    return 0


def execute(how: str, what: str, arguments: list[str]) -> None:
    sys.argv = [what if how == "file" else how, *arguments]
    if how == "file":
        sys.path.insert(0, os.path.dirname(os.path.abspath(what)))  # noqa: PTH100, PTH120 (as Python does)
        runpy.run_path(what, run_name="__main__")
        return
    sys.path.insert(0, os.getcwd() if how == "-m" else "")  # noqa: PTH109 (pathlib loads more)
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 (it is -c)


def code_of(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def wind_up() -> None:
    """What Python does at its end: wait for threads, then run what was asked for at exit."""
    wait_for_threads = vars(threading)["_shutdown"]
    wait_for_threads()
    atexit._run_exitfuncs()
