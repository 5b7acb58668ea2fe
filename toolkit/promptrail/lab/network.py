"""How the lab's app reaches its servers: requests in, real TLS through the proxy out, each noted in the answer key.

The app trusts the case's own proxy CA for every host but one: the fingerprint kit is pinned, trusts only its vendor's
certificate, and refuses the proxy with a TLS alert.
"""

import asyncio
import contextlib
import http.client
import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from promptrail.lab.answer_key import AnswerKey, Planted


class Network:
    """The app's one HTTP session; every request goes through the proxy."""

    def __init__(self, key: AnswerKey, agent: str, proxy: str, ca: Path, pin: Path, kit: int | None = None):
        self.key, self._proxy, self._kit = key, proxy, kit
        self._trusted = ssl.create_default_context(cafile=str(ca))
        self._pinned = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._pinned.load_verify_locations(pin)
        self._pinned.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # this one certificate, whoever signed it
        self._headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str,
        planted: Sequence[Planted] = (),
        headers: Mapping[str, str] | None = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        checked: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request and its answer. What it carries enters the key when the server answers: sent is sent.

        Not `checked`: whatever certificate is shown is accepted.
        """
        address = URL(url, encoded=True)  # sent as we wrote it: percent-encoding is part of the plan
        sent = time.time()
        async with self._session.request(
            method,
            address,
            data=data,
            headers=headers,
            proxy=self._proxy,
            ssl=self._trusted if checked else False,
        ) as answer:
            self.key.planted(str(address.host), method, address.raw_path, planted, t=sent)
            answer.raise_for_status()
            yield answer

    async def send(self, method: str, url: str, planted: Sequence[Planted] = (), **options: Any) -> None:
        """An exchange whose answer does not matter."""
        async with self.exchange(method, url, planted, **options) as answer:
            await answer.read()

    async def events(self, answer: aiohttp.ClientResponse) -> AsyncIterator[Any]:
        """The JSON of each server-sent event, as it arrives."""
        async for line in answer.content:
            data = line.decode().removeprefix("data: ").strip()
            if data and data != "[DONE]":
                yield json.loads(data)

    async def talk(
        self, url: str, planted: Sequence[Planted], messages: Sequence[str], deflate: bool = False
    ) -> None:
        """A WebSocket: for each message there one back; `deflate` offers permessage-deflate (RFC 7692)."""
        address = URL(url)
        async with self._session.ws_connect(
            address, proxy=self._proxy, ssl=self._trusted, compress=15 * deflate
        ) as socket:
            self.key.planted(str(address.host), "GET", address.raw_path, planted)
            for message in messages:
                await socket.send_str(message)
                await socket.receive_json()

    async def send_pinned(self, host: str, path: str, body: bytes, planted: Sequence[Planted]) -> None:
        """A request of the pinned kit, which gives up in silence when it meets another certificate than its own."""
        sent = time.time()
        if self._kit is None:
            answered = await asyncio.to_thread(self._send_pinned, host, path, body)
        else:
            answered = await self._send_by_kit(self._kit, path, body)
        if answered:
            self.key.planted(host, "POST", path, planted, t=sent)

    async def _send_by_kit(self, port: int, path: str, body: bytes) -> bool:
        """The same by the kit's Java edition, which listens on this port; whether it was answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(path.encode() + b"\n" + body + b"\n")
        answer = await reader.read()
        writer.close()
        return answer.startswith(b"STATUS 200")

    def _send_pinned(self, host: str, path: str, body: bytes) -> bool:
        """Whether it was answered."""
        # Not asyncio: its TLS drops the connection without the alert that a phone's stack sends (RFC 8446, 6.2).
        proxy = URL(self._proxy)
        connection = http.client.HTTPSConnection(
            str(proxy.host), proxy.port, context=self._pinned, timeout=30
        )
        connection.set_tunnel(host, 443)
        with contextlib.closing(connection), contextlib.suppress(ssl.SSLCertVerificationError):
            connection.request("POST", path, body, {"User-Agent": self._headers["User-Agent"]})
            return connection.getresponse().read() is not None
        return False
