"""CBOR in (RFC 8949), texts, bytes and long numbers out, with their places.

A walker rather than the library, for the reasons given in `msgpack`. A map, array or tagged value must be explained
to the last byte; strings in chunks (indefinite length) are put together.
"""

from collections.abc import Iterator

from promptrail.decode.json_text import escape
from promptrail.decode.layer import Layer, Piece
from promptrail.decode.limits import LIMITS
from promptrail.decode.readable import is_plain, is_utf8
from promptrail.decode.walked import NAME, has_text, is_told

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
BREAK = 0xFF
LONG_NUMBER = 100_000


class NotCbor(Exception):
    """The bytes cannot be CBOR."""


def cbor(layer: Layer) -> Iterator[Piece]:
    """Maps, arrays and tagged values, one or several after another (RFC 8742)."""
    data = layer.data
    if not data or not ARRAY <= data[0] >> 5 <= TAG:
        return
    if is_plain(data):  # such bytes begin words in many scripts
        return
    walker = Walker(data)
    try:
        while walker.at < len(data):
            if not ARRAY <= data[walker.at] >> 5 <= TAG:
                return
            walker.value("", 0)
    except NotCbor:
        return
    if "cbor" in layer.media or has_text(walker.pieces):
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
            raise NotCbor
        start = self.at
        kind, argument = self._head()
        if kind in (UNSIGNED, NEGATIVE):
            number = self._definite(argument)
            number = number if kind == UNSIGNED else -1 - number
            if abs(number) >= LONG_NUMBER:
                self.pieces.append(Piece(str(number).encode(), start, self.at - start, path))
            return str(number)
        if kind in (BYTES, TEXT):
            return self._string(kind, argument, path)
        if kind in (ARRAY, MAP):
            self._container(kind, argument, path, depth)
        elif kind == TAG:
            self._definite(argument)
            return self.value(path, depth + 1)
        elif argument is None:  # a break outside an indefinite item
            raise NotCbor
        return "?"

    def _head(self) -> tuple[int, int | None]:
        first = self._take(1)[0]
        kind, short = first >> 5, first & 0x1F
        if short < 24:
            return kind, short
        if short < 28:
            return kind, int.from_bytes(self._take(1 << (short - 24)), "big")
        if short == 31:
            return kind, None
        raise NotCbor

    def _string(self, kind: int, length: int | None, path: str) -> str:
        if length is not None:
            raw = self._take(length)
            self._keep(kind, raw, length, path, True)
            return raw[:200].decode("utf-8", "replace")
        start, chunks = self.at, []
        while (part := self._head()) != (SIMPLE, None):
            if part[0] != kind:
                raise NotCbor
            chunks.append(self._take(self._definite(part[1])))
        raw = b"".join(chunks)
        self._keep(kind, raw, self.at - start, path, False)
        return raw[:200].decode("utf-8", "replace")

    def _keep(self, kind: int, raw: bytes, length: int, path: str, exact: bool) -> None:
        if kind == TEXT and not is_utf8(raw):  # RFC 8949 section 3.1: text is UTF-8
            raise NotCbor
        if is_told(raw, path):
            self.pieces.append(Piece(raw, self.at - length, length, path, exact))

    def _container(self, kind: int, count: int | None, path: str, depth: int) -> None:
        if count is not None and count > len(self.data) - self.at:  # each value takes a byte at least
            raise NotCbor
        place = 0
        while count is None or place < count:
            if count is None and self.data[self.at : self.at + 1] == b"\xff":
                self.at += 1
                return
            name = self.value(path + NAME, depth + 1) if kind == MAP else str(place)
            self.value(f"{path}/{escape(name)}", depth + 1)
            place += 1

    def _definite(self, argument: int | None) -> int:
        if argument is None:
            raise NotCbor
        return argument

    def _take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise NotCbor
        self.at += size
        return self.data[self.at - size : self.at]
