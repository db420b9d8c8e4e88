"""Compile a source folder as the buildpack does; a syntax error fails the build.

Buildpacks: `python3 -m compileall -f -q .`, hash-based and unchecked. Equal files (the
runtime is in every bundle) are compiled once per data folder and linked from there.
"""

from __future__ import annotations

import hashlib
import os
import py_compile
import shutil
from importlib.util import cache_from_source
from pathlib import Path

from emulator.host.errors import BuildError

UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


def compile_all(folder: Path, cache: Path) -> None:
    """Every problem of every file at once."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    problems = [
        problem
        for path in sorted(folder.rglob("*.py"))
        if path.is_file() and (problem := compile_one(path, folder, cache))
    ]
    if problems:
        raise BuildError("\n".join(problems))


def compile_one(path: Path, folder: Path, cache: Path) -> str | None:
    name = f"./{path.relative_to(folder)}"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    compiled = cache / Path(cache_from_source(f"{digest}.py")).name
    if not compiled.exists():
        try:
            py_compile.compile(
                str(path), str(compiled), name, doraise=True, invalidation_mode=UNCHECKED
            )
        except (py_compile.PyCompileError, ValueError, RecursionError, MemoryError) as error:
            return f"*** Error compiling '{name}'...\n{error}"
    place(compiled, Path(cache_from_source(str(path))))
    return None


def place(compiled: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(compiled, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(compiled, target)
