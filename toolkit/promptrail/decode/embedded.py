"""Bytes and the places of magics inside them in, the streams that begin there out; false magics give nothing.

Each stream is opened alone, and all of them together are bounded: a value may be full of magics, or of streams that
stand in one another, and costs no more than one that is not.
"""

import zlib
from collections.abc import Iterable, Iterator

import zstandard

from promptrail.decode.inflating import first_stream
from promptrail.decode.layer import Undecodable
from promptrail.decode.limits import LIMITS, MIB

WINDOW_BITS = {"gzip": 31, "zlib": 15}


def embedded(data: bytes, starts: Iterable[tuple[str, int]]) -> Iterator[bytes]:
    """`starts`: (gzip, zlib or zstd; place). Undecodable, at the end, where a limit was met."""
    view, left = memoryview(data), LIMITS.total(len(data))
    for number, (name, place) in enumerate(starts):
        if number >= LIMITS.values:
            raise Undecodable("limit", f"more than {LIMITS.values:,} magics of compressed streams")
        most = min(LIMITS.room(len(data) - place), left)
        try:
            value = _stream(name, view[place:], most)
        except (zlib.error, zstandard.ZstdError):
            continue
        if value:
            yield value[:most]
        if len(value) > most:
            what = (
                "the streams inside a value inflate"
                if most == left
                else f"the {name} stream at {place:,} inflates"
            )
            raise Undecodable("limit", f"{what} to more than {most / MIB:.0f} MiB")
        left -= len(value)


def _stream(name: str, view: memoryview, most: int) -> bytes:
    """Its content; one byte beyond `most` says that there is more."""
    if name in WINDOW_BITS:
        return first_stream(view, WINDOW_BITS[name], most)
    reader = zstandard.ZstdDecompressor(max_window_size=LIMITS.inflated).stream_reader(view)
    return reader.read(most + 1)
