"""Requests that leave the emulator: one session, connections kept and bounded, no redirects."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.drive.http import Prepared
from emulator.drive.network import Answered, BrokenError, RefusedError, TooLargeError

if TYPE_CHECKING:
    import aiohttp

CONNECTIONS = 512
WARM_AFTER = 2.0
KEEP_ALIVE = 1.5
"""Seconds. Shorter than any usual server's: a connection is not used as its server closes it."""


class Outside:
    """An HTTP client. aiohttp is imported by the first request: start-up must stay short."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Prepared, most: int) -> Answered:
        """At most `most` bytes of body are taken."""
        import aiohttp
        from yarl import URL

        session = self._session or self._open()
        url = URL(request.url, encoded=request.url.isascii() and " " not in request.url)
        try:
            async with session.request(
                request.method,
                url,
                headers=request.headers,
                data=request.body or None,
                ssl=trusting(request.certificate) if request.certificate else True,
                allow_redirects=False,
            ) as response:
                body = await _body(response, most)
                return Answered(response.status, list(response.headers.items()), body)
        except ssl.SSLError as error:
            message = f"ca_certificate: {error}"
            raise BrokenError(message) from None
        except aiohttp.ClientConnectorDNSError as error:
            raise BrokenError(f"{error.host}: {error.strerror}") from None
        except aiohttp.ClientConnectorError as error:
            raise RefusedError(f"{error.host}:{error.port}: {error.strerror}") from None
        except aiohttp.InvalidURL as error:
            raise RefusedError(str(error)) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise BrokenError(str(error) or type(error).__name__) from None

    async def warm(self) -> None:
        """Import what the first request would import, once the emulator has long answered."""
        await asyncio.sleep(WARM_AFTER)
        await asyncio.to_thread(importlib.import_module, "aiohttp")

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE, ttl_dns_cache=10
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Content-Type",),
        )
        return self._session

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None


@lru_cache(32)
def trusting(certificate: str) -> ssl.SSLContext:
    """Trusts servers signed by this one only."""
    return ssl.create_default_context(cadata=certificate)


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    if (response.content_length or 0) > most:
        raise TooLargeError
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > most:
            raise TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)
