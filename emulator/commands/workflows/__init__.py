"""`workflows run|check FILE`: a workflow definition by itself, without deploying it.

places  a file and the places in it that a mistake points at
alone   the world of a workflow that runs outside an emulator
show    its steps, as they go
run     run it once
check   find its mistakes without running it
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

Once = Callable[[argparse.Namespace], int]


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    once = _readable(_once(options.verb))
    try:
        return _watched(options, once) if options.watch else once(options)
    except KeyboardInterrupt:
        return 130


def _once(verb: str) -> Once:
    """Imported here, so that `--help` answers at once."""
    if verb == "run":
        from emulator.commands.workflows import run

        return run.once
    from emulator.commands.workflows import check

    return check.once


def _readable(once: Once) -> Once:
    """Looked at each time: under --watch a file may come and go."""

    def tried(options: argparse.Namespace) -> int:
        if wrong := [mistake for file in options.files if (mistake := _unreadable(file))]:
            sys.stderr.write("".join(f"{mistake}\n" for mistake in wrong))
            return 2
        return once(options)

    return tried


def _unreadable(file: Path) -> str:
    try:
        file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"no such file: {file}"
    except OSError as error:
        return f"{file}: {error.strerror}"
    except UnicodeDecodeError as error:
        return f"{file}: not UTF-8 text: {error.reason} at byte {error.start}"
    return ""


def _watched(options: argparse.Namespace, once: Once) -> int:
    """Again at each save, until interrupted."""
    import watchfiles

    files = {str(file.resolve()) for file in options.files}
    folders = {Path(file).parent for file in files}  # many editors save by putting a new file there
    once(options)
    for _ in watchfiles.watch(
        *folders, watch_filter=lambda _, path: path in files, recursive=False, raise_interrupt=True
    ):
        sys.stderr.write("\n")
        once(options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("workflows", description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="run a definition and show every step as it goes")
    run.add_argument("files", metavar="FILE", type=Path, nargs=1)
    run.add_argument("--data", default="null", help="the argument: JSON, or @FILE")
    run.add_argument("--set-env-vars", action="append", default=[], metavar="K=V")
    run.add_argument("--emulator", metavar="URL", help="where functions and Google's APIs answer")
    run.add_argument("--project", default="blocklift-local", help="its project's id")
    run.add_argument("--location", default="europe-west1")
    run.add_argument("--hosts", type=Path, help="hosts that are something else here")
    run.add_argument("--variables", action="store_true", help="show what each step changed")
    run.add_argument("--trace", action="store_true", help="show what is asked of the world")
    run.add_argument("--quiet", action="store_true", help="only the result, or the error")
    run.add_argument("--seed", type=int, default=0, help="another order of parallel branches")
    check = verbs.add_parser("check", help="find mistakes without running")
    check.add_argument("files", metavar="FILE", type=Path, nargs="+")
    check.add_argument("--json", action="store_true")
    for verb in (run, check):
        verb.add_argument("--watch", action="store_true", help="again at each save")
        verb.add_argument("--limits", choices=("on", "off"), default="on")
    return parser
