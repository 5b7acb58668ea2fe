"""A host name in, those of its labels out that are long enough to carry data, joined where a value was cut into labels.

DNS allows 63 bytes a label (RFC 1035), so whoever sends data in host names cuts it into several, in base32 or hex.
"""

import re
from collections.abc import Iterator

from promptrail.decode.layer import Piece
from promptrail.decode.readable import readable
from promptrail.decode.text_codes import unbase32, unbase64

LABEL = re.compile(rb"[A-Za-z0-9_-]{12,63}")
HEX = re.compile(rb"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")


def host_labels(host: bytes, base: int) -> Iterator[Piece]:
    """`base`: where the host stands in its URL. The last label is the top-level domain and carries nothing."""
    run: list[re.Match[bytes]] = []
    labels = list(re.finditer(rb"[^.]+", host))[:-1]
    for found in labels:
        if LABEL.fullmatch(found[0]):
            run.append(found)
        else:
            yield from _values(run, found, base)
            run = []
    yield from _values(run, None, base)


def _values(run: "list[re.Match[bytes]]", rest: "re.Match[bytes] | None", base: int) -> Iterator[Piece]:
    """The values of long labels in a row; `rest` is the shorter label behind them, perhaps the end of a value."""
    if not run:
        return
    ways = [[*run, rest], run] if rest else [run]
    for way in ways:
        joined = b"".join(label[0] for label in way if label)
        if len(way) > 1 and _readable(joined):
            start, end = run[0].start(), (way[-1] or run[-1]).end()
            yield Piece(joined, base + start, end - start, "host", step="labels")
            return
    for label in run:
        yield Piece(label[0], base + label.start(), len(label[0]), "host", True)


def _readable(code: bytes) -> bool:
    """Whether a label, or several joined, hold what can be read."""
    values = (bytes.fromhex(code.decode()) if HEX.fullmatch(code) else None, unbase32(code), unbase64(code))
    return any(v is not None and readable(v) for v in values)
