"""A client and a server of HTTP/3 on loopback (aioquic), the keys of the client kept or not."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import HandshakeCompleted, QuicEvent, StreamDataReceived

ANSWER = b"answer " * 3000


class Server(QuicConnectionProtocol):
    """Answers every request with headers, ANSWER and trailers; a stream of another protocol with what it said."""

    http: H3Connection | None = None
    plain = False

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, HandshakeCompleted):
            self.plain = event.alpn_protocol not in H3_ALPN
            self.http = None if self.plain else H3Connection(self._quic)
        if self.plain and isinstance(event, StreamDataReceived):
            self._quic.send_stream_data(event.stream_id, event.data[::-1], event.end_stream)
            self.transmit()
        for one in self.http.handle_event(event) if self.http else []:
            if isinstance(one, HeadersReceived | DataReceived) and one.stream_ended:
                assert self.http
                self.http.send_headers(one.stream_id, [(b":status", b"200"), (b"x-mark", b"odd value")])
                self.http.send_data(one.stream_id, ANSWER, False)
                self.http.send_headers(one.stream_id, [(b"x-trailer", b"t")], True)
                self.transmit()


class Client(QuicConnectionProtocol):
    """`over`: the answer has come, or the stream of another protocol has ended."""

    http: H3Connection | None = None

    def begin(self) -> None:
        self.over = asyncio.Event()

    def quic_event_received(self, event: QuicEvent) -> None:
        for one in self.http.handle_event(event) if self.http else []:
            if isinstance(one, HeadersReceived | DataReceived) and one.stream_ended:
                self.over.set()
        if self.http is None and isinstance(event, StreamDataReceived) and event.end_stream:
            self.over.set()

    async def ask(self, body: bytes, path: str) -> None:
        self.begin()
        self.http = self.http or H3Connection(self._quic)
        stream = self._quic.get_next_available_stream_id()
        named = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"chat.parley.test")]
        own = [(b":path", path.encode()), (b"user-agent", b"parley/1"), (b"x-device", b"kestrel-4417")]
        self.http.send_headers(stream, [*named, *own])
        self.http.send_data(stream, body, True)
        self.transmit()
        await asyncio.wait_for(self.over.wait(), 30)

    async def say(self, words: bytes) -> None:
        self.begin()
        self._quic.send_stream_data(self._quic.get_next_available_stream_id(), words, True)
        self.transmit()
        await asyncio.wait_for(self.over.wait(), 30)


async def talk(certificate: Path, ca: Path, address: str, keys: Any, words: bytes, http: bool = True) -> None:
    """One connection: two requests of HTTP/3, or one stream of another protocol."""
    alpn = H3_ALPN if http else ["parley/1"]
    here = QuicConfiguration(is_client=False, alpn_protocols=alpn)
    here.load_cert_chain(certificate.with_suffix(".crt"), certificate)
    server = await serve(address, 0, configuration=here, create_protocol=Server)
    port = server._transport.get_extra_info("sockname")[1]
    there = QuicConfiguration(
        is_client=True, alpn_protocols=alpn, server_name="chat.parley.test", secrets_log_file=keys
    )
    there.load_verify_locations(str(ca))
    async with connect(address, port, configuration=there, create_protocol=Client) as client:
        assert isinstance(client, Client)
        steps: list[Awaitable[None]] = (
            [client.ask(words, "/v1/chat"), client.ask(words[::-1], "/v1/more")]
            if http
            else [client.say(words)]
        )
        for step in steps:
            await step
    server.close()
