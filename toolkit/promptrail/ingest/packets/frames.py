"""A row of tshark's fields as a frame with TCP or UDP: numbers as numbers, bytes as bytes, lists as lists.

In: a row of `tshark.FIELDS`. Out: a frame, or None where the packet holds neither TCP nor UDP. Where one packet carries
another (a tunnel), the innermost counts.
"""

from collections.abc import Callable
from typing import NamedTuple

from promptrail.ingest.packets.tshark import PLACE

(
    NUMBER,
    TIME,
    PROTOCOLS,
    IP_SRC,
    IP_DST,
    IP6_SRC,
    IP6_DST,
    TCP_STREAM,
    TCP_FROM,
    TCP_TO,
    FLAGS,
    SEQ,
    ACK,
    LENGTH,
    PAYLOAD,
    UDP_STREAM,
    UDP_FROM,
    UDP_TO,
    UDP_LENGTH,
    DATAGRAM,
) = range(20)
Address = tuple[str, int]
EMPTY = b"<MISSING>"
FIN, SYN, RST, ACKED = 1, 2, 4, 16


class Frame(NamedTuple):
    number: int
    at: float
    protocols: bytes
    udp: bool
    stream: int
    """tshark's number of the connection, from 0, for TCP and UDP each."""
    src: Address
    dst: Address
    flags: int
    seq: int
    ack: int
    length: int
    """Of the payload, on the wire."""
    data: bytes
    """The payload, as far as the capture holds it."""
    row: list[bytes]

    def numbers(self, field: str) -> list[int]:
        """All values of a field of whole numbers."""
        text = self.row[PLACE[field]]
        return [int(one, 0) for one in text.split(b",")] if text else []

    def contents(self, field: str) -> list[bytes]:
        """All values of a field of bytes; tshark has a word for an empty one."""
        text = self.row[PLACE[field]].replace(EMPTY, b"")
        return (
            [bytes.fromhex(one.decode("ascii")) for one in text.split(b",")] if self.row[PLACE[field]] else []
        )

    def text(self, field: str) -> str | None:
        """The first value of a field of text."""
        found = self.row[PLACE[field]].split(b",")[0].decode("utf-8", "replace")
        return found or None


def frame_of(row: list[bytes], number: Callable[[int], int]) -> Frame | None:
    """`number`: gives a frame its number in the whole capture. ValueError where a field is not what it should be."""
    udp = bool(row[UDP_STREAM]) and not row[TCP_STREAM]
    if not udp and not row[TCP_STREAM]:
        return None
    v4, v6 = row[IP_SRC], row[IP6_SRC]
    inner6 = bool(v6) and (not v4 or row[PROTOCOLS].rfind(b":ipv6") > row[PROTOCOLS].rfind(b":ip:"))
    src, dst = (_last(row[IP6_SRC]), _last(row[IP6_DST])) if inner6 else (_last(v4), _last(row[IP_DST]))
    ports = (UDP_FROM, UDP_TO) if udp else (TCP_FROM, TCP_TO)
    data = bytes.fromhex(_last(row[DATAGRAM if udp else PAYLOAD]))
    return Frame(
        number(int(row[NUMBER])),
        float(row[TIME] or 0),
        row[PROTOCOLS],
        udp,
        int(_last(row[UDP_STREAM if udp else TCP_STREAM])),
        (src, int(_last(row[ports[0]]))),
        (dst, int(_last(row[ports[1]]))),
        0 if udp else int(_last(row[FLAGS]), 0),
        0 if udp else int(_last(row[SEQ])),
        0 if udp else int(_last(row[ACK]) or 0),
        max(int(_last(row[UDP_LENGTH])) - 8, 0) if udp else int(_last(row[LENGTH]) or 0),
        data,
        row,
    )


def _last(text: bytes) -> str:
    return (text.rpartition(b",")[2] if b"," in text else text).decode("ascii")
