"""What the lab's app writes as it acts: events.jsonl (its steps) and answer-key.jsonl (what it planted, and where).

A line of the key is written when the bytes are handed to the network, or when an answer that repeats a probe has been
read: it says what must be found, and nothing else may be. Scoring reads it as data and shares no code with this.
"""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

EVENTS, KEY = "events.jsonl", "answer-key.jsonl"

WRAPPINGS = """
    base32 base64 base85 br bzip2 cbor chunked cookie deflate escapes euc-jp euc-kr form gb18030 grpc gzip header hex
    http join json jsonp labels lz4 markup msgpack multipart percent plist protobuf quoted-printable rfc2047 rfc8187
    shift_jis snappy sse tt url utf-16-be utf-16-le ws xor xz zero-width zip zlib zstd
    javax.crypto md5 sha1 sha224 sha256 sha384 sha512 sha3_224 sha3_256 sha3_384 sha3_512 blake2b blake2s
"""
LAYERS = frozenset(WRAPPINGS.split())
"""The words of a chain, from the outside in."""


class Planted(NamedTuple):
    """One probe in one place of one message, without the message's own facts."""

    probe: str
    part: str
    chain: tuple[str, ...]
    pointer: str
    """Where in the message: JSON Pointer (RFC 6901), field or header name; layers joined by ' > '."""
    encoding: str = ""
    """The name of the way in which it is written; empty: its chain is name enough."""
    tier: str = "exact"
    """What a trace should call it."""
    near_miss: bool = False
    """It is not there, only something like it: whoever finds it is wrong."""


class AnswerKey:
    """Appends to the two files of one run; each line is flushed, so that an app which dies leaves what it did."""

    def __init__(self, folder: Path, run: str, probes: dict[str, dict[str, str]]):
        self.run, self.probes = run, probes
        self._events = _append_only(folder / EVENTS)
        self._key = _append_only(folder / KEY)

    def event(self, event: str, probe: str | None = None, label: str | None = None) -> None:
        self._line(self._events, {"t": time.time(), "event": event, "probe": probe, "label": label})

    def planted(
        self,
        host: str,
        method: str,
        path: str,
        places: Sequence[Planted],
        direction: str = "request",
        t: float | None = None,
    ) -> None:
        """The probes that one message carries; `t` is when it was sent or read, now by default."""
        for place in places:
            assert {word.partition(" ")[0] for word in place.chain} <= LAYERS, place.chain
            probe = self.probes[place.probe]
            self._line(
                self._key,
                {
                    "run": self.run,
                    "probe": place.probe,
                    "text": probe["text"],
                    "kind": probe["kind"],
                    "host": host,
                    "direction": direction,
                    "method": method,
                    "path": path,
                    "part": place.part,
                    "chain": list(place.chain),
                    "t": time.time() if t is None else t,
                    "pointer": place.pointer,
                    "encoding": place.encoding or " > ".join(place.chain),
                    "tier": place.tier,
                    **({"near_miss": True} if place.near_miss else {}),
                },
            )

    def _line(self, fd: int, row: dict[str, object]) -> None:
        os.write(fd, json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _append_only(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
