"""Messages of HTTP/1 as they stand in a stream (RFC 9112, 2 to 7): start lines, headers, bodies, trailers.

In: a tape. Out: headers in their order and case, bodies as sent but for their chunks. A body that is not as it was
announced ends there and is marked; whether the next message can be expected behind it is told.
"""

import re
from collections.abc import Generator

from promptrail.ingest.plaintext.exchange import Side
from promptrail.ingest.plaintext.tape import Ended, Hole, Steps, Tape
from promptrail.model import Direction, Headers

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST = re.compile(rb"(" + TOKEN + rb") (\S+) (HTTP/1\.\d)\s*\Z")
RESPONSE = re.compile(rb"(HTTP/1\.\d) (\d{3})(?: [^\r\n]*)?\r?\n\Z")
METHODS = rb"GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|REPORT|SEARCH"
REQUEST_WITHIN = re.compile(rb"(" + METHODS + rb") (\S+) (HTTP/1\.\d)\s*\Z")
RESPONSE_WITHIN = re.compile(rb"(HTTP/1\.\d) (\d{3})(?: [^\r\n]*)?\r?\n\Z")
START: dict[Direction, tuple[re.Pattern[bytes], re.Pattern[bytes]]] = {
    "request": (REQUEST, REQUEST_WITHIN),
    "response": (RESPONSE, RESPONSE_WITHIN),
}
"""A start line where one must stand, and one behind something else."""
LINE, HEAD, BLOCK = 1 << 20, 4 << 20, 1 << 20
SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n\Z")
EMPTY_LINE = (b"\r\n", b"\n")


class Strange(Exception):
    """What follows is not what the protocol asks for here."""


def read_headers(tape: Tape) -> Generator[None, None, Headers]:
    """Headers or trailers, up to the empty line."""
    headers: Headers = []
    for line in (yield from tape.block(HEAD)).split(b"\n"):
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, value + b"\r\n " + line.strip())
        elif line and line != b"\r":
            name, _, value = line.partition(b":")
            headers.append((name.strip(b"\r"), value.strip()))
    return headers


def read_body(tape: Tape, side: Side, kind: str, length: int) -> Generator[None, None, bool]:
    """Read a body; whether the next message begins where it ends."""
    try:
        if kind == "chunked":
            yield from chunked(tape, side)
        elif kind == "length":
            yield from counted(tape, length, side)
        else:
            yield from until_close(tape, side)
    except (Hole, Strange):
        side.whole = False
        side.end(tape.last.at)
        return False
    except Ended:
        side.whole = False
        return True
    side.end(tape.last.at)
    return True


def chunked(tape: Tape, side: Side) -> Steps:
    """Read a body in chunks, their extensions left out, and its trailers."""
    while True:
        size = SIZE.match((yield from tape.line(LINE, keep=True)))
        if size is None:
            raise Strange
        tape.drop(size.end())
        length = int(size[1], 16)
        if not length:
            side.trailers = yield from read_headers(tape)
            return
        yield from counted(tape, length, side)
        end = yield from tape.line(2, keep=True)
        if end not in EMPTY_LINE:
            raise Strange
        tape.drop(len(end))


def counted(tape: Tape, length: int, side: Side) -> Steps:
    """Read so many bytes of a body; a hole that fits into them is passed over."""
    while length:
        try:
            data = yield from tape.some(min(length, BLOCK))
        except Hole as hole:
            side.whole = False
            missing = hole.lost.length
            if missing is None or missing > length:
                raise
            length -= missing
            continue
        side.body.append(data)
        length -= len(data)


def until_close(tape: Tape, side: Side) -> Steps:
    """Read what comes until the connection ends."""
    while True:
        try:
            side.body.append((yield from tape.some(BLOCK)))
        except Hole:
            side.whole = False
        except Ended:
            return


def length_of(headers: Headers, asked: bytes, status: int | None) -> tuple[str, int]:
    """How a body ends (RFC 9112, 6.3): chunked, length with its figure, or close. `status` None: a request."""
    if status is not None and (asked == b"HEAD" or status < 200 or status in (204, 304)):
        return "length", 0
    coding = [v for n, v in headers if n.lower() == b"transfer-encoding"]
    if coding and coding[-1].rsplit(b",")[-1].strip().lower() == b"chunked":
        return "chunked", 0
    figures = {one.strip() for n, v in headers if n.lower() == b"content-length" for one in v.split(b",")}
    if not coding and len(figures) == 1:
        (length,) = figures
        if length.isdigit() and len(length) < 16:
            return "length", int(length)
    return ("length", 0) if status is None else ("close", 0)
