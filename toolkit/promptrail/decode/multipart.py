"""multipart bodies in (RFC 2046, RFC 7578), parts out: each part's content, its name and file name.

A part goes on under the codings that its head names (Content-Transfer-Encoding, RFC 2045 section 6), with its charset.

Written here because parsers in the standard library and on the index give no byte offsets, which evidence needs.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from promptrail.decode.layer import Layer, Piece
from promptrail.decode.mail_words import EXTENDED, as_utf8

BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?', re.I)
LEADING = re.compile(rb"(?:\r?\n)?--([!-~]{1,70}?)(?:--)?\r?\n")
NAME = re.compile(rb'(?:^|[;\s])(name|filename)="((?:[^"\\]|\\.)*)"', re.I)
HEADER = re.compile(
    rb"^(content-type|content-transfer-encoding|content-encoding):[ \t]*((?:[^\r\n]|\r?\n[ \t])+)",
    re.I | re.M,
)
"""A header of a part, folded or not (RFC 5322 section 2.2.3)."""
NO_CODING = ("", "7bit", "8bit", "binary", "identity")


def multipart(layer: Layer) -> Iterator[Piece]:
    """The parts of a multipart body, by its type's boundary or by its first line."""
    data = layer.data
    named = BOUNDARY.search(layer.media) if layer.media.startswith("multipart/") else None
    sniffed = LEADING.match(data) if named is None and not layer.media.startswith("text/") else None
    if named is None and (sniffed is None or b"content-disposition" not in data[:2000].lower()):
        return
    mark = b"--" + (_case_kept(layer, named[1]) if named else sniffed[1] if sniffed else b"")
    at = data.find(mark)
    number = 0
    while at >= 0:
        begin = at + len(mark)
        if data[begin : begin + 2] == b"--":
            return
        after = data.find(mark, begin)
        end = len(data) if after < 0 else after
        yield from _part(data, begin, end, number)
        number += 1
        at = after


def _case_kept(layer: Layer, boundary: str) -> bytes:
    """Media types are kept in lower case, boundaries are not: take the spelling that the body uses."""
    wanted = b"--" + boundary.encode("latin-1", "replace").lower()
    found = layer.data[:200].lower().find(wanted)
    if found < 0:
        found = layer.data.lower().find(wanted)
    return (
        layer.data[found + 2 : found + len(wanted)] if found >= 0 else boundary.encode("latin-1", "replace")
    )


def _part(data: bytes, begin: int, end: int, number: int) -> Iterator[Piece]:
    begin += 2 if data[begin : begin + 2] == b"\r\n" else 1 if data[begin : begin + 1] == b"\n" else 0
    gap = re.compile(rb"\r?\n\r?\n").search(data, begin, end)
    if gap is None:
        return
    head, body, stop = data[begin : gap.start()], gap.end(), end
    stop -= 2 if data[stop - 2 : stop] == b"\r\n" else 1 if data[stop - 1 : stop] == b"\n" else 0
    names = {found[1].lower(): found for found in NAME.finditer(head)}
    label = names[b"name"][2].decode("utf-8", "replace") if b"name" in names else str(number)
    if b"filename" in names:
        found = names[b"filename"]
        value = re.sub(rb"\\(.)", rb"\1", found[2])
        yield Piece(
            value, begin + found.start(2), len(found[2]), f"part {label}, filename", value == found[2]
        )
    for extended in EXTENDED.finditer(head):
        value = as_utf8(unquote_to_bytes(extended[3]), extended[2])
        path = f"part {label}, {extended[1].decode().lower()}*"
        yield Piece(value, begin + extended.start(3), len(extended[3]), path)
    if stop > body:
        said = {
            h[1].lower(): b" ".join(h[2].split()).decode("latin-1").lower() for h in HEADER.finditer(head)
        }
        named = (said.get(b"content-encoding", ""), said.get(b"content-transfer-encoding", ""))
        codings = tuple(coding for coding in named if coding not in NO_CODING)
        media = said.get(b"content-type", "")
        yield Piece(data[body:stop], body, stop - body, f"part {label}", True, media, None, codings)
