"""mitmproxy addon that is the only one to answer the self-test: a name and an address that nobody else has.

What it saw of them it writes, a JSON object a line, into the file of the option `selftest_log`: "reached" (a connection
came), "trusted" or "refused" (how its TLS handshake ended), "asked" (a request, with its path). Nothing goes upstream.
It imports nothing of promptrail.
"""

import asyncio
import contextlib
import json
import os
import time
from typing import Any

ZONE = "selftest.promptrail.test"
"""Every name below it; .test is nobody's (RFC 6761)."""
ADDRESS = "192.0.2.99"
"""Of TEST-NET-1 (RFC 5737), for a client that has to have an address."""


def ours(host: str | None) -> bool:
    return host is not None and (host == ADDRESS or host.endswith(f".{ZONE}"))


class Answer:
    def __init__(self) -> None:
        self._meant: dict[str, str] = {}
        """Client connection -> the host that it wants."""

    def load(self, loader: Any) -> None:
        loader.add_option("selftest_log", str, "", "File for what the self-test's clients did.")

    async def running(self) -> None:
        # mitmproxy connects upstream first (connection_strategy), and gives up the client if it finds nobody there. If
        # only TLS fails there, it goes on with the client, and takes our answer to the request.
        self._nobody = await asyncio.start_server(_hang_up, "127.0.0.1", 0)

    def server_connect(self, data: Any) -> None:
        host = data.server.address and data.server.address[0]
        if not ours(host):
            return
        self._meant[data.client.id] = host
        self._write("reached", host, peer=data.client.peername[0])
        data.server.address = self._nobody.sockets[0].getsockname()[:2]
        data.server.error = None  # another addon may have refused it

    def client_disconnected(self, client: Any) -> None:
        self._meant.pop(client.id, None)

    def tls_clienthello(self, data: Any) -> None:
        if (host := self._meant.get(data.context.client.id)) is not None:
            # The certificate is made for this name; a client that wants an address tells none.
            data.context.client.sni = data.context.client.sni or host

    def tls_established_client(self, data: Any) -> None:
        if (host := self._meant.get(data.context.client.id)) is not None:
            self._write("trusted", host, version=data.conn.tls_version)

    def tls_failed_client(self, data: Any) -> None:
        if (host := self._meant.get(data.context.client.id)) is not None:
            self._write("refused", host, error=str(data.conn.error))

    def request(self, flow: Any) -> None:
        from mitmproxy.http import Response

        host = self._meant.get(flow.client_conn.id) or flow.request.host
        if not ours(host):
            return
        self._write("asked", host, path=flow.request.path, tls=flow.client_conn.tls_established)
        flow.response = Response.make(
            200, f"promptrail {flow.request.path}\n", {"Content-Type": "text/plain"}
        )

    def done(self) -> None:
        if nobody := getattr(self, "_nobody", None):
            nobody.close()

    def _write(self, saw: str, host: str, **more: object) -> None:
        from mitmproxy import ctx

        line = json.dumps({"t": time.time(), "saw": saw, "host": host, **more}) + "\n"
        log = os.open(ctx.options.selftest_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(log, line.encode())
        finally:
            os.close(log)


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read(1)
    writer.close()


addons = [Answer()]
