"""Header blocks of HTTP/3 (QPACK, RFC 9204), with the whole encoder stream at hand.

In: what an encoder sent, with the frame of each part, and a header block with its frame. Out: names and values. A block
that is damaged, or needs an entry that the capture does not hold, is a Fault: nothing is guessed.
"""

from bisect import bisect_right

from hpack import HPACKError
from hpack.hpack import decode_integer
from hpack.huffman_table import decode_huffman

from promptrail.ingest.packets.qpack_table import STATIC

Field = tuple[bytes, bytes]
MOST = 1 << 24
"""Bytes of entries that are kept: far more than any peer allows at once, since none is let go here."""


class Fault(ValueError):
    """A header block that cannot be opened."""


class Cursor:
    """Integers and strings of QPACK (RFC 7541, 5) from the front. IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def more(self) -> bool:
        return self.at < len(self.data)

    def peek(self) -> int:
        return self.data[self.at]

    def number(self, bits: int) -> int:
        value, used = decode_integer(memoryview(self.data)[self.at : self.at + 12], bits)
        self.at += used
        return int(value)

    def text(self, bits: int) -> bytes:
        """A string whose length has so many bits, behind the bit that says Huffman."""
        packed = bool(self.peek() >> bits & 1)
        length = self.number(bits)
        raw = self.data[self.at : self.at + length]
        if len(raw) < length:
            raise IndexError
        self.at += length
        return decode_huffman(raw) if packed else raw


class Table:
    """What an encoder entered. `capacity`: what the other side allowed it in its settings."""

    def __init__(self) -> None:
        self.capacity = 0
        self.entries: list[Field] = []
        self.frames: list[int] = []
        """The frame in which each came."""
        self.damaged = False
        self._rest = b""
        self._size = 0

    def feed(self, data: bytes, frame: int) -> None:
        """More of the encoder stream."""
        self._rest += data
        while self._rest and not self.damaged:
            cursor = Cursor(self._rest)
            try:
                self._instruction(cursor, frame)
            except (IndexError, HPACKError) as fault:
                # hpack tells an integer that ends too early by an error of its own
                self.damaged = not isinstance(fault, IndexError) and len(self._rest) > 64
                return
            except Fault:
                self.damaged = True
                return
            self._rest = self._rest[cursor.at :]

    def _instruction(self, cursor: Cursor, frame: int) -> None:
        first = cursor.peek()
        if first & 0x80:
            index = cursor.number(6)
            name = _static(index)[0] if first & 0x40 else self._back(len(self.entries), index)[0]
            self._enter((name, cursor.text(7)), frame)
        elif first & 0x40:
            name = cursor.text(5)
            self._enter((name, cursor.text(7)), frame)
        elif first & 0x20:
            cursor.number(5)
        else:
            self._enter(self._back(len(self.entries), cursor.number(5)), frame)

    def _enter(self, field: Field, frame: int) -> None:
        self._size += len(field[0]) + len(field[1])
        if self._size > MOST:
            raise Fault("the encoder entered too much")
        self.entries.append(field)
        self.frames.append(frame)

    def decode(self, block: bytes, frame: int) -> list[Field]:
        """The fields of a header block that came in a frame."""
        try:
            return self._fields(Cursor(block), frame)
        except (IndexError, HPACKError, UnicodeError) as fault:
            raise Fault(f"a header block is damaged: {fault or type(fault).__name__}") from fault

    def _fields(self, cursor: Cursor, frame: int) -> list[Field]:
        required = self._required(cursor.number(8), bisect_right(self.frames, frame))
        if required > len(self.entries):
            raise Fault("a header block needs table entries that the capture does not hold")
        behind = cursor.peek() & 0x80
        delta = cursor.number(7)
        base = required - delta - 1 if behind else required + delta
        fields = []
        while cursor.more:
            fields.append(self._field(cursor, base))
        return fields

    def _required(self, encoded: int, known: int) -> int:
        """The Required Insert Count (RFC 9204, 4.5.1.1)."""
        if not encoded:
            return 0
        most = self.capacity // 32
        full = 2 * most
        if not most or encoded > full:
            raise Fault("a header block needs a larger table than was allowed")
        highest = known + most
        required = highest // full * full + encoded - 1
        if required > highest:
            required -= full
        if required <= 0:
            raise Fault("a header block needs entries that cannot be")
        return required

    def _field(self, cursor: Cursor, base: int) -> Field:
        first = cursor.peek()
        if first & 0x80:
            index = cursor.number(6)
            return _static(index) if first & 0x40 else self._back(base, index)
        if first & 0x40:
            index = cursor.number(4)
            name = (_static(index) if first & 0x10 else self._back(base, index))[0]
        elif first & 0x20:
            name = cursor.text(3)
        elif first & 0x10:
            return self._at(base + cursor.number(4))
        else:
            name = self._at(base + cursor.number(3))[0]
        return name, cursor.text(7)

    def _back(self, base: int, index: int) -> Field:
        return self._at(base - index - 1)

    def _at(self, place: int) -> Field:
        if not 0 <= place < len(self.entries):
            raise Fault("a header block names a table entry that the capture does not hold")
        return self.entries[place]


def _static(index: int) -> Field:
    if index >= len(STATIC):
        raise Fault("a header block names an entry of the static table that is none")
    return STATIC[index]
