"""MessagePack in (specification of 2013, with str and bin), texts, bytes and long numbers out, with their places.

A walker rather than the library: it keeps byte offsets, which evidence needs, and builds nothing that a hostile
message could blow up. A map or array must be explained to the last byte; anything else is not MessagePack to us.
"""

from collections.abc import Iterator

from promptrail.decode.json_text import escape
from promptrail.decode.layer import Layer, Piece
from promptrail.decode.limits import LIMITS
from promptrail.decode.readable import is_plain, is_utf8
from promptrail.decode.walked import NAME, has_text, is_told

SIZES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
"""bin and str: bytes of their length."""
CONTAINERS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
"""array and map: bytes of their count."""
NUMBERS = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
LONG_NUMBER = 100_000


class NotMessagePack(Exception):
    """The bytes cannot be MessagePack."""


def msgpack(layer: Layer) -> Iterator[Piece]:
    """Maps and arrays, one or several after another."""
    data = layer.data
    if not data or not (0x80 <= data[0] <= 0x9F or 0xDC <= data[0] <= 0xDF):
        return
    if is_plain(data):  # such bytes begin words in many scripts
        return
    walker = Walker(data)
    try:
        while walker.at < len(data):
            if not (0x80 <= data[walker.at] <= 0x9F or 0xDC <= data[walker.at] <= 0xDF):
                return
            walker.value("", 0)
    except NotMessagePack:
        return
    if "msgpack" in layer.media or has_text(walker.pieces):
        yield from walker.pieces


class Walker:
    """Reads values one after another; `pieces` is what they hold."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.pieces: list[Piece] = []
        self._left = LIMITS.values

    def value(self, path: str, depth: int) -> str:
        """One value; gives the text that it is as a key of a map."""
        self._left -= 1
        if self._left < 0 or depth > LIMITS.nesting:
            raise NotMessagePack
        start = self.at
        kind = self._number(1)
        if kind < 0x80 or kind >= 0xE0 or kind in (0xC0, 0xC2, 0xC3):
            return str(kind)
        if kind < 0xA0 or kind in CONTAINERS:
            self._container(kind, path, depth)
            return "?"
        if kind < 0xC0:
            return self._text(self._take(kind & 0x1F), path, True)
        if kind in SIZES:
            return self._text(self._take(self._number(SIZES[kind])), path, kind >= 0xD9)
        if kind in NUMBERS:
            raw = self._take(NUMBERS[kind])
            number = int.from_bytes(raw, "big", signed=kind >= 0xD0)
            if kind >= 0xCC and abs(number) >= LONG_NUMBER:
                self.pieces.append(Piece(str(number).encode(), start, self.at - start, path))
            return str(number)
        if kind in EXTENSIONS or kind in FIXED_EXTENSIONS:
            length = self._number(EXTENSIONS[kind]) if kind in EXTENSIONS else FIXED_EXTENSIONS[kind]
            self._take(1)
            return self._text(self._take(length), path)
        raise NotMessagePack

    def _container(self, kind: int, path: str, depth: int) -> None:
        if kind in CONTAINERS:
            count, is_map = self._number(CONTAINERS[kind]), kind >= 0xDE
        else:
            count, is_map = kind & 0x0F, kind < 0x90
        if count > len(self.data) - self.at:  # each value takes a byte at least
            raise NotMessagePack
        for place in range(count):
            name = self.value(path + NAME, depth + 1) if is_map else str(place)
            self.value(f"{path}/{escape(name)}", depth + 1)

    def _text(self, raw: bytes, path: str, string: bool = False) -> str:
        if string and not is_utf8(raw):  # the specification wants UTF-8, noise is not
            raise NotMessagePack
        if is_told(raw, path):
            self.pieces.append(Piece(raw, self.at - len(raw), len(raw), path, True))
        return raw[:200].decode("utf-8", "replace")

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise NotMessagePack
        self.at += size
        return self.data[self.at - size : self.at]
