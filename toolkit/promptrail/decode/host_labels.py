"""A host name in, those of its labels out that are long enough to carry data, joined where a value was cut into labels.

DNS allows 63 bytes a label (RFC 1035), so whoever sends data in host names cuts it into several, in base32 or hex.
"""

import re
from collections.abc import Iterator

from promptrail.decode.layer import Piece
from promptrail.decode.text_codes import readable, unbase32, unbase64

LABEL = re.compile(rb"[A-Za-z0-9_-]{12,63}")
HEX = re.compile(rb"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")


def host_labels(host: bytes, base: int) -> Iterator[Piece]:
    """`base`: where the host stands in its URL. The last label is the top-level domain and carries nothing."""
    runs: list[list[re.Match[bytes]]] = [[]]
    for found in re.finditer(rb"[^.]+", host):
        if LABEL.fullmatch(found[0]):
            runs[-1].append(found)
        elif runs[-1] and (
            LABEL.fullmatch(found[0] + b"x" * 11)
            and len(runs[-1][-1][0]) >= 24
            and b"." in host[found.end() + 1 :]
        ):
            runs[-1].append(found)  # the short rest of a value that was cut
            runs.append([])
        elif runs[-1]:
            runs.append([])
    for run in runs:
        joined = b"".join(label[0] for label in run)
        if len(run) > 1 and (_readable(joined) or not any(_readable(label[0]) for label in run)):
            start, end = run[0].start(), run[-1].end()
            yield Piece(joined, base + start, end - start, "host", step="labels")
        else:
            for label in run:
                yield Piece(label[0], base + label.start(), len(label[0]), "host", True)


def _readable(code: bytes) -> bool:
    """Whether a label, or several joined, hold what can be read."""
    values = (bytes.fromhex(code.decode()) if HEX.fullmatch(code) else None, unbase32(code), unbase64(code))
    return any(v is not None and readable(v) for v in values)
