"""A server that counts: every call has a key, every answer a serial number.

The first call of a key that ends in `-shaky` is answered 503. A call that names a callback is
answered, and the callback is called until it is taken.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen


class CountingServer:
    """Runs in a thread of its own."""

    def __init__(self) -> None:
        self.arrivals: Counter[str] = Counter()
        self.connections = 0
        self.url = ""
        self._serial = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._callers: list[threading.Thread] = []
        self._closing = threading.Event()

    def __enter__(self) -> CountingServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for caller in self._callers:
            caller.join(10)
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._end.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (line for line in head.lower().split("\r\n") if "content-length" in line), ":0"
                )
                await reader.readexactly(int(length.partition(":")[2]))
                await self._answer(head.split()[1], writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.connections -= 1
            writer.close()

    async def _answer(self, target: str, writer: asyncio.StreamWriter) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
        key = query["key"]
        self.arrivals[key] += 1
        self._serial += 1
        shaky = key.endswith("-shaky") and self.arrivals[key] == 1
        body = json.dumps({"key": key, "serial": self._serial}).encode()
        await asyncio.sleep(0.02)
        status = "503 Service Unavailable" if shaky else "200 OK"
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)
        await writer.drain()
        if callback := query.get("callback"):
            caller = threading.Thread(target=self._call_back, args=(callback, key))
            self._callers.append(caller)
            caller.start()

    def _call_back(self, url: str, key: str) -> None:
        """Until it is taken, or nobody wants it any more."""
        body = json.dumps({"called": key}).encode()
        headers = {"Content-Type": "application/json"}
        while not self._closing.wait(0.1):
            try:
                urlopen(Request(url, body, headers, method="POST"), timeout=5).close()
            except URLError as error:
                if getattr(error, "code", 0) in (404, 429):
                    return
            except OSError:
                continue
            else:
                return
