"""One port for clients with and without TLS: what speaks is told by the first byte that a client sends.

In: a listening socket, what answers a connection, and a TLS context. A TLS client begins with a handshake record
(22, RFC 8446, 5.1), an HTTP client with a letter. A client that sends nothing in time is let go.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

HANDSHAKE = b"\x16"
PATIENCE = 30.0
"""Seconds in which a client may say its first word."""


async def listen(
    door: socket.socket, protocol: Callable[[], asyncio.BaseProtocol], context: ssl.SSLContext
) -> None:
    """Take connections for ever; cancel the task to end."""
    loop = asyncio.get_running_loop()
    door.setblocking(False)
    waiting: set[asyncio.Task[None]] = set()
    while True:
        client, _ = await loop.sock_accept(door)
        client.setblocking(False)
        task = asyncio.create_task(_meet(client, protocol, context))
        waiting.add(task)
        task.add_done_callback(waiting.discard)


async def _meet(
    client: socket.socket, protocol: Callable[[], asyncio.BaseProtocol], context: ssl.SSLContext
) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            first = await _first_byte(client)
        if first:
            tls = context if first == HANDSHAKE else None
            await loop.connect_accepted_socket(protocol, client, ssl=tls)
            return
    except (OSError, TimeoutError):  # ssl.SSLError is an OSError: the client refused our certificate
        pass
    client.close()


async def _first_byte(client: socket.socket) -> bytes:
    """The byte stays in the socket, for whoever reads next; empty: the client has gone."""
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            return client.recv(1, socket.MSG_PEEK)
        ready = asyncio.Event()
        loop.add_reader(client, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(client)
