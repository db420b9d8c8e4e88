"""A process that imports the heavy libraries once and forks one child per function instance.

Started by `zygotes` as a program of its own. Its setup comes on stdin, commands on the
socket whose descriptor is its argument, and it never starts a thread: a fork copies only
the thread that forks. When the emulator goes, however it goes, the socket ends and with it
this process and all its children.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emulator.host import child, guard, wire


class Zygote:
    """Forks on command, and says who ended how."""

    def __init__(self, control: socket.socket, finder: guard.Guard) -> None:
        self._control = control
        self._guard = finder
        self._children: dict[int, int] = {}
        self._pids: dict[int, int] = {}
        self._wake, self._woken = socket.socketpair()

    def serve(self) -> None:
        """Until the emulator is gone."""
        self._listen_to_children()
        self._say(wire.READY, 0, os.getpid())
        with selectors.DefaultSelector() as events:
            events.register(self._control, selectors.EVENT_READ, self._obey)
            events.register(self._woken, selectors.EVENT_READ, self._bury)
            with contextlib.suppress(EOFError, ConnectionError):
                while True:
                    for key, _ in events.select():
                        key.data()
        self._end_children()

    def _listen_to_children(self) -> None:
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)

    def _say(self, verb: bytes, instance: int, number: int) -> None:
        self._control.sendall(wire.COMMAND.pack(verb, instance, number))

    def _obey(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._control, wire.COMMAND.size, 3)
        if not data:
            raise EOFError
        data += wire.read_exactly(self._control, wire.COMMAND.size - len(data))
        verb, instance, number = wire.COMMAND.unpack(data)
        if verb == wire.SPAWN:
            self._spawn(instance, descriptors)
        elif instance in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pids[instance], number)

    def _spawn(self, instance: int, descriptors: list[int]) -> None:
        pid = os.fork()
        if not pid:
            self._become_child(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)
        self._children[pid], self._pids[instance] = instance, pid
        self._say(wire.SPAWNED, instance, pid)

    def _become_child(self, descriptors: list[int]) -> NoReturn:
        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._control, self._wake, self._woken):
            end.close()
        child.main(descriptors, self._guard)

    def _bury(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if (instance := self._children.pop(pid, None)) is not None:
                    del self._pids[instance]
                    self._say(wire.EXITED, instance, status)

    def _end_children(self) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def prepare(setup: dict[str, Any]) -> guard.Guard:
    """From here on only the standard library and what `setup` allows can be imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "emulator"]:
        del sys.modules[name]
    sys.path[:] = [*sys.path[1:], *setup["path"]]
    finder = guard.Guard(setup["base"], setup["roots"], setup["names"])
    guard.install(finder)
    for name in setup["preload"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    finder.refused.clear()
    return finder


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    finder = prepare(json.load(sys.stdin))
    child.warm()
    gc.collect()
    gc.freeze()
    Zygote(control, finder).serve()


if __name__ == "__main__":
    main()
