"""A text in which values may be cut into pieces in, the values joined out: token streams, keystrokes, arrays, forms.

Rough and without parsing: it is only asked whether a needle stands in what is joined. Names are learnt from samples of
a long stream, so one that appears only between them is missed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from operator import itemgetter, methodcaller
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from promptrail.decode.json_text import text_of
from promptrail.decode.layer import Span

KEY = re.compile(rb'"([A-Za-z_][\w.-]{0,40}+)":( ?+)"([^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"')
EVENT = (b"data:", b"event:", b"id:")
EVENT_DATA = re.compile(rb"^data: ?+([^{\r\n][^\r\n]*)", re.M)
"""Plain data: what stands in JSON is joined by its names."""
FIELD = re.compile(rb"(?:\A|&)[^&=\s]{1,200}=")
GLUE = re.compile(rb'"\s*,\s*"')
ID = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:[0-9a-f]{16}|[0-9A-F]{16}){1,4}|[0-9TZ.:+ -]+"
)
"""UUIDs, hashes, numbers and times: no pieces of anything."""
DOCUMENT = re.compile(rb"\{.*\}|\[.*\]", re.S)
"""JSON in a string: whole in each value, so that nothing is cut between two of them."""
SEAMS = (b'},{"', b'}, {"')
FIRST, UP_TO = itemgetter(0), methodcaller("partition", b'"')
"""A stream has some hundred values a message: this loop runs in C."""
ESCAPED = ((b"\\\\", b"\xff\xfe"), (b'\\"', b"\xff\xfd"))
"""Escapes that could be taken for the end of a string, and what stands for them meanwhile: as long, and no UTF-8."""
MANY = 16
"""Values of a stream from which on it is worth learning what stands between them."""
HEAD = 4096
"""Bytes in which a row of records shows that it is one."""
SAMPLE = 600
SAMPLES = (0.25, 0.5, 0.75)
"""Places of a long stream from which names are learnt, beside its beginning and its end."""


class Joined(NamedTuple):
    """What pieces make, and what stands before each of them where they are strings under one name."""

    text: bytes
    mark: bytes = b""


def joined(data: bytes, array: bool, row: bool = False) -> Iterator[Joined]:
    """What the pieces of a text make; `array`: it holds an array of strings; `row`: it is several records."""
    stream = data.startswith(EVENT)
    if stream or row or _is_row(data):
        sample = _sample(data)
        yield from _by_name(data, sample)
        if stream and _plain_data(sample):
            yield Joined(b"".join(EVENT_DATA.findall(data)))
    if array:
        yield Joined(GLUE.sub(b"", data))
    if FIELD.match(data) and data.count(b"=") > 1:
        yield Joined(unquote_to_bytes(FIELD.sub(b"", data).replace(b"+", b" ")))


def stretches(data: bytes, mark: bytes, spans: Iterable[Span]) -> list[Span]:
    """Where in a text those pieces stand that make these stretches (start, end) of what was joined."""
    head, *parts = _plain(data).split(mark)
    values = [unescaped(UP_TO(part)[0]) for part in parts]
    ends = list(accumulate(map(len, values)))
    places = list(accumulate((len(mark) + len(part) for part in parts), initial=len(head)))
    last = len(parts) - 1
    return [
        (places[min(bisect_right(ends, start), last)], places[min(bisect_left(ends, end), last) + 1])
        for start, end in spans
    ]


def about(data: bytes, mark: bytes, spans: Sequence[Span], most: int) -> list[Span]:
    """Where the pieces stand that make these stretches of what was joined, and `most` bytes of what was joined about
    them; without a mark: anywhere."""
    if not mark:
        return [(0, len(data))]
    return stretches(data, mark, [(start - most, end + most) for start, end in spans])


def may_join(data: bytes) -> bool:
    """Whether a text without arrays could hold pieces at all."""
    return data.startswith(EVENT) or _is_row(data) or bool(FIELD.match(data))


def _is_row(data: bytes) -> bool:
    lines = data.find(b"\n", 0, HEAD) >= 0 and data.count(b"\n{", 0, HEAD) > 1
    return lines or any(data.count(seam, 0, HEAD) > 1 for seam in SEAMS)


def _plain_data(sample: bytes) -> bool:
    """Whether the data of two events and more is no JSON."""
    lines = sample.count(b"data:") - sample.count(b"data: {") - sample.count(b"data:{")
    return lines > 1 and len(EVENT_DATA.findall(sample)) > 1


def _sample(data: bytes) -> bytes:
    size = len(data)
    if size <= (2 + len(SAMPLES)) * SAMPLE:
        return data
    sample = data[:SAMPLE]
    for place in (*(int(size * share) for share in SAMPLES), size - SAMPLE):
        start = data.find(b"\n", place, size) + 1 or place
        sample += b"\n" + data[start : start + SAMPLE]
    return sample


def _by_name(data: bytes, sample: bytes) -> Iterator[Joined]:
    """For each name whose strings differ, its strings joined."""
    values: dict[tuple[bytes, bytes], set[bytes]] = {}
    for name, space, value in dict.fromkeys(KEY.findall(sample)):
        values.setdefault((name, space), set()).add(value)
    plain = _plain(data)
    for (name, space), seen in values.items():
        if len(seen) > 1 and not all(map(ID.fullmatch, seen)) and not all(map(DOCUMENT.fullmatch, seen)):
            mark = b'"%s":%s"' % (name, space)
            yield Joined(unescaped(_strings(plain, mark)), mark)


def _plain(data: bytes) -> bytes:
    """The same without escapes that could be taken for the end of a string."""
    for escape, instead in ESCAPED if b"\\" in data else ():
        data = data.replace(escape, instead)
    return data


def strings(data: bytes, mark: bytes) -> bytes:
    """What follows each mark up to the closing quotation mark, joined, its escapes as they are: see unescaped."""
    return _strings(_plain(data), mark)


def _strings(data: bytes, mark: bytes) -> bytes:
    """What follows each mark up to the closing quotation mark, joined."""
    parts = data.split(mark)
    del parts[0]
    if len(parts) > MANY:
        _, quote, rest = parts[len(parts) // 2].partition(b'"')  # most streams go on alike behind every value
        parts = list(map(methodcaller("removesuffix", quote + rest), parts))
        parts[-1] = UP_TO(parts[-1])[0]
        whole = b"".join(parts)
        if b'"' not in whole:
            return whole
    return b"".join(map(FIRST, map(UP_TO, parts)))


def unescaped(whole: bytes) -> bytes:
    """The inside of a JSON string as it is meant, if it is whole."""
    for escape, instead in ESCAPED if b"\xff" in whole else ():
        whole = whole.replace(instead, escape)
    if b"\\" not in whole:
        return whole
    return text_of(whole)
