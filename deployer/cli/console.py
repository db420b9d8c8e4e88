"""Words on the terminal: colours for people, plain lines for pipes, JSON for programs."""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

Json = Any


def is_terminal() -> bool:
    return sys.stdout.isatty()


@cache
def rich_console() -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def say(text: str = "", style: str = "") -> None:
    """One line (or several). `style` is Rich's, and only a terminal sees it."""
    if style and is_terminal():
        rich_console().print(text, style=style, markup=False)
    else:
        print(text, flush=True)


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def say_json(value: Json) -> None:
    print(json.dumps(value, indent=2, default=str), flush=True)


def agreed(question: str) -> bool:
    """A person's yes. Where nobody can be asked the answer is no."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def took(seconds: float) -> str:
    """`0.42 s`, `12.3 s`, `2 min 05 s`: enough digits to compare, no more."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def number(count: int) -> str:
    return f"{count:,}"


def plural(count: int, word: str) -> str:
    return f"{number(count)} {word}" + ("" if count == 1 else "s")
