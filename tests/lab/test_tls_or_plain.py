"""One port for clients with and without TLS, over real sockets."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from promptrail.lab import authority
from promptrail.lab.tls_or_plain import listen
from promptrail.lab.world import CHAT

ASK = b"GET /%s HTTP/1.1\r\nHost: chat.parley.test\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("certificates"))


async def _scheme(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=request.scheme)


async def _open(port: int, context: ssl.SSLContext | None) -> bytes:
    name = CHAT if context else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    writer.write(ASK % b"x")
    answer = await reader.read()
    writer.close()
    return answer.rpartition(b"\r\n")[2]


def served(ca: Path, talk: Callable[[int], Awaitable[None]]) -> None:
    """Run a talk with the port while it is listened on."""

    async def run() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca.with_name(f"{CHAT}.pem"))
        server = web.Server(_scheme)
        with socket.create_server(("127.0.0.1", 0)) as door:
            task = asyncio.create_task(listen(door, server, context))
            await talk(door.getsockname()[1])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await server.shutdown()

    asyncio.run(run())


def test_both_are_answered_on_one_port(ca: Path) -> None:
    """At once, and each sees its own scheme."""
    context = ssl.create_default_context(cafile=str(ca))

    async def talk(port: int) -> None:
        both = [_open(port, tls) for tls in (context, None, context, None)]
        assert await asyncio.gather(*both) == [b"https", b"http", b"https", b"http"]

    served(ca, talk)


@pytest.mark.parametrize("first", [b"", b"\x16", b"\x16\x03\x01\x00\x05hello", b"\x00\xff\x00"])
def test_a_client_that_says_nonsense_or_leaves_disturbs_nobody(ca: Path, first: bytes) -> None:
    """The next client is answered."""

    async def talk(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        writer.write_eof()
        await reader.read()
        writer.close()
        assert await _open(port, None) == b"http"

    served(ca, talk)


def test_a_client_that_does_not_trust_us_disturbs_nobody(ca: Path) -> None:
    """A refused handshake is that client's own affair."""

    async def talk(port: int) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            await _open(port, ssl.create_default_context())
        assert await _open(port, ssl.create_default_context(cafile=str(ca))) == b"https"

    served(ca, talk)
