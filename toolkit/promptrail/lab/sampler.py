"""The lab's third app, "Sampler": one prompt a language in, every encoding of the table sent, each to its own address.

Nobody would write such an app. It is the measure of recall: what it sends is found or is missed, encoding by encoding.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence

from promptrail.lab.answer_key import AnswerKey, Planted
from promptrail.lab.encodings import ENCODINGS
from promptrail.lab.encodings.shape import Encoding, Message
from promptrail.lab.network import Network
from promptrail.lab.world import CLOUD, SAMPLES

PART_WORDS = {"sse": ("sse",), "ws": ("ws",), "url": ("url",), "header": ("header",), "cookie": ("cookie",)}
"""The parts that the key's chains begin with."""

CHUNK = 17
"""Bytes of an HTTP chunk (RFC 9112 section 7.1)."""


def slug(name: str) -> str:
    """The name of an encoding as a segment of a path."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


async def sample(key: AnswerKey, network: Network, probes: Sequence[str]) -> None:
    """Send each probe (s-en, s-ko, ...) in every encoding that can write its language."""
    key.event("launch", label="Sampler 1.0.0 starts")
    for probe in probes:
        key.event("typed", probe)
        key.event("sent", probe, "in every encoding")
        for encoding in ENCODINGS:
            if probe.removeprefix("s-") in encoding.languages:
                await send(key, network, encoding, probe)
    key.event("end", label="the app is closed")


async def send(key: AnswerKey, network: Network, encoding: Encoding, probe: str) -> None:
    """One encoding of one probe: its messages in their order, and its line of the key."""
    messages = encoding.make(key.probes[probe]["text"])
    path = f"{SAMPLES}{slug(encoding.name)}/{probe.removeprefix('s-')}"
    chain = (*PART_WORDS.get(encoding.part, ()), *(w for w in encoding.chain if w != encoding.part))
    place = Planted(
        probe,
        encoding.part,
        chain,
        encoding.pointer,
        encoding.name,
        encoding.tier,
        encoding.near_miss,
    )
    if encoding.part == "ws":
        await network.talk(
            f"wss://{CLOUD}{path}", [place], [m.body.decode() for m in messages], "deflate" in encoding.name
        )
        return
    asked = Planted(probe, "body", ("json",), "/messages/0/content", "JSON, repeated by the answer")
    began = time.time()
    for message in messages:
        last = message is messages[-1]
        planted = [asked] if encoding.answered else [place] if last else []
        method = "POST" if message.body else "GET"
        await network.send(
            method,
            f"https://{message.host}{path}{message.tail}",
            planted,
            headers={name: value for name, value in message.headers if name != "Transfer-Encoding"},
            data=_data(message),
        )
    if encoding.answered:
        key.planted(CLOUD, "POST", path, [place], "response", began)


def _data(message: Message) -> bytes | AsyncIterator[bytes] | None:
    """A body as the HTTP client takes it: what comes piece by piece is sent in chunks."""
    if ("Transfer-Encoding", "chunked") not in message.headers:
        return message.body or None

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(message.body), CHUNK):
            yield message.body[at : at + CHUNK]
            await asyncio.sleep(0)

    return chunks()
