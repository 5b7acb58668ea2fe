"""text/event-stream in (WHATWG HTML, server-sent events), the data of each event out."""

import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece

LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
FIELD = re.compile(rb"(?:data|event|id|retry|):")


def sse(layer: Layer) -> Iterator[Piece]:
    """Each event's data; several data lines of one event are joined by a line feed, as the standard says."""
    data = layer.data
    if not layer.media.startswith("text/event-stream") and not re.match(
        rb"(?:event|data|id):[^\n]*\r?\n(?:(?:event|data|id):|\r?\n)", data
    ):
        return
    number, held, at = 0, [], 0
    while at <= len(data) and (found := LINE.match(data, at)):
        line, base = found[1], at
        at = found.end()
        if line.startswith(b"data:"):
            skip = 6 if line[5:6] == b" " else 5
            held.append((line[skip:], base + skip))
        if (not line or at >= len(data)) and held:
            yield _event(held, number)
            number, held = number + 1, []
        if at >= len(data):
            return


def _event(held: list[tuple[bytes, int]], number: int) -> Piece:
    start, (last, place) = held[0][1], held[-1]
    return Piece(
        b"\n".join(line for line, _ in held),
        start,
        place + len(last) - start,
        f"event {number}",
        len(held) == 1,
    )
