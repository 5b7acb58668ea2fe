"""Bursts of a connection: how much each side sent when, as the packets show it without any key.

In: lengths of TLS records, or of QUIC datagrams, of both sides. Out: rows of the frame `bursts`; a burst is what one
side sent with less than `GAP` seconds between two pieces. What belongs to a handshake is left out as far as it can be
told without keys: of TLS 1.3 the client's records up to its Finished, the server's before that, and closing alerts.
Session tickets of a server look like its answers and are counted; an app that pads its Finished could hide three
records of each connection.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from promptrail.ingest.packets.record_lengths import RecordLengths
from promptrail.ingest.packets.sent import ALONE, GAP, Piece
from promptrail.model import Direction

FINISHED = (53, 69)
"""Lengths of a client's Finished in TLS 1.3: 4 bytes of head, 32 or 48 of hash, inner type, 16 of tag (RFC 8446)."""
FLIGHT = 4
"""A client's last flight has at most so many records: certificate, its proof, end of early data, Finished."""
LONG = 0x80
"""Set in the first byte of QUIC's packets of the handshake (RFC 9000, 17.2)."""
ACKNOWLEDGED = 100
"""Shorter datagrams confirm what the other side sent, and follow its size."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A row of the frame `bursts`."""

    run: str
    host: str | None
    connection: str
    at: float
    direction: Direction
    size: int
    records: int


def tls_pieces(
    client: RecordLengths, server: RecordLengths, version: str | None
) -> tuple[list[Piece], list[Piece]]:
    """The application data of both sides. `version` as the server chose it; other than TLS 1.3 marks its records."""
    asked, answered = client.sent.pieces, server.sent.pieces
    if version not in (None, "TLSv1.3"):
        return asked, answered
    early = [one for one in asked if server.began is None or one.at < server.began]
    late = asked[len(early) :]
    lengths = [one.size for one in late[:FLIGHT]]
    last = next((n for n, size in enumerate(lengths) if size in FINISHED), 0)
    finished = late[last].at if late else None
    return (
        [one for one in early + late[last + 1 :] if not _alert(one)],
        [one for one in answered if finished and one.at > finished and not _alert(one)],
    )


def _alert(piece: Piece) -> bool:
    """Two bytes of content are no message of any protocol that TLS carries, and every closing alert has two."""
    return piece.size == ALONE and piece.records == 1


def quic_piece(data: bytes, length: int, at: float) -> Piece | None:
    """A datagram that counts: no handshake, and more than an acknowledgement."""
    return Piece(at, length) if data and not data[0] & LONG and length >= ACKNOWLEDGED else None


def bursts(
    run: str, host: str | None, connection: str, asked: Iterable[Piece], answered: Iterable[Piece]
) -> list[Burst]:
    """Both sides' pieces as bursts, in the order of their times."""
    ways: tuple[tuple[Direction, Iterable[Piece]], ...] = (("request", asked), ("response", answered))
    found = [
        Burst(run, host, connection, whole.at, way, whole.size, whole.records)
        for way, pieces in ways
        for whole in _joined(pieces)
    ]
    return sorted(found, key=lambda one: (one.at, one.direction))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    whole: Piece | None = None
    for one in pieces:
        if whole and one.at - whole.ended < GAP:
            whole = whole.with_next(one)
        else:
            if whole:
                yield whole
            whole = one
    if whole:
        yield whole
