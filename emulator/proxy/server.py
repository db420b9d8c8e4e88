"""CONNECT requests: Google's hosts are answered here, other hosts of Google's refused, and the
rest of the world is let through untouched.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from emulator.cloud import Cloud, Service
from emulator.proxy import tunnel
from emulator.proxy.authority import Authority
from emulator.proxy.hosts import Way, way

PART = "proxy"
HEAD = 64 * 1024
PATIENCE = 30.0
NOT_PROXIED = "127.0.0.1,localhost,metadata.google.internal,169.254.169.254"
TRUST = (
    "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS", "AWS_CA_BUNDLE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
)  # fmt: skip
"""Variables by which Python's, gRPC's, curl's and gcloud's clients are told whom to trust."""

log = logging.getLogger(__name__)


class Proxy:
    """The proxy of one emulator."""

    def __init__(self, cloud: Cloud) -> None:
        self._settings = cloud.settings
        self._authority = Authority(cloud.settings.data / "keys")
        self._server: asyncio.Server | None = None
        self._context: ssl.SSLContext | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        names = [f"*.{self._settings.region}.run.app"]
        self._context = await asyncio.to_thread(self._authority.context, names)
        self._server = await asyncio.start_server(
            self._taken, self._settings.host, 0, limit=HEAD, backlog=256
        )

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def environment(self) -> dict[str, str]:
        """What leads a process here."""
        assert self._server
        host, port = self._server.sockets[0].getsockname()[:2]
        url, bundle = f"http://{host}:{port}", str(self._authority.bundle)
        proxy = {"HTTPS_PROXY": url, "https_proxy": url}
        beside = {"NO_PROXY": NOT_PROXIED, "no_proxy": NOT_PROXIED}
        return {**proxy, **beside, **dict.fromkeys(TRUST, bundle)}

    # -- one connection -----------------------------------------------------------------------

    async def _taken(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        except asyncio.CancelledError:  # by `stop`; asyncio's streams would print a traceback
            pass
        except Exception:
            log.exception("a connection through the proxy broke")
        finally:
            self._open.discard(task)
            with suppress(OSError):
                writer.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.decode("latin-1").partition(" ")
        host, _, port = rest.partition(" ")[0].rpartition(":")
        if method != "CONNECT" or not port.isdigit():
            await _say(writer, "405 This proxy takes CONNECT only")
            return
        match way(host.strip("[]")):
            case Way.HERE:
                await self._here(reader, writer)
            case Way.REFUSED:
                said = f"403 The local cloud does not serve {host} and lets nobody reach the real"
                log.warning(said)
                await _say(writer, said)
            case Way.THROUGH:
                await self._through(host.strip("[]"), int(port), reader, writer)

    async def _here(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Speak TLS as Google would; gRPC goes to its port, everything else to REST's."""
        assert self._context
        await _say(writer, "200 Connection established")
        async with asyncio.timeout(PATIENCE):
            await writer.start_tls(self._context)
        spoken = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        port = self._settings.grpc_port if spoken == "h2" else self._settings.port
        inside = await asyncio.open_connection(self._settings.host, port)
        await tunnel.join((reader, writer), inside)

    async def _through(
        self, host: str, port: int, reader: StreamReader, writer: StreamWriter
    ) -> None:
        try:
            outside = await tunnel.outwards(host, port)
        except tunnel.NoWayError as error:
            await _say(writer, f"502 {host} cannot be reached: {error}")
            return
        await _say(writer, "200 Connection established")
        await tunnel.join((reader, writer), outside)


async def _say(writer: StreamWriter, status: str) -> None:
    """Clients show their user the status line, and nothing else."""
    line = " ".join(status.split())
    end = "" if line.startswith("200") else "Content-Length: 0\r\nConnection: close\r\n"
    writer.write(f"HTTP/1.1 {line}\r\n{end}\r\n".encode("latin-1", "replace"))
    await writer.drain()


def service(cloud: Cloud) -> Service:
    proxy = Proxy(cloud)

    async def start() -> None:
        await proxy.start()
        cloud.parts[PART] = proxy.environment
        cloud.environment.update(proxy.environment)

    return Service(PART, [], start, proxy.stop)
