"""Base85 in its three alphabets in, the bytes out: Adobe's Ascii85, RFC 1924 (`b85encode`), Z85 of ZeroMQ (RFC 32).

Between Ascii85's marks it is believed. As a whole value it is believed if what comes out can be read: the alphabets
take in addresses and program text, which decode to noise.
"""

import base64
import re
import struct
import zlib
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece
from promptrail.decode.readable import MAGICS, NOT_PRINTED, is_plain, readable

MARKED = re.compile(rb"<~([!-uz\s]{5,}?)~>")
ENDED = re.compile(rb"([!-uz\s]{20,})~>\s*\Z")
"""Without the first mark, as PostScript and PDF write it."""
ALPHABETS = {
    "rfc1924": re.compile(rb"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{20,}\Z"),
    "z85": re.compile(rb"[0-9a-zA-Z.:+=^!/*?&<>()\[\]{}@%$#-]{20,}\Z"),
    "ascii85": re.compile(rb"[!-u]{2}[!-uz\r\n]{18,}\Z"),
}
BEYOND64 = re.compile(rb"[!#$()*<>?@^`{|}~]")
"""Characters of RFC 1924's alphabet that neither base64 nor a form has; one in five is of them."""
NOT_A_WORD = re.compile(rb"[^A-Za-z0-9+/=_.-]")
"""Of a code in any of them; base64, names and numbers do without."""
WORDS = re.compile(rb"[a-z]{5,}|[A-Z]{5,}")
HEAD = 40
"""Characters whose bytes must be read before the whole is undone."""
LOOSE = 6
"""Bytes at the end of a beginning that say nothing: three of a character that is cut, three zeros of Z85."""
LARGEST = 1 << 20
_Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
FROM_Z85 = bytes.maketrans(_Z85, _B85)


def decoded(code: bytes, alphabet: str) -> bytes | None:
    """The bytes of a code in this alphabet; None where it cannot be one."""
    if alphabet == "z85" and len(code) % 5:
        return None
    try:
        if alphabet == "ascii85":
            return base64.a85decode(code)
        return base64.b85decode(code.translate(FROM_Z85) if alphabet == "z85" else code)
    except (ValueError, struct.error):
        return None


def believed(code: bytes) -> bytes | None:
    """The bytes of a whole value in one of the alphabets, if its beginning and then all of it can be read."""
    if not 20 <= len(code) <= LARGEST or not NOT_A_WORD.search(code, 0, HEAD):
        return None
    for name, alphabet in ALPHABETS.items():
        if not alphabet.match(code):
            continue
        head = decoded(code[:HEAD], name)
        if head and _begins(head):
            value = decoded(code, name)
            if value and _speaks(value):
                return value
    return None


def _begins(head: bytes) -> bool:
    """Whether some bytes are the beginning of what can be read; they may end inside a character."""
    sure = head[:-LOOSE]
    if not head.startswith(MAGICS) and len(sure.translate(None, NOT_PRINTED)) != len(sure):
        return False  # nearly all that is no base85: one look instead of four
    return any(_speaks(head[: len(head) - cut]) for cut in (0, 1, 2, 3))


def _speaks(value: bytes) -> bool:
    """Text, perhaps filled up with zeros as Z85 asks for; or a format whose first bytes are no chance."""
    bare = value.rstrip(b"\0")
    if is_plain(bare if len(value) - len(bare) < 4 else value):
        return len(bare) >= 8
    if not value.startswith(b"\x78"):
        return readable(value) and value[:2] not in (b"\xff\xfe", b"\xfe\xff")
    try:
        return bool(zlib.decompressobj().decompress(value, 64))
    except zlib.error:
        return False


def base85_text(layer: Layer) -> Iterator[Piece]:
    """Ascii85 between its marks, any number of times; else a whole value in one of the alphabets."""
    data = layer.data
    marked = False
    for found in MARKED.finditer(data) if b"<~" in data and b"~>" in data else ():
        if value := decoded(found[1], "ascii85"):
            marked = True
            yield Piece(value, found.start(), len(found[0]))
    if marked:
        return
    value = _ended(data) or believed(data) or _mixed(data)
    if value:
        yield Piece(value, 0, len(data))


def _ended(data: bytes) -> bytes | None:
    found = ENDED.match(data)
    value = decoded(found[1], "ascii85") if found else None
    return value if value and readable(value) else None


def _mixed(data: bytes) -> bytes | None:
    """What a value in RFC 1924's alphabet alone holds, if its characters are as mixed as in base85.

    Of all kinds, one in 16 to one in two special, and one in five at most in words: program text has more.
    """
    if len(data) > LARGEST or not ALPHABETS["rfc1924"].match(data):
        return None
    sample = data[:400]
    special = BEYOND64.findall(sample)
    kinds = (sample.upper() != sample, sample.lower() != sample, any(48 <= c < 58 for c in sample))
    few = len(special) * 16 < len(sample) or len(special) * 2 > len(sample)
    wordy = sum(map(len, WORDS.findall(sample))) * 5 > len(sample)
    mixed = len(sample) >= 32 and all(kinds) and len(set(special)) >= 4 and not few and not wordy
    return decoded(data, "rfc1924") if mixed else None
