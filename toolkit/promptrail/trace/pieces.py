"""A text in which values may be cut into pieces in, the values joined out: token streams, keystrokes, arrays, forms.

Rough and without parsing: it is only asked whether a needle stands in what is joined. Names are learnt from samples of
a long stream, so one that appears only between them is missed.
"""

import json
import re
from collections.abc import Iterator
from operator import itemgetter, methodcaller
from urllib.parse import unquote_to_bytes

KEY = re.compile(rb'"([A-Za-z_][\w.-]{0,40})":( ?)"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
EVENT = (b"data:", b"event:", b"id:")
EVENT_DATA = re.compile(rb"^data: ?+([^{\r\n][^\r\n]*)", re.M)
"""Plain data: what stands in JSON is joined by its names."""
FIELD = re.compile(rb"(?:\A|&)[^&=\s]{1,200}=")
GLUE = re.compile(rb'"\s*,\s*"')
ID = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:[0-9a-f]{16}|[0-9A-F]{16}){1,4}|[0-9TZ.:+ -]+"
)
"""UUIDs, hashes, numbers and times: no pieces of anything."""
SEAMS = (b"\n{", b'},{"', b'}, {"')
FIRST, UP_TO = itemgetter(0), methodcaller("partition", b'"')
"""A stream has some hundred values a message: this loop runs in C."""
HEAD = 4096
"""Bytes in which a row of records shows that it is one."""
SAMPLE = 600
SAMPLES = (0.25, 0.5, 0.75)
"""Places of a long stream from which names are learnt, beside its beginning and its end."""


def joined(data: bytes, array: bool) -> Iterator[bytes]:
    """What the pieces of a text make; `array`: it holds an array of strings."""
    stream = data.startswith(EVENT)
    if stream or any(data.count(seam, 0, HEAD) > 1 for seam in SEAMS):
        sample = _sample(data)
        yield from _by_name(data, sample)
        if stream and len(EVENT_DATA.findall(sample)) > 1:
            yield b"".join(EVENT_DATA.findall(data))
    if array:
        yield GLUE.sub(b"", data)
    if FIELD.match(data) and data.count(b"=") > 1:
        yield unquote_to_bytes(FIELD.sub(b"", data).replace(b"+", b" "))


def _sample(data: bytes) -> bytes:
    size = len(data)
    if size <= (2 + len(SAMPLES)) * SAMPLE:
        return data
    sample = data[:SAMPLE]
    for place in (*(int(size * share) for share in SAMPLES), size - SAMPLE):
        start = data.find(b"\n", place, size) + 1 or place
        sample += b"\n" + data[start : start + SAMPLE]
    return sample


def _by_name(data: bytes, sample: bytes) -> Iterator[bytes]:
    """For each name whose strings differ, its strings joined."""
    values: dict[tuple[bytes, bytes], set[bytes]] = {}
    for name, space, value in KEY.findall(sample):
        values.setdefault((name, space), set()).add(value)
    for (name, space), seen in values.items():
        if len(seen) > 1 and not all(map(ID.fullmatch, seen)):
            mark = b'"%s":%s"' % (name, space)
            whole = _strings(data, mark)
            if b"\\" in whole:
                try:
                    whole = json.loads(b'"' + whole + b'"', strict=False).encode("utf-8", "surrogatepass")
                except ValueError:
                    pass
            yield whole


def _strings(data: bytes, mark: bytes) -> bytes:
    """What follows each mark up to the closing quotation mark, joined."""
    parts = data.split(mark)
    del parts[0]
    if b'\\"' not in data:
        return b"".join(map(FIRST, map(UP_TO, parts)))
    return b"".join(map(_up_to_the_end, parts))


def _up_to_the_end(part: bytes) -> bytes:
    """The same where a string may hold escaped quotation marks."""
    end = part.find(b'"')
    while end > 0 and part[end - 1] == 0x5C and (end - len(part[:end].rstrip(b"\\"))) % 2:
        end = part.find(b'"', end + 1)
    return part[:end] if end >= 0 else part
