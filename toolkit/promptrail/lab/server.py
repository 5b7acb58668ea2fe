"""The vendors' servers of the lab: one process on loopback that is each host, in TLS with its certificate or without.

    python -m promptrail.lab.server CERTIFICATES

It prints {"port": N} when it listens, on a port that the system chose, and ends when its standard input does.
"""

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import WSMsgType, web

from promptrail.lab import server_remote, server_weak
from promptrail.lab.encoders.deltas import STYLES
from promptrail.lab.leash import leash
from promptrail.lab.tls_or_plain import listen
from promptrail.lab.world import (
    CHAT,
    CLOUD,
    EXFILTRATION,
    FINGERPRINT,
    HELP_DESK,
    HOSTS,
    MARK,
    MARK_HEADER,
    NOTES,
    SAMPLES,
)

TOKEN_PAUSE = 0.03
"""Seconds between two events of an answer: slow enough that a proxy which held them back would show."""
WORDS = (
    "Of",
    " course",
    ":",
    " here",
    " is",
    " a",
    " first",
    " version",
    " that",
    " you",
    " can",
    " change",
    ".",
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _settings(request: web.Request) -> web.StreamResponse:
    answer = web.json_response(
        {"features": {"history": True, "files": True}, "models": ["parley-large"] * 20}
    )
    answer.enable_compression(web.ContentCoding.gzip)
    return answer


async def _chat(request: web.Request) -> web.StreamResponse:
    """A streamed answer whose first event names the conversation after the whole prompt, as chat services do."""
    prompt = (await request.json())["messages"][0]["content"]
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await answer.prepare(request)
    events = [{"title": prompt}, *({"choices": [{"delta": {"content": word}}]} for word in WORDS)]
    for event in events:
        await answer.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
        await asyncio.sleep(TOKEN_PAUSE)
    await answer.write(b"data: [DONE]\n\n")
    return answer


async def _accepted(request: web.Request) -> web.StreamResponse:
    """What a server that only collects answers; it takes the whole body, and repeats nothing of it."""
    await request.read()
    return web.json_response({"ok": True})


async def _presence(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_json({"type": "ack", "agents": 2})
    return socket


async def _sample(request: web.Request) -> web.StreamResponse:
    """The Sampler's requests: taken, except that some are answered with what was asked, in pieces, and some talk on."""
    if "upgrade" in request.headers.get("Connection", "").lower():
        return await _presence(request)
    style = STYLES.get(request.path.removeprefix(SAMPLES).partition("/")[0])
    if style is None:
        return await _accepted(request)
    prompt = (await request.json())["messages"][0]["content"]
    answer = web.StreamResponse(headers={"Content-Type": style.media})
    await answer.prepare(request)
    for piece in style.write(prompt):
        await answer.write(piece.encode())
    return answer


ROUTES: dict[tuple[str, str, str], Handler] = {
    (CHAT, "GET", "/v1/settings"): _settings,
    (CHAT, "POST", "/v1/chat/completions"): _chat,
    (CHAT, "POST", "/v1/files"): _accepted,
    (CLOUD, "POST", "/v2/batch"): _accepted,
    (CLOUD, "GET", "/v1/collect"): _accepted,
    (FINGERPRINT, "POST", "/v3/profile"): _accepted,
    (HELP_DESK, "POST", "/v1/identify"): _accepted,
    (HELP_DESK, "GET", "/ws"): _presence,
    (NOTES, "POST", "/api/notes"): _accepted,
    **server_remote.ROUTES,
    **server_weak.ROUTES,
}


async def _dispatch(request: web.Request) -> web.StreamResponse:
    handler = ROUTES.get((request.host, request.method, request.path))
    if request.path.startswith(SAMPLES) and (request.host == CLOUD or request.host.endswith(EXFILTRATION)):
        handler = _sample
    return await handler(request) if handler else web.json_response({"error": "no such place"}, status=404)


async def _mark(request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers[MARK_HEADER] = MARK


def _contexts(folder: Path) -> ssl.SSLContext:
    """The TLS context whose certificate follows the name that the client asked for (SNI, RFC 6066)."""
    by_host: dict[str, ssl.SSLContext] = {}
    for host in (*HOSTS, EXFILTRATION):
        by_host[host] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{host}.pem")

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        name = EXFILTRATION if name and name.endswith(f".{EXFILTRATION}") else name
        if name not in by_host:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = by_host[name]
        return None

    first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    first.load_cert_chain(folder / f"{HOSTS[0]}.pem")
    first.sni_callback = choose
    return first


async def serve(certificates: Path) -> None:
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", _dispatch)
    app.on_response_prepare.append(_mark)
    # Bodies are taken as they come: what a header says of their coding is wrong on purpose now and then.
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    assert runner.server
    with socket.create_server(("127.0.0.1", 0)) as door:
        sys.stdout.write(json.dumps({"port": door.getsockname()[1]}) + "\n")
        sys.stdout.flush()
        await listen(door, runner.server, _contexts(certificates))


if __name__ == "__main__":
    leash()
    asyncio.run(serve(Path(sys.argv[1])))
