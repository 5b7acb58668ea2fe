"""Bursts out of pieces: what is a handshake's is left out, what is close together is one, times stay in order."""

from collections.abc import Sequence

import pytest

from promptrail.ingest.packets.bursts import bursts, quic_piece, tls_pieces
from promptrail.ingest.packets.record_lengths import RecordLengths
from promptrail.ingest.packets.sent import GAP, Piece

FINISHED, ALERT = 53, 19


def side(*pieces: tuple[float, int], began: float = 0.0) -> RecordLengths:
    lengths = RecordLengths()
    lengths.began = began
    lengths.sent.pieces = [Piece(*piece) for piece in pieces]
    return lengths


def sizes(pieces: Sequence[Piece]) -> list[int]:
    return [piece.size for piece in pieces]


CLIENT = ((1.2, FINISHED), (1.3, 500), (2.0, FINISHED), (9.0, ALERT))
SERVER = ((1.1, 2800), (1.1, 400), (1.4, 250), (1.5, 900))


@pytest.mark.parametrize(
    ("client", "version", "sent", "received"),
    [
        (CLIENT, "TLSv1.3", [500, 53], [250, 900]),
        (((1.2, 69), *CLIENT[1:]), "TLSv1.3", [500, 53], [250, 900]),
        (((1.2, 2000), (1.2, 280), *CLIENT), "TLSv1.3", [500, 53], [250, 900]),
        (((1.2, 2300), (1.3, 500)), "TLSv1.3", [500], [250, 900]),
        (((1.0, 700), (1.2, 21), *CLIENT), "TLSv1.3", [700, 500, 53], [250, 900]),
        (CLIENT, None, [500, 53], [250, 900]),
        ((), "TLSv1.3", [], []),
        (CLIENT, "TLSv1.2", [53, 500, 53, 19], [2800, 400, 250, 900]),
        (CLIENT, "middle", [53, 500, 53, 19], [2800, 400, 250, 900]),
    ],
    ids=[
        "1.3",
        "SHA-384",
        "client certificate",
        "one record",
        "0-RTT",
        "unknown",
        "no answer",
        "1.2",
        "middle",
    ],
)
def test_handshakes_are_left_out(
    client: tuple[tuple[float, int], ...], version: str | None, sent: list[int], received: list[int]
) -> None:
    """Of TLS 1.3 up to the client's Finished and its closing alert; older versions mark their handshake themselves."""
    asked, answered = tls_pieces(side(*client), side(*SERVER, began=1.05), version)
    assert (sizes(asked), sizes(answered)) == (sent, received)


def test_pieces_close_together_are_one_burst() -> None:
    """The gap is between neighbours, so a long upload is one; the other side's bytes are another."""
    asked = [Piece(1 + n * (GAP * 0.9), 100) for n in range(5)] + [Piece(3.0, 7), Piece(3.1, 8)]
    found = bursts("r", "a.test", "c", asked, [Piece(1.01, 60, 0)])
    assert [(b.at, b.direction, b.size, b.records) for b in found] == [
        (1.0, "request", 500, 5),
        (1.01, "response", 60, 0),
        (3.0, "request", 7, 1),
        (3.1, "request", 8, 1),
    ]
    assert {(b.run, b.host, b.connection) for b in found} == {("r", "a.test", "c")}


@pytest.mark.parametrize(
    ("head", "length", "counts"),
    [(0x40, 100, True), (0x5F, 1350, True), (0x40, 99, False), (0xC3, 1200, False)],
    ids=["short header", "large", "acknowledgement", "long header"],
)
def test_which_datagrams_of_quic_count(head: int, length: int, counts: bool) -> None:
    """Neither handshakes, which are padded to 1,200 bytes, nor acknowledgements, which follow the answer."""
    assert (quic_piece(bytes([head]) + bytes(length - 1), length, 1.0) is not None) is counts
    assert quic_piece(b"", 500, 1.0) is None
