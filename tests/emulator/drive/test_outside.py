"""Requests over real sockets, and every way in which none comes back."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from emulator.drive.http import Prepared
from emulator.drive.network import (
    Answered,
    BrokenError,
    NetworkError,
    RefusedError,
    TooLargeError,
)
from emulator.drive.outside import Outside

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def asked(serve: Serve | None, method: str = "GET", most: int = 1000, times: int = 1) -> list:
    async def story() -> list:
        async def guarded(reader, writer) -> None:
            try:
                await serve(reader, writer)
            finally:
                writer.close()

        port, server = free_port(), None
        if serve:
            server = await asyncio.start_server(guarded, "127.0.0.1", port)
        outside = Outside()
        request = Prepared(
            method, f"http://127.0.0.1:{port}/a%2Fb?x=%41", "127.0.0.1", {"X": "y"}, b""
        )
        try:
            return [await outside.send(request, most) for _ in range(times)]
        finally:
            await outside.close()
            if server:
                server.close()

    return asyncio.run(story())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def answering(text: bytes, seen: list[bytes]) -> Serve:
    async def serve(reader, writer) -> None:
        while True:
            try:
                seen.append(await head(reader))
            except asyncio.IncompleteReadError:
                return
            writer.write(text)
            await writer.drain()

    return serve


def test_a_request_arrives_as_it_was_made_and_connections_are_kept() -> None:
    seen: list[bytes] = []
    text = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 2\r\n\r\nhi"
    answers = asked(answering(text, seen), "POST", times=3)
    assert answers[0] == Answered(302, [("Location", "/b"), ("Content-Length", "2")], b"hi")
    assert len(seen) == 3
    lines = seen[0].split(b"\r\n")
    assert lines[0] == b"POST /a%2Fb?x=%41 HTTP/1.1"
    assert b"X: y" in lines
    assert not any(line.lower().startswith(b"content-type") for line in lines)


def test_nobody_listening_is_a_refusal() -> None:
    with pytest.raises(RefusedError):
        asked(None)


def test_an_unknown_name_is_a_broken_connection() -> None:
    async def story() -> None:
        outside = Outside()
        try:
            await outside.send(Prepared("GET", "http://no.such.host.invalid/", "", {}, b""), 10)
        finally:
            await outside.close()

    with pytest.raises(BrokenError):
        asyncio.run(story())


def test_a_connection_that_breaks_off_is_not_a_refusal() -> None:
    async def hangs_up(reader, writer) -> None:
        await head(reader)

    async def breaks_off(reader, writer) -> None:
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()

    for serve in (hangs_up, breaks_off):
        with pytest.raises(BrokenError):
            asked(serve, "POST")


def test_too_large_an_answer_is_not_read_to_its_end() -> None:
    told = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    pieces = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"3e8\r\n" + b"x" * 1000
    pieces += b"\r\n1\r\nx\r\n0\r\n\r\n"
    for text in (told, pieces):
        with pytest.raises(TooLargeError):
            asked(answering(text, []))
    assert asked(answering(told, []), most=5000)[0].body == b"x" * 5000


def self_signed(folder: Path) -> tuple[str, ssl.SSLContext]:
    """A certificate of localhost that nobody else has signed, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM).decode()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (folder / "both.pem").write_text(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return pem, context


def test_a_server_is_trusted_by_the_certificate_that_the_call_names(tmp_path: Path) -> None:
    pem, context = self_signed(tmp_path)

    async def serve(reader, writer) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await head(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            await writer.drain()
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        plain = Prepared("GET", f"https://localhost:{port}/", "localhost", {}, b"")
        outside = Outside()
        try:
            answer = await outside.send(replace(plain, certificate=pem), 100)
            assert answer.body == b"hi"
            with pytest.raises(NetworkError):
                await outside.send(plain, 100)
            with pytest.raises(BrokenError, match="ca_certificate"):
                await outside.send(replace(plain, certificate="no PEM"), 100)
        finally:
            await outside.close()
            server.close()

    asyncio.run(story())
