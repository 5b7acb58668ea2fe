"""One TCP connection of a capture while it passes: what each side sent, in order, plain or decrypted.

In: its frames, in their order. Out: entries in the spool and the facts from which `outcome` tells what became of
it. TLS begins where a side sends a ClientHello, on whatever port and behind whatever went before it (CONNECT, SOCKS,
STARTTLS).
"""

from promptrail.ingest.packets.frames import ACKED, FIN, RST, SYN, Address, Frame
from promptrail.ingest.packets.record_lengths import RecordLengths
from promptrail.ingest.packets.sequence import Bytes, Hole, Sequence
from promptrail.ingest.packets.spool import Entry, Spool
from promptrail.ingest.packets.tls import Tls, sealed
from promptrail.ingest.packets.tshark import PLACE

CLOSE_NOTIFY = 0
DATA = PLACE["data.data"]


class Tcp:
    """`ends`: both addresses, that of the first frame first. `client`: which of them asked; None: not known yet."""

    udp = False

    def __init__(self, first: Frame, spool: Spool) -> None:
        self.key, self.spool = (self.udp, first.number), spool
        self.number = 0
        """Among the TCP connections of the capture, in the order of their first frames."""
        self.ends: tuple[Address, Address] = (first.src, first.dst)
        self.frame, self.opened, self.closed = first.number, first.at, first.at
        self.client: int | None = None
        self.begun = self.answered = False
        """Whether SYN was seen, and an answer to it."""
        self.asked = 0
        self.reset: int | None = None
        self.ended: set[int] = set()
        self.sides = (Sequence(), Sequence())
        self.tls: Tls | None = None
        self.lengths = (RecordLengths(), RecordLengths())
        self.holes = [0, 0]
        self.prefix = 0
        """Entries that stand in the spool before TLS begins."""
        self._held = [b"", b""]
        self._met = [False, False]

    @property
    def ref(self) -> str:
        return f"tcp {self.number}"

    @property
    def asker(self) -> int:
        """The client's side: whoever sent SYN or a ClientHello, else whoever has the higher port."""
        if self.client is not None:
            return self.client
        return 0 if self.ends[0][1] >= self.ends[1][1] else 1

    def over(self, side: int) -> bool:
        """Whether the end of what a side sent was seen: by FIN, or by TLS's own word for it (close_notify)."""
        return side in self.ended or (self.tls is not None and (side, CLOSE_NOTIFY) in self.tls.alerts)

    def add(self, frame: Frame) -> None:
        side = 0 if frame.src == self.ends[0] else 1
        self.closed = frame.at
        sequence = self.sides[side]
        if frame.flags & SYN:
            self._syn(side, frame)
        if frame.flags & RST and self.reset is None:
            self.reset = side
        if frame.flags & ACKED:
            self.sides[1 - side].confirm(frame.ack, frame.at)
        if frame.length:
            for item in sequence.add(
                frame.seq + (frame.flags & SYN and 1), frame.at, frame.number, frame.data, frame.length
            ):
                self._take(side, item)
        if frame.flags & FIN:
            self.ended.add(side)
            sequence.finish((frame.seq + frame.length) & 0xFFFFFFFF)
        if b":tls" in frame.protocols:
            self._decrypted(side, frame)

    def end(self) -> None:
        """Nothing more comes."""
        for side, sequence in enumerate(self.sides):
            for item in sequence.end(self.closed, self.frame):
                self._take(side, item)
            if self._held[side]:
                self._keep(side, Bytes(self.closed, self.frame, self._held[side]))
            self.lengths[side].end()

    def _syn(self, side: int, frame: Frame) -> None:
        if frame.flags & ACKED:
            self.answered = True
            self.client = 1 - side
        else:
            self.begun = True
            self.asked += 1
            self.client = side
        self.sides[side].begin((frame.seq + 1) & 0xFFFFFFFF)

    def _take(self, side: int, item: Bytes | Hole) -> None:
        if isinstance(item, Hole):
            self.holes[side] += 1
            missing = item.length if self.tls is None else -1
            what = item.what if self.tls is None else f"{item.what}; what follows cannot be decrypted"
            self.spool.add(self.key, Entry(item.at, item.frame, side, what.encode(), missing))
            if self.tls is not None:
                self.lengths[side].skip(item.length, item.at)
        elif self.tls is None:
            self._plain(side, item)
        else:
            self._sealed(side, item)

    def _plain(self, side: int, item: Bytes) -> None:
        item = item._replace(data=self._held[side] + item.data)
        self._held[side] = b""
        head = item.data[:6]
        first, self._met[side] = not self._met[side], True
        if head[:1] == b"\x16" and len(head) < 6:
            self._held[side], self._met[side] = item.data, not first
        elif head[:2] == b"\x16\x03" and head[5:6] == b"\x01":
            self.tls, self.client = Tls(), side
            self._sealed(side, item)
        elif first and not self.begun and not self.answered and sealed(head):
            self.tls = Tls(middle=True)
            self._sealed(side, item)
        else:
            self._keep(side, item)

    def _sealed(self, side: int, item: Bytes) -> None:
        assert self.tls is not None
        self.lengths[side].add(item.data, item.at)
        if side == self.client:
            self.tls.greet(item.data)

    def _keep(self, side: int, item: Bytes) -> None:
        self.spool.add(self.key, Entry(item.at, item.frame, side, item.data))
        self.prefix += 1

    def _decrypted(self, side: int, frame: Frame) -> None:
        """What tshark says of the TLS in this frame."""
        if self.tls is None:
            if not frame.row[DATA]:
                return
            self.tls = Tls()
        sent, left = self.tls.frame(side, self.asker, frame)
        for data in sent:
            self.spool.add(self.key, Entry(frame.at, frame.number, side, data))
        if left and self.tls.opened:
            what = f"tshark could not decrypt {left} TLS records"
            self.spool.add(self.key, Entry(frame.at, frame.number, side, what.encode(), -1))
