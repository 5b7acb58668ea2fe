"""The servers of the opaque case: one process on loopback that takes whatever it is sent and always says the same.

    python -m promptrail.lab.opaque.server CERTIFICATE

CERTIFICATE is one PEM file with key and certificate for all hosts. It prints {"port": N} when it listens, and ends when
its standard input does.
"""

import asyncio
import json
import ssl
import sys

from aiohttp import web

from promptrail.lab.leash import leash
from promptrail.lab.opaque.vendors import FIRST_PARTY
from promptrail.lab.world import MARK, MARK_HEADER

ANSWER, TAKEN = {"answer": "OK"}, {"ok": True}


async def take(request: web.Request) -> web.StreamResponse:
    """The whole body is taken; the answer has one length for each host."""
    await request.read()
    return web.json_response(ANSWER if request.host == FIRST_PARTY.host else TAKEN)


async def mark(request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers[MARK_HEADER] = MARK


async def serve(certificate: str) -> None:
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", take)
    app.on_response_prepare.append(mark)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=3600.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    leash()
    asyncio.run(serve(sys.argv[1]))
