"""Ordinary app traffic as a flow file, for benchmarks: chat streams, telemetry, pictures, static text; seeded.

Texts come from a small vocabulary, so compressed sizes flatter; a few plantings let recall be told beside speed.
"""

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    return gzip.compress(json.dumps({"batch": rows}).encode(), 6, mtime=0)


def flows(count: int, probes: list[str], every: int = 50) -> Iterator[Any]:
    """`count` exchanges; every fiftieth telemetry request holds a probe."""
    chance = random.Random(11)
    for n in range(count):
        kind = chance.random()
        headers = [
            (b"user-agent", b"Parley/4.2.0 (Linux; Android 14)"),
            (b"x-request-id", uuid.UUID(int=chance.getrandbits(128)).hex.encode()),
        ]
        if kind < 0.4:
            flow = exchange(
                "https://chat.parley.test/v1/chat",
                json.dumps({"m": sentence(chance, 12)}).encode(),
                headers,
                _stream(chance),
            )
            flow.response.headers["content-type"] = "text/event-stream"
        elif kind < 0.75:
            planted = probes[n % len(probes)] if n % every == 0 else None
            more = [*headers, (b"content-encoding", b"gzip"), (b"content-type", b"application/json")]
            flow = exchange("https://ingest.brightmoor.test/v2/batch", _telemetry(chance, planted), more)
        elif kind < 0.85:
            flow = exchange(
                f"https://cdn.parley.test/i/{n}.jpg", b"", headers, b"\xff\xd8\xff" + chance.randbytes(40_000)
            )
            flow.response.headers["content-type"] = "image/jpeg"
        else:
            page = "".join(f"<p>{sentence(chance, 20)}</p>" for _ in range(60))
            flow = exchange(f"https://www.parley.test/{n}", b"", headers, page.encode())
        yield flow


def write(file: Path, count: int, probes: list[str]) -> Path:
    return write_flows(file, *flows(count, probes))
