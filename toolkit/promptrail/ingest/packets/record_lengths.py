"""The lengths of the TLS application-data records of one direction, read from their heads alone: no key is needed.

In: the bytes of one side in the order of TCP, each once, and the holes between them. Out: what was `sent`, by record
(RFC 8446, 5.1: the length as its head states it, tag and inner type included). It refuses nothing: behind a hole that
hides where a record begins, the bytes themselves are counted, as a piece of no record, until a head is met again.
"""

import re

from promptrail.ingest.packets.sent import Piece, Sent
from promptrail.ingest.packets.tls import APPLICATION_DATA, RECORD, sealed

HEAD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")


class RecordLengths:
    """`began`: when the first record of any kind came; None: none did."""

    def __init__(self) -> None:
        self.sent = Sent()
        self.began: float | None = None
        self._head = b""
        self._headed = 0.0
        self._left = 0
        self._counts = self._astray = False

    def add(self, data: bytes, at: float) -> None:
        """The next bytes of this side."""
        if self.began is None:
            self.began = at
        place = self._found(data, at) if self._astray else 0
        while place < len(data):
            if self._left:
                taken = min(self._left, len(data) - place)
                self._left -= taken
                place += taken
                continue
            if not self._head:
                self._headed = at
            taken = min(RECORD - len(self._head), len(data) - place)
            self._head += data[place : place + taken]
            place += taken
            if len(self._head) < RECORD:
                continue
            if sealed(self._head):
                self._left, self._counts = int.from_bytes(self._head[3:5]), self._head[0] == APPLICATION_DATA
                if self._counts:
                    self.sent.add(Piece(self._headed, self._left))
                self._head = b""
            else:
                self._lose(len(self._head), at)
                place += self._found(data[place:], at)

    def skip(self, length: int, at: float) -> None:
        """So many bytes of this side are not in the capture."""
        inside = min(self._left, length)
        self._left -= inside
        if length > inside:
            self._lose(length - inside + len(self._head), at)

    def end(self) -> None:
        """Nothing more comes: of a record that was cut off counts what was sent."""
        if self._left and self._counts:
            self.sent.shorten(self._left)
        self._left = 0

    def _lose(self, length: int, at: float) -> None:
        self._head, self._left, self._astray = b"", 0, True
        self.sent.add(Piece(at, length, 0))

    def _found(self, data: bytes, at: float) -> int:
        """Where in the data a record begins again, after counting what stands before it."""
        for met in HEAD.finditer(data):
            start = met.start()
            head = data[start : start + RECORD]
            after = start + RECORD + int.from_bytes(head[3:5])
            if sealed(head) and (after >= len(data) or HEAD.match(data, after)):
                self._astray = False
                break
        else:
            start = len(data)
        if start:
            self.sent.add(Piece(at, start, 0))
        return start
