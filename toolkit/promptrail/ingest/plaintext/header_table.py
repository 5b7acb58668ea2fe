"""Header blocks of HTTP/2 (HPACK, RFC 7541), also where the capture began in the middle or has holes.

In: the blocks of one direction in order. Out: name and value of each header; None for what stood in a table that was
not seen. An index counts back from the newest entry, so what was entered since the loss is sure, and all before it
unknown: nothing is guessed. A block that is no HPACK gives what stood before the fault, and the rest is forgotten.
"""

from collections import deque

from hpack import HPACKError
from hpack.hpack import decode_integer
from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable

STATIC = HeaderTable.STATIC_TABLE
REMEMBERED = 1 << 20
"""Bytes of entries. Peers agree on less; an entry that they let go is never asked for, so it may stay."""
Field = tuple[bytes | None, bytes | None]


class BlockFault(Exception):
    """The block is no HPACK from some byte on; `fields` stood before it."""

    def __init__(self, fields: list[Field]) -> None:
        super().__init__("a header block is damaged")
        self.fields = fields


class Headers:
    """`partial`: entries were lost, so names or values may be unknown."""

    def __init__(self) -> None:
        self.partial = False
        self._known: deque[Field] = deque()
        self._size = 0

    def forget(self) -> None:
        """A block was not seen: how many entries it made is not known, so none can be counted any more."""
        self.partial = True
        self._known.clear()
        self._size = 0

    def decode(self, block: bytes) -> list[Field]:
        fields: list[Field] = []
        try:
            at = 0
            while at < len(block):
                at = self._one(memoryview(block), at, fields)
        except (HPACKError, IndexError, ValueError) as fault:
            self.forget()
            raise BlockFault(fields) from fault
        return fields

    def _one(self, block: memoryview, at: int, fields: list[Field]) -> int:
        """One representation (RFC 7541, 6); returns where the next begins."""
        first = block[at]
        if first & 0x80:
            index, used = decode_integer(block[at:], 7)
            fields.append(self._entry(index))
            return at + used
        if first & 0xE0 == 0x20:  # a new table size, which changes no index
            return at + decode_integer(block[at:], 5)[1]
        adds = bool(first & 0x40)
        index, used = decode_integer(block[at:], 6 if adds else 4)
        at += used
        if index:
            name = self._entry(index)[0]
        else:
            name, at = text_at(block, at)
        value, at = text_at(block, at)
        fields.append((name, value))
        if adds:
            self._known.appendleft((name, value))
            self._size += len(name or b"") + len(value) + 32
            while self._size > REMEMBERED:
                old = self._known.pop()
                self._size -= len(old[0] or b"") + len(old[1] or b"") + 32
        return at

    def _entry(self, index: int) -> Field:
        if 0 < index <= len(STATIC):
            return STATIC[index - 1]
        place = index - len(STATIC) - 1
        if 0 <= place < len(self._known):
            return self._known[place]
        if self.partial and place >= 0:
            return None, None
        raise ValueError(f"there is no entry {index}")


def text_at(block: memoryview, at: int) -> tuple[bytes, int]:
    """A string literal (RFC 7541, 5.2), and where it ends."""
    huffman = block[at] & 0x80
    length, used = decode_integer(block[at:], 7)
    at += used
    raw = bytes(block[at : at + length])
    if len(raw) < length:
        raise ValueError("a string is cut short")
    return (bytes(decode_huffman(raw)) if huffman else raw), at + length
