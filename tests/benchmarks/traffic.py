"""App traffic of two kinds as a flow file, for benchmarks; seeded; some plantings let recall be told beside speed.

Ordinary: chat streams, telemetry, pictures, static text. Heavy: telemetry whose values look like codes, and values that
are wrapped several times. Texts come from small vocabularies, so compressed sizes flatter.
"""

import base64
import gzip
import json
import random
import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from captures import exchange, write_flows

WORDS = (  # noqa: SIM905
    "open close view send list home chat reply wait done name type time page user item next back text line"
).split()


def prompts(count: int) -> list[str]:
    """Probes: sentences with a word and a number of their own."""
    chance = random.Random(5)
    return [f"{sentence(chance, 9)} kestrel-{n:04d}" for n in range(count)]


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))


def _stream(chance: random.Random) -> bytes:
    """An answer of some hundred token events."""
    name = f"chatcmpl-{uuid.UUID(int=chance.getrandbits(128)).hex}"
    events = []
    for _ in range(chance.randint(100, 300)):
        delta = {"index": 0, "delta": {"content": chance.choice(WORDS) + " "}, "finish_reason": None}
        events.append(
            "data: " + json.dumps({"id": name, "object": "chat.completion.chunk", "choices": [delta]})
        )
    return ("\n\n".join(events) + "\n\n").encode()


def _telemetry(chance: random.Random, planted: str | None) -> bytes:
    rows: list[dict[str, Any]] = []
    for n in range(chance.randint(5, 40)):
        inner = {
            "screen": sentence(chance, 2),
            "id": str(uuid.UUID(int=chance.getrandbits(128))),
            "ms": chance.randrange(9999),
        }
        if planted and n == 2:
            inner["text"] = planted
        rows.append(
            {
                "event": chance.choice(WORDS),
                "params": json.dumps(inner),
                "hash": f"{chance.getrandbits(128):032x}",
            }
        )
    return json.dumps({"batch": rows}).encode()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _tokens(chance: random.Random, planted: str | None) -> bytes:
    """Telemetry of which nearly every value looks like a code: JSON Web Tokens, hashes, URLs, JSON in JSON, slashes."""
    rows: list[dict[str, Any]] = []
    for n in range(chance.randint(3, 30)):
        session = str(uuid.UUID(int=chance.getrandbits(128)))
        claims = json.dumps({"sub": session, "iat": chance.getrandbits(30)}).encode()
        head = base64url(b'{"alg":"HS256"}')
        link = f"https://cdn.parley.test/i/{chance.getrandbits(64):016x}?sig=1"
        note: dict[str, Any] = {"said": 'the "best" word', "at": chance.random(), "session": session}
        if planted and n == 2:
            note["text"] = planted
        rows.append(
            {
                "event": chance.choice(WORDS),
                "trace": f"{chance.getrandbits(128):032x}",
                "token": f"{head}.{base64url(claims)}.{base64url(chance.randbytes(32))}",
                "link": quote(link, safe=""),
                "props": json.dumps(note),
                "handler": "test.parley.sdk.AnalyticsEventDispatcherInternal",
            }
        )
    return json.dumps({"batch": rows}).replace("/", "\\/").encode()


def _deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def _in_base64(data: bytes) -> bytes:
    return json.dumps({"payload": base64.b64encode(data).decode(), "v": 2}).encode()


NESTINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda d: _in_base64(gzip.compress(d, mtime=0)),
    lambda d: _in_base64(_deflated(d)),
    lambda d: _in_base64(_in_base64(d)),
    lambda d: _in_base64(d.decode().encode("utf-16-le")),
    lambda d: json.dumps({"a": json.dumps({"b": json.dumps({"c": d.decode()})})}).encode(),
    lambda d: b"v=1&data=" + quote(quote(d)).encode(),
    lambda d: b"v=1&data=" + zlib.compress(d).hex().upper().encode(),
    lambda d: json.dumps({"z": gzip.compress(d, mtime=0).decode("latin-1")}).encode(),
    lambda d: json.dumps({"tokens": [d.decode()[n : n + 3] for n in range(0, len(d), 3)]}).encode(),
    lambda d: json.dumps({"jwt": f"{base64url(b'{}')}.{base64url(d)}.{base64url(d[:32])}"}).encode(),
)


class Sent(NamedTuple):
    """A planted probe: in which flow it is."""

    flow: str
    probe: str


def _headers(chance: random.Random, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [
        (b"user-agent", b"Parley/4.2.0 (Linux; Android 14)"),
        (b"x-request-id", uuid.UUID(int=chance.getrandbits(128)).hex.encode()),
        *more,
    ]


GZIPPED = ((b"content-encoding", b"gzip"), (b"content-type", b"application/json"))


def _chat(chance: random.Random) -> Any:
    question = json.dumps({"m": sentence(chance, 12)}).encode()
    flow = exchange("https://chat.parley.test/v1/chat", question, _headers(chance), _stream(chance))
    flow.response.headers["content-type"] = "text/event-stream"
    return flow


def _picture(chance: random.Random, n: int) -> Any:
    data = b"\xff\xd8\xff" + chance.randbytes(40_000)
    flow = exchange(f"https://cdn.parley.test/i/{n}.jpg", b"", _headers(chance), data)
    flow.response.headers["content-type"] = "image/jpeg"
    return flow


def _page(chance: random.Random, n: int) -> Any:
    page = "".join(f"<p>{sentence(chance, 20)}</p>" for _ in range(60))
    return exchange(f"https://www.parley.test/{n}", b"", _headers(chance), page.encode())


def ordinary(chance: random.Random, n: int, probe: str | None) -> tuple[Any, bool]:
    """One exchange, and whether it holds the probe: telemetry does."""
    kind = chance.random()
    if kind < 0.4:
        return _chat(chance), False
    if kind < 0.75:
        body = _telemetry(chance, probe)
        return exchange("https://ingest.brightmoor.test/v2/batch", body, _headers(chance, *GZIPPED)), bool(
            probe
        )
    return (_picture if kind < 0.85 else _page)(chance, n), False


def heavy(chance: random.Random, n: int, probe: str | None) -> tuple[Any, bool]:
    """The same of traffic full of tokens: telemetry and nestings hold it."""
    kind = chance.random()
    if kind < 0.35:
        return _chat(chance), False
    if kind < 0.75:
        link = f"https://ingest.brightmoor.test/v2/batch?key={chance.getrandbits(128):032x}"
        return exchange(link, _tokens(chance, probe), _headers(chance, *GZIPPED)), bool(probe)
    if kind < 0.85:
        text = json.dumps({"screen": sentence(chance, 30), "text": probe or sentence(chance, 9), "n": n})
        return exchange(
            "https://up.brightmoor.test/v3", NESTINGS[n % len(NESTINGS)](text.encode()), _headers(chance)
        ), bool(probe)
    return (_picture if kind < 0.9 else _page)(chance, n), False


KINDS: dict[str, tuple[Callable[[random.Random, int, str | None], tuple[Any, bool]], int]] = {
    "ordinary": (ordinary, 50),
    "heavy": (heavy, 7),
}
"""How one exchange of a kind is made, and which one in so many holds a probe where it can."""


def flows(count: int, probes: list[str], kind: str, sent: list[Sent], every: int = 0) -> Iterator[Any]:
    """`count` exchanges; what was planted is added to `sent`. `every`: one in so many holds a probe where it can."""
    chance = random.Random(11)
    make, usual = KINDS[kind]
    every = every or usual
    for n in range(count):
        probe = probes[n % len(probes)] if n % every == 0 else None
        flow, holds = make(chance, n, probe)
        if probe and holds:
            sent.append(Sent(flow.id, probe))
        yield flow


def write(
    file: Path,
    count: int,
    probes: list[str],
    kind: str = "ordinary",
    sent: list[Sent] | None = None,
    every: int = 0,
) -> Path:
    return write_flows(file, *flows(count, probes, kind, [] if sent is None else sent, every))
