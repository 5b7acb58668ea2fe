"""Transfer codings in, the bytes as meant out and whether they were whole: HTTP's chunks, mail's base64 and
quoted-printable.

For values whose surroundings name the coding; those that nobody names are found by `text_codes` and `mail_words`.
"""

import base64
import quopri
import re

from promptrail.decode.layer import Undecodable

HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r\n")
"""Length of a chunk and its extensions (RFC 9112 section 7.1)."""
CUT = re.compile(rb"[0-9A-Fa-f]{0,8}[ \t]*(?:;[^\r\n]{0,4096})?\r?")
"""The beginning of such a line."""
END = b"\r\n"
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


def chunks(data: bytes, at: int = 0) -> tuple[list[tuple[int, int]], int | None]:
    """(start, length) of each chunk's content, and where the line of the last one ends; None where that does not come.

    Undecodable, with the chunks so far, where something else stands than the length of a chunk.
    """
    spans: list[tuple[int, int]] = []
    while head := HEAD.match(data, at):
        size, begin = int(head[1], 16), head.end()
        if not size:
            return spans, begin
        spans.append((begin, min(size, len(data) - begin)))
        at = begin + size
        if at >= len(data) - 1:
            return spans, None
        if data[at : at + 2] != END:
            break
        at += len(END)
    if spans and CUT.fullmatch(data, at):
        return spans, None
    detail = f"is not chunked: no length of a chunk at byte {at:,}"
    raise Undecodable("encoding", detail, joined(data, spans))


def joined(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    """The content of chunks."""
    return b"".join(data[start : start + length] for start, length in spans)


def chunked(data: bytes) -> tuple[bytes, bool]:
    """HTTP's chunked transfer coding without its trailers (RFC 9112 section 7.1)."""
    spans, end = chunks(data)
    return joined(data, spans), end is not None


def from_base64(data: bytes) -> tuple[bytes, bool]:
    """base64 of mail (RFC 2045 section 6.8): what is not of its alphabet is passed over."""
    code = NOT_BASE64.sub(b"", data)
    head, _, rest = code.partition(b"=")
    even = head[: len(head) - (len(head) % 4 == 1)]  # one character alone stands for no byte
    value = base64.b64decode(even + b"=" * (-len(even) % 4))
    return value, even == head and not rest.strip(b"=")


def from_quoted_printable(data: bytes) -> tuple[bytes, bool]:
    """quoted-printable of mail (RFC 2045 section 6.7)."""
    return quopri.decodestring(data), True
