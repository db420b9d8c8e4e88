"""Becomes the program it is asked to run, as the account it is asked to be.

Run as `python -I -S launch.py PARENT UID GID PROGRAM ARGUMENT…`, with nothing imported that
the standard library does not bring: it stands between the emulator and the server for a
few milliseconds. UID -1 keeps the account. It asks the kernel for a SIGINT (Postgres:
"fast shutdown") when the emulator dies, however it dies, so no server is ever left behind.
A program of its own rather than a `preexec_fn`, which may deadlock a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    parent, uid, gid = (int(number) for number in argv[:3])
    if uid >= 0:
        _become(uid, gid)
    _die_with(parent)
    os.umask(0o077)
    os.execv(argv[3], argv[3:])  # noqa: S606 - no shell is wanted


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with(parent: int) -> None:
    """After the change of account: that change would clear the wish."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the emulator ended while its Postgres was starting")


if __name__ == "__main__":
    main(sys.argv[1:])
