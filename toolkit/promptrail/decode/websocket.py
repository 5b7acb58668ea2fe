"""Raw WebSocket frames in (RFC 6455), the messages that they carry out: unmasked, joined, inflated (RFC 7692).

For streams that nobody took apart, as in a raw TCP flow. The frames must fill the value from its first byte and follow
the rules that noise breaks: reserved bits, lengths in their shortest form, one masking for all, text that is UTF-8.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.readable import is_plain, is_utf8, readable

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, RSV1, RSV23, MASKED = 0x80, 0x40, 0x30, 0x80
FIRST = frozenset(fin | rsv | code for fin in (0, FIN) for rsv in (0, RSV1) for code in (TEXT, BINARY)) | {
    FIN | code for code in (CLOSE, PING, PONG)
}
"""What the first frame of a stream may begin with."""
TAIL = b"\0\0\xff\xff"
"""What permessage-deflate takes off the end of a message (RFC 7692 section 7.2.1)."""
WINDOW = 1 << 15
"""Bytes of earlier messages that a compressed one may refer to (RFC 7692 section 7.1.1)."""
SURE = 3
"""So many frames that fill a value are no chance, whatever they carry."""
SHORTEST = 4
TOLD = " (text)"
"""Behind the path of a message that says that it is text, and is."""


class NotText(Exception):
    """A message that says that it is text, and is not UTF-8: section 8.1 ends the connection."""


class Frame(NamedTuple):
    """One frame: where its payload stands, and the payload unmasked, as far as it is there."""

    head: int
    start: int
    length: int
    masked: bool
    payload: bytes
    whole: bool

    @property
    def code(self) -> int:
        return self.head & 0x0F


def unmasked(payload: bytes, key: bytes) -> bytes:
    """RFC 6455 section 5.3: each byte under the byte of the key at its place modulo four."""
    size = len(payload)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(mask)).to_bytes(size)


def frames(data: bytes) -> list[Frame] | None:
    """The frames that fill these bytes, the last perhaps cut; None if they cannot be frames."""
    out: list[Frame] = []
    at, begun = 0, False
    while at < len(data):
        frame = _frame(data, at)
        if frame is None or len(out) >= LIMITS.values:
            return None
        if frame.code < CLOSE:
            if begun != (frame.code == CONTINUATION):
                return None
            begun = not frame.head & FIN
        if out and out[0].masked != frame.masked:
            return None
        out.append(frame)
        at = frame.start + frame.length
    return out


def _frame(data: bytes, at: int) -> Frame | None:
    if at + 2 > len(data):
        return None
    head, second = data[at], data[at + 1]
    code, size, start = head & 0x0F, second & 0x7F, at + 2
    if head & RSV23 or code not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        return None
    if code >= CLOSE and (size > 125 or not head & FIN or head & RSV1):
        return None
    if size > 125:
        more, least = (2, 126) if size == 126 else (8, 1 << 16)
        size = int.from_bytes(data[start : start + more])
        start += more
        if size < least or size >> 63:
            return None
    masked = bool(second & MASKED)
    key = data[start : start + 4] if masked else b""
    start += len(key)
    payload = data[start : start + size]
    if masked:
        if len(key) < 4:
            return None
        payload = unmasked(payload, key)
    return Frame(head, start, size, masked, payload, len(payload) == size)


def websocket(layer: Layer) -> Iterator[Piece]:
    """The messages of one direction of a WebSocket, and the words of its control frames."""
    data = layer.data
    if not data or data[0] not in FIRST:
        return
    found = frames(data)
    if not found:
        return
    whole = [f for f in found if f.whole]
    try:
        pieces = list(_messages(whole))
    except NotText:
        return
    filled = len(whole) == len(found)
    if any(p.path.endswith(TOLD) for p in pieces):  # a text may be cut behind
        pass
    elif not filled or not (_many(whole) or any(readable(p.data) for p in pieces)):
        return
    yield from pieces
    if not filled:
        raise Undecodable("incomplete", f"WebSocket frame {len(whole)} is cut short")


def _many(found: list[Frame]) -> bool:
    """Frames enough to be no chance; empty ones prove nothing, for zeros make them."""
    return sum(bool(frame.payload) for frame in found) >= SURE


def _messages(found: list[Frame]) -> Iterator[Piece]:
    """Each message over its frames."""
    window = b""
    held: list[Frame] = []
    number = 0
    for frame in found:
        if frame.code >= CLOSE:
            words = frame.payload[2:] if frame.code == CLOSE else frame.payload
            if len(words) >= SHORTEST:
                start = frame.start + frame.length - len(words)
                yield Piece(words, start, len(words), f"control after message {number}", not frame.masked)
            continue
        held.append(frame)
        if frame.head & FIN:
            piece = _message(held, number, window)
            window = (window + piece.data)[-WINDOW:] if piece.step else window
            yield piece
            number, held = number + 1, []
    if held:
        yield _message(held, number, window)


def _message(held: list[Frame], number: int, window: bytes) -> Piece:
    first, last = held[0], held[-1]
    payload = b"".join(f.payload for f in held)
    step = None
    if first.head & RSV1:
        try:
            inflater = zlib.decompressobj(-15, zdict=window)
            payload = inflater.decompress(payload + TAIL, LIMITS.room(len(payload)))
            step = "ws deflate"
        except zlib.error:
            pass
    if first.code == TEXT and last.head & FIN and not is_utf8(payload):
        raise NotText
    text = first.code == TEXT and len(payload) >= SHORTEST and is_plain(payload)
    length = last.start + last.length - first.start
    exact = len(held) == 1 and not first.masked and step is None
    path = f"message {number}{TOLD if text else ''}"
    return Piece(payload, first.start, length, path, exact, step=step)
