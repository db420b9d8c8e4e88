"""From an exception to what a person sees first: where in their own file, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import TracebackType

from runtime.contract import BlockFailure, BlockRequest, BlockSpec, FailureKind
from runtime.errors import Problem

LONGEST = 20
"""Lines of a traceback that travels through the workflow."""
MESSAGE = 4000
SECRET = 8
"""A secret's value is blotted out if it has at least this many characters."""


def failure_of(
    error: BaseException, spec: BlockSpec, request: BlockRequest, project: str
) -> BlockFailure:
    """`project` is the folder of the user's files; only frames below it are shown."""
    frames = list(_frames(error.__traceback__, project))
    file, line = _place(error, frames)
    return BlockFailure(
        block=spec.block,
        kind=error.kind if isinstance(error, Problem) else FailureKind.EXCEPTION,
        type=type(error).__name__,
        message=blotted(_message(error))[:MESSAGE],
        file=_shown(file, project),
        line=line,
        traceback=_lines(frames, project),
        pipeline=spec.pipeline,
        attempt=request.attempt,
    )


Frame = tuple[str, int, str]


def _frames(traceback: TracebackType | None, project: str) -> Iterator[Frame]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(project + os.sep):
            yield code.co_filename, traceback.tb_lineno, code.co_name
        traceback = traceback.tb_next


def _place(error: BaseException, frames: list[Frame]) -> tuple[str, int]:
    """A syntax error and our own problems know their place; else the innermost frame."""
    if isinstance(error, SyntaxError):
        return error.filename or "", error.lineno or 0
    if isinstance(error, Problem) and error.file:
        return error.file, error.line
    return frames[-1][:2] if frames else ("", 0)


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg}: {(error.text or '').strip()}"
    if isinstance(error, KeyError):
        return f"no such key: {error}"
    return str(error) or type(error).__name__


def _shown(file: str, project: str) -> str:
    """Relative to the project's folder, as its author knows it."""
    inside = file.startswith(project + os.sep)
    return file[len(project) + 1 :] if inside else file.rpartition(os.sep)[2]


def _lines(frames: list[Frame], project: str) -> list[str]:
    import linecache

    lines: list[str] = []
    for file, line, name in frames[-LONGEST // 2 :]:
        lines.append(f"{_shown(file, project)}:{line} in {name}")
        if text := linecache.getline(file, line).strip():
            lines.append(f"    {text}")
    return lines[-LONGEST:]


def blotted(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text without the values of environment variables that are named like secrets."""
    for name, value in environ.items():
        if len(value) >= SECRET and value in text and _names_a_secret(name):
            text = text.replace(value, "***")
    return text


def _names_a_secret(name: str) -> bool:
    words = ("PASSWORD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PASS", "PWD", "DSN")
    return any(word in name.upper() for word in words)
