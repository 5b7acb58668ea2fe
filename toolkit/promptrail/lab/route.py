"""mitmproxy addon that resolves the lab's hosts to its server on loopback, and refuses every other destination.

Nothing that the lab's app does can leave the machine: a name that is not the lab's is refused before it is looked up.
The proxy still believes in chat.parley.test:443, so names, ports and certificates in the capture are as in real life.
It imports nothing of promptrail.
"""

import asyncio
import fnmatch
import socket
from typing import Any

from mitmproxy import ctx
from mitmproxy.proxy import server_hooks


def _ours(host: str) -> bool:
    return any(fnmatch.fnmatchcase(host, name) for name in ctx.options.lab_hosts.split(","))


class Route:
    def load(self, loader: Any) -> None:
        loader.add_option(
            "lab_hosts", str, "", "Names of the lab's hosts, separated by commas; *.NAME is a zone."
        )
        loader.add_option("lab_port", int, 0, "Port of the lab's server on 127.0.0.1.")

    def running(self) -> None:
        async def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
            if not _ours(host):
                raise socket.gaierror(socket.EAI_NONAME, f"{host} is not a host of the lab")
            address = ("127.0.0.1", ctx.options.lab_port)
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

        # This loop's connections only: asyncio asks its loop for the addresses of a name.
        asyncio.get_running_loop().getaddrinfo = resolve  # type: ignore[method-assign,assignment]

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        address = data.server.address
        if address is None or not _ours(address[0]):
            data.server.error = (
                f"{address and address[0]} is not a host of the lab, and nothing leaves this machine"
            )


addons = [Route()]
