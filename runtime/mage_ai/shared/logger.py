"""Messages of blocks that use Mage's own helpers."""

from __future__ import annotations

from typing import Any

from runtime.log import Logger


class VerboseFunctionExec:
    """`with VerboseFunctionExec('Loading', verbose=True): …` says when it begins and ends."""

    def __init__(self, message: str, verbose: bool = False, **_options: Any) -> None:
        self.message = message
        self.verbose = verbose

    def __enter__(self) -> None:
        if self.verbose:
            print(f"{self.message} …")

    def __exit__(self, *exception: object) -> None:
        if self.verbose and exception[0] is None:
            print(f"{self.message}: done")


def get_logger(*_names: Any, **_options: Any) -> Logger:
    return Logger()
