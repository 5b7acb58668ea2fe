"""One UDP conversation of a capture: datagrams, or the streams of a QUIC connection where tshark decrypts it.

In: its frames, in their order. Out: entries in the spool (datagrams, decrypted DTLS, each QUIC stream by itself), and
the facts for its row. QUIC that stays encrypted leaves no entry.
"""

from promptrail.ingest.packets.bursts import quic_piece
from promptrail.ingest.packets.client_hello import ClientHello
from promptrail.ingest.packets.dns import PORTS
from promptrail.ingest.packets.frames import Address, Frame
from promptrail.ingest.packets.initial import hello_of
from promptrail.ingest.packets.sent import Sent
from promptrail.ingest.packets.sequence import Bytes, Hole, Sequence
from promptrail.ingest.packets.spool import Entry, Spool
from promptrail.ingest.packets.tls import Tls
from promptrail.ingest.packets.tshark import PLACE

VERSIONS = {1: "QUICv1", 0x6B3343CF: "QUICv2"}
"""RFC 9000 and RFC 9369."""
STREAM_FRAMES = range(8, 16)
FIXED = 0x40
"""Set in the first byte of every packet (RFC 9000, 17.2 and 17.3)."""
HTTPS = 443
ENDS, HAS_LENGTH, HAS_OFFSET = 1, 2, 4
FAILED = PLACE["quic.decryption_failed"]
"""Bits of a STREAM frame's type (RFC 9000, 19.8)."""
FIRST = 12
"""So many of the client's datagrams may hold its hello."""


class Udp:
    """`quic`: it is QUIC, decrypted or not. `streams`: ids of those that tshark decrypted, as they began."""

    udp = True

    def __init__(self, first: Frame, spool: Spool) -> None:
        self.key, self.spool = (self.udp, first.number), spool
        self.number = 0
        """Among the UDP conversations of the capture, in the order of their first frames."""
        self.ends: tuple[Address, Address] = (first.src, first.dst)
        self.frame, self.opened, self.closed = first.number, first.at, first.at
        asked = first.dst[1] in PORTS or first.src[1] not in PORTS | {HTTPS}
        self.asker = 0 if asked else 1
        self.count = [0, 0]
        self.quic = self.dtls = False
        self.fixed = True
        """Every datagram has the bit that all of QUIC's have."""
        self.version: str | None = None
        self.tls = Tls()
        self.streams: list[int] = []
        self.sent = (Sent(), Sent())
        """Datagrams of each side that count if this is QUIC."""
        self.hello: ClientHello | None = None
        self._first: list[bytes] = []
        self.finished: set[tuple[int, int]] = set()
        """(stream, side) whose end was seen."""
        self.unopened = 0
        """Packets that tshark could not decrypt."""
        self._sequences: dict[tuple[int, int], Sequence] = {}

    @property
    def ref(self) -> str:
        return f"udp {self.number}"

    def add(self, frame: Frame) -> None:
        side = 0 if frame.src == self.ends[0] else 1
        self.closed = frame.at
        self.count[side] += frame.length
        self.fixed &= bool(frame.data and frame.data[0] & FIXED)
        if self.fixed and (piece := quic_piece(frame.data, frame.length, frame.at)):
            self.sent[side].add(piece)
        if b"quic" in frame.protocols:
            self._quic(side, frame)
        elif b":dtls" in frame.protocols:
            self.dtls = True
            for data in frame.contents("data.data"):
                self._keep(side, frame, data)
        elif not self.quic:
            self._keep(side, frame, frame.data)

    @property
    def sealed(self) -> bool:
        """Whether it looks like QUIC whose beginning is not in the capture."""
        return not self.quic and self.fixed and self.ends[1 - self.asker][1] == HTTPS

    def end(self) -> None:
        """Nothing more comes."""
        self.hello = hello_of(self._first)
        self._first.clear()
        for (stream, side), sequence in self._sequences.items():
            for item in sequence.end(self.closed, self.frame):
                self._take(stream, side, item)

    def _keep(self, side: int, frame: Frame, data: bytes) -> None:
        self.spool.add(self.key, Entry(frame.at, frame.number, side, data))

    def _quic(self, side: int, frame: Frame) -> None:
        self.quic = True
        if side == self.asker and len(self._first) < FIRST:
            self._first.append(frame.data)
        if self.version is None:
            chosen = next(filter(None, frame.numbers("quic.version")), None)
            self.version = (VERSIONS.get(chosen) or _unnamed(chosen)) if chosen else None
        if side != self.asker:
            self.tls.served(frame, frame.numbers("tls.handshake.type"))
        self.unopened += bool(frame.row[FAILED])
        kinds = [one for one in frame.numbers("quic.frame_type") if one in STREAM_FRAMES]
        streams, offsets = frame.numbers("quic.stream.stream_id"), frame.numbers("quic.stream.offset")
        lengths, contents = frame.numbers("quic.stream.length"), frame.contents("quic.stream_data")
        every = len(contents) == len(kinds)  # else tshark left out the empty ones
        for kind, stream in zip(kinds, streams, strict=False):
            offset = offsets.pop(0) if kind & HAS_OFFSET and offsets else 0
            length = lengths.pop(0) if kind & HAS_LENGTH and lengths else None
            if kind & ENDS:
                self.finished.add((stream, side))
            if contents and (every or length != 0):
                self._piece(stream, side, offset, frame, contents.pop(0))

    def _piece(self, stream: int, side: int, offset: int, frame: Frame, data: bytes) -> None:
        if stream not in self.streams:
            self.streams.append(stream)
        sequence = self._sequences.setdefault((stream, side), Sequence())
        sequence.begin(0)
        for item in sequence.add(offset & 0xFFFFFFFF, frame.at, frame.number, data, len(data)):
            self._take(stream, side, item)

    def _take(self, stream: int, side: int, item: Bytes | Hole) -> None:
        key = (self.key, stream)
        if isinstance(item, Hole):
            self.spool.add(key, Entry(item.at, item.frame, side, item.what.encode(), item.length))
        else:
            self.spool.add(key, Entry(item.at, item.frame, side, item.data))


def _unnamed(version: int) -> str:
    """A version that is no RFC's: drafts have 0xff0000 and their number."""
    return f"QUIC draft {version & 0xFF}" if version >> 8 == 0xFF0000 else f"QUIC 0x{version:08x}"
