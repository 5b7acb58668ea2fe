"""A TLS server on loopback that behaves as each path says: answers, streams, breaks off, waits for the test."""

import asyncio
import gzip
import ssl
import threading
from pathlib import Path

JSON = b'{"answer":"' + b"yes " * 40 + b'"}'
PIECES = [f"data: {n}\n\n".encode() for n in range(4)]
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class TlsServer:
    """`received` holds (path, body) of every request; a stream that waits goes on when `go` is set."""

    def __init__(self, certificate: Path):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.received: list[tuple[bytes, bytes]] = []
        self.go = threading.Event()

    def __enter__(self) -> "TlsServer":
        ready = threading.Event()

        async def main() -> None:
            self.loop, self.end = asyncio.get_running_loop(), asyncio.Event()
            server = await asyncio.start_server(self.handle, "127.0.0.1", 0, ssl=self.context)
            self.port = int(server.sockets[0].getsockname()[1])
            ready.set()
            await self.end.wait()
            server.close()

        self.thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
        self.thread.start()
        assert ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(30)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1]
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = (
                    await reader.readexactly(int(length[0][15:]))
                    if length
                    else await self.chunked(head, reader)
                )
                self.received.append((path, body))
                await self.answer(path, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def chunked(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        body = b""
        while b"chunked" in head.lower() and (size := int(await reader.readline(), 16)):
            body += (await reader.readexactly(size + 2))[:-2]
        if b"chunked" in head.lower():
            await reader.readline()
        return body

    async def answer(self, path: bytes, writer: asyncio.StreamWriter) -> None:
        if path == b"/gzip":
            self.whole(writer, gzip.compress(JSON, mtime=0), b"Content-Encoding: gzip\r\n")
        elif path.startswith(b"/stream"):
            await self.stream(path, writer)
        elif path == b"/short":  # promises more than it sends
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
            await writer.drain()
            writer.transport.abort()
        elif path.startswith(b"/hostile"):
            self.whole(writer, b"<script>", b'X-B: \xff"><img onerror=\r\n')
        else:
            self.whole(writer, JSON)
        await writer.drain()

    def whole(self, writer: asyncio.StreamWriter, body: bytes, more: bytes = b"") -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), more, body))

    async def stream(self, path: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM)
        for n, piece in enumerate(PIECES):
            if n == 2 and path == b"/stream-cut":
                writer.transport.abort()
                raise ConnectionError
            if n == 2 and path == b"/stream-waits":
                await asyncio.to_thread(self.go.wait)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
