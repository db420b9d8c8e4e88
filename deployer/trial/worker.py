"""Starts bundles: a script of its own, which imports nothing of the deployer.

Reads a JSON list of folders, each an unpacked bundle, and writes a line of JSON for each: what
its import came to. Libraries that several of them import are imported once, before the first
is forked off; a bundle that hangs or dies takes nobody with it.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import select
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 30.0
"""Seconds for one bundle."""
NONE: dict[str, Any] = {"outcome": "ok"}


def main() -> None:
    folders = [Path(name) for name in json.load(sys.stdin)]
    sys.path[:] = [place for place in sys.path if place != str(Path(__file__).parent)]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what blocks print while they are imported is no answer
    warm(folders)
    for folder in folders:
        answers.write(json.dumps(tried(folder)) + "\n")


def warm(folders: list[Path]) -> None:
    """Import once what two or more import; what fails here will fail there, and be told."""
    found = Counter(name for folder in folders for name in set(named(block_of(folder))))
    for name in sorted(name for name, count in found.items() if count > 1):
        with suppress(Exception):
            if importlib.util.find_spec(name.partition(".")[0]):
                importlib.import_module(name)


def block_of(folder: Path) -> Path | None:
    """The block's own file, if it is Python."""
    about = folder / "block.json"
    if not about.is_file():
        return None
    spec = json.loads(about.read_text())
    file = folder / "project" / spec["project"] / spec["path"]
    return file if spec["language"] == "python" and file.is_file() else None


def named(file: Path | None) -> Iterator[str]:
    for node in imports(file):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import):
                yield from (alias.name for alias in inner.names)
            elif isinstance(inner, ast.ImportFrom) and inner.module and not inner.level:
                yield inner.module


def imports(file: Path | None) -> list[ast.stmt]:
    """The statements of a block that only import: nothing else of it is run."""
    if file is None:
        return []
    with suppress(SyntaxError, ValueError):
        return [node for node in ast.parse(file.read_bytes()).body if only_imports(node)]
    return []


def only_imports(node: ast.stmt) -> bool:
    """An import, or a `try` or `if` of nothing but imports (Mage's own preamble is one)."""
    if isinstance(node, ast.If):
        return all(map(only_imports, [*node.body, *node.orelse]))
    if isinstance(node, ast.Try):
        return bool(node.body) and all(map(only_imports, node.body))
    return isinstance(node, ast.Import | ast.ImportFrom)


def tried(folder: Path) -> dict[str, Any]:
    """In a process of its own, whose answer comes through a pipe."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        answer = started(folder)
        os.write(theirs, json.dumps(answer).encode())
        os._exit(0)
    os.close(theirs)
    try:
        return answer_of(ours)
    finally:
        os.close(ours)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def answer_of(pipe: int) -> dict[str, Any]:
    parts: list[bytes] = []
    while select.select([pipe], [], [], PATIENCE)[0]:
        part = os.read(pipe, 65_536)
        if not part:
            text = b"".join(parts)
            died = {"outcome": "unclear", "message": "its process ended while it was imported"}
            return dict(json.loads(text)) if text else died
        parts.append(part)
    return {"outcome": "unclear", "message": f"its import takes more than {PATIENCE:.0f} s"}


def started(folder: Path) -> dict[str, Any]:
    """What a container does before it listens, and the imports of the first call."""
    sys.path.insert(0, str(folder))
    try:
        importlib.import_module("main")
        if (folder / "block.json").is_file():
            importlib.import_module("runtime.bundle").settled()
        file = block_of(folder)
        if file is not None:
            compile(file.read_bytes(), str(file), "exec")
            module = ast.Module(imports(file), [])
            exec(compile(module, str(file), "exec"), {"__name__": "block"})  # noqa: S102 (imports only)
    except BaseException as error:  # noqa: BLE001 (whatever it was is the answer)
        return told(error, folder)
    return NONE


def told(error: BaseException, folder: Path) -> dict[str, Any]:
    file, line = place_of(error, folder)
    wrong = isinstance(error, ImportError | SyntaxError)
    return {
        "outcome": "wrong" if wrong else "unclear",
        "type": type(error).__name__,
        "message": str(getattr(error, "msg", "") or error),
        "module": getattr(error, "name", None) or "",
        "file": file,
        "line": line,
    }


def place_of(error: BaseException, folder: Path) -> tuple[str, int]:
    """Of the author's own files the innermost one, relative to the project's parent."""
    home = f"{folder}/project/"
    places = [(f.filename, f.lineno or 0) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno or 0))
    own = [(name, line) for name, line in places if name.startswith(home)]
    return (own[-1][0].removeprefix(home), own[-1][1]) if own else ("", 0)


if __name__ == "__main__":
    main()
