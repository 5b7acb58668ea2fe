"""The header block of a flow file, a list of pairs of bytes, as pairs in their order.

In: the bytes of the list. Out: (name, value) as sent. Refuses what is no such list with Damage. Fields that came before
(most do) are not read again.
"""

from functools import lru_cache

from promptrail.ingest.tnetstring import BYTES, LIST, Damage, Data, span
from promptrail.model import Headers

USUAL = 16_384
"""Blocks up to this size are cut at once, their fields remembered."""


def pairs(data: Data, at: int, end: int) -> Headers:
    """The fields of the block that lies between two offsets."""
    if end - at <= USUAL:
        *fields, rest = data[at:end].split(b",]")
        try:
            if not rest:
                return list(map(_field, fields))
        except Damage:
            pass  # a value that holds `,]`, or no header block: read by its lengths, this is told
    found = []
    while at < end:
        start, stop = span(data, at, end)
        if data[stop] != LIST:
            raise Damage("a header field is no pair", at)
        found.append(_pair(data[start:stop]))
        at = stop + 1
    return found


@lru_cache(maxsize=4096)
def _field(raw: bytes) -> tuple[bytes, bytes]:
    """A field cut out before its `,]`. Damage unless its length says that it ends there."""
    start, _, content = raw.partition(b":")
    if not start.isdigit() or int(start) != len(content) + 1:
        raise Damage("a header field has another length", 0)
    return _pair(content + b",")


def _pair(raw: bytes) -> tuple[bytes, bytes]:
    start, end = span(raw, 0, len(raw))
    begin, stop = span(raw, end + 1, len(raw))
    if raw[end] != BYTES or raw[stop] != BYTES or stop + 1 != len(raw):
        raise Damage("a header field is no pair of bytes", 0)
    return raw[start:end], raw[begin:stop]
