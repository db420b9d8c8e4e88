"""Stop a block that runs longer than its `timeout`.

A function's server runs requests in threads, where no signal arrives. So the block runs in a
thread of its own; when the time is up, an exception is raised inside it, and the caller goes
on without it. Code that sits in a C call cannot be stopped: then `stuck` says so, and the
process ends after its answer, which also ends the block's transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import Any, TypeVar

from runtime.errors import BlockTimeout

T = TypeVar("T")
GRACE = 2.0
"""Seconds that a stopped block has to unwind."""

stuck: list[Thread] = []
"""Threads that did not end when they were told to."""


class Stopped(BaseException):
    """Raised inside the block's thread; not an Exception, so that loops do not swallow it."""


def left(seconds: float | None, deadline: float | None) -> float | None:
    """The shorter of a block's own time and what is left of its run's."""
    if deadline is None:
        return seconds
    rest = max(deadline - time.time(), 0.001)
    return min(seconds, rest) if seconds else rest


def within(seconds: float | None, work: Callable[[], T]) -> T:
    """The result of `work`, or BlockTimeout."""
    if not seconds:
        return work()
    done: dict[str, Any] = {}
    context = copy_context()
    thread = Thread(target=context.run, args=(_kept, work, done), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise BlockTimeout(f"the block ran longer than its timeout of {seconds:.3g} seconds")
    if "error" in done:
        raise done["error"]
    result: T = done["result"]
    return result


def _kept(work: Callable[[], Any], done: dict[str, Any]) -> None:
    try:
        done["result"] = work()
    except BaseException as error:  # noqa: BLE001 (raised again by the caller)
        done["error"] = error


def _stop(thread: Thread) -> None:
    import ctypes

    if thread.ident is not None:
        target = ctypes.c_ulong(thread.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(Stopped))
    thread.join(GRACE)
    if thread.is_alive():
        stuck.append(thread)
