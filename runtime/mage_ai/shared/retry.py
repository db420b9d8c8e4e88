"""Calling something again."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from runtime.log import Logger

Function = Callable[..., Any]


def retry(
    retries: int = 2,
    delay: float = 5,
    max_delay: float = 60,
    exponential_backoff: bool = True,
    **_options: Any,
) -> Callable[[Function], Function]:
    """A decorator. As in retry_config, `max_delay` caps the sum of the pauses."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def again(*args: Any, **kwargs: Any) -> Any:
            slept, pause = 0.0, float(delay)
            for _ in range(retries):
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if slept + pause >= max_delay:
                        raise
                    Logger().warning(f"{function.__name__} is tried again in {pause} s: {error}")
                time.sleep(pause)
                slept, pause = slept + pause, pause * (2 if exponential_backoff else 1)
            return function(*args, **kwargs)

        return again

    return decorate
