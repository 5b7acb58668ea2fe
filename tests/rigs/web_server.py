"""A TLS server of aiohttp on loopback: echoes, compresses, streams, and talks WebSocket with compression."""

import asyncio
import gzip
import ssl
import threading
from pathlib import Path
from types import TracebackType

from aiohttp import web

BIG = gzip.compress(bytes(range(256)) * 2000)


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), headers={"X-Twice": "a", "x-twice": "b"})


async def packed(request: web.Request) -> web.Response:
    return web.Response(body=BIG, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


async def stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    for n in range(5):
        await answer.write(f"data: {n}\n\n".encode())
    return answer


async def none(request: web.Request) -> web.Response:
    return web.Response(status=204)


async def talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=True)
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"you said {message.data} " * 20)
    return socket


class WebServer:
    """`with WebServer(certificate) as server`: `server.port` listens."""

    def __init__(self, certificate: Path) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> "WebServer":
        ready = threading.Event()

        async def main() -> None:
            app = web.Application(client_max_size=1 << 24)
            app.router.add_route("*", "/echo", echo)
            app.router.add_get("/packed", packed)
            app.router.add_get("/stream", stream)
            app.router.add_get("/ws", talk)
            app.router.add_get("/none", none)
            self.runner = web.AppRunner(app, shutdown_timeout=0.1)
            await self.runner.setup()
            await web.TCPSite(self.runner, "127.0.0.1", 0, ssl_context=self.context).start()
            self.port = int(self.runner.addresses[0][1])
            ready.set()

        def run() -> None:
            self.loop.run_until_complete(main())
            self.loop.run_forever()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()
