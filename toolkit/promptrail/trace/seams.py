"""An event stream in, a shorter one out in which stands all that a scout asks for; None where it is not of that kind.

From one value to the next an API writes the same bytes again and again. Of such a seam both ends stay, so that whatever
reaches from a value into it is still there, and once the whole of it; nothing that is sought may hold an end of it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from promptrail.trace.partial import alike, alike_behind
from promptrail.trace.pieces import strings, unescaped

SHORTEST = 4096
"""Bytes of a stream from which on it is worth it."""
END = 6
"""Bytes that stay at either end: no sign reaches farther over a quotation mark."""
STEADY = re.compile(rb"(?:[!-$\'-<>-\[\]-~]| (?! ))+")
"""Characters that no code writes in another way."""
ARRAY = re.compile(rb'"(?:[^"\\]{1,30}")?\s?,\s?"')
NAME = re.compile(rb'"[A-Za-z_][\w.-]{0,40}": ?"\Z')
BETWEEN = b"\n\n"


class Short(NamedTuple):
    """A stream made short."""

    text: bytes
    values: bytes | None
    """The strings under the name at which the seams end, joined; None where one holds a quotation mark, or an event
    among them is made otherwise."""
    rest: bytes
    """The stream before the first of these values and behind the last."""


def shortened(data: bytes, sought: Callable[[bytes], bool]) -> Short | None:
    """`sought`: whether these bytes stand in anything that is looked for."""
    seam = _seam(data) if len(data) >= SHORTEST else b""
    name = NAME.search(seam)
    kept = max(END, len(seam) - name.start() if name else 0)
    if len(seam) < 2 * (END + kept):
        return None
    begin, end = seam[:END], seam[-kept:]
    if not STEADY.fullmatch(begin) or not STEADY.fullmatch(end) or begin[1:].isspace():
        return None
    if ARRAY.match(seam) or ARRAY.match(seam[::-1]) or sought(begin) or sought(end):
        return None
    first = data.find(seam) + len(seam)
    parts, last = _parts(data, seam, first)
    text = data[:first] + (begin + end).join((*parts, data[last:]))
    values = b"".join(parts)
    if name is None or b'"' in values:
        return Short(text, None, b"")
    mark = seam[name.start() :]
    values = strings(data[:first], mark) + values + strings(mark + data[last:], mark)
    return Short(text, unescaped(values), data[:first] + data[last:])


def _parts(data: bytes, seam: bytes, start: int) -> tuple[list[bytes], int]:
    """What stands before each further seam, and where the last one ends. A stream has hundreds: this loop is short."""
    find, starts, size = data.find, data.startswith, len(seam)
    parts: list[bytes] = []
    while True:
        end = find(b'"', start)
        if not starts(seam, end):
            end = find(seam, start)
            if end < 0:
                return parts, start
        parts.append(data[start:end])
        start = end + size


def _seam(data: bytes) -> bytes:
    """What stands between two values in the middle of a stream, from quotation mark to quotation mark."""
    ends = [len(data) // 2]
    for _ in range(3):
        place = data.find(BETWEEN, ends[-1])
        if place < 0:
            return b""
        ends.append(place + len(BETWEEN))
    one, other = data[ends[1] : ends[2]], data[ends[2] : ends[3]]
    size = min(len(one), len(other))
    prefix = alike(one[:size], other[:size])
    suffix = min(alike_behind(one[-size:], other[-size:]), size - prefix)
    seam = one[len(one) - suffix :] + other[:prefix]
    return seam[max(seam.find(b'"'), 0) : seam.rfind(b'"') + 1]
