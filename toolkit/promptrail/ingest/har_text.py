"""The bytes that a text in a HAR stood for: from the text, the length that is told, the tool's habit, the media type.

HAR holds request bodies as text alone (1.2 has no encoding for them), so each tool turned bytes into text its own way.
A length that was counted on the wire proves which; where nothing does, the text stands as UTF-8 and a remark says so.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from promptrail.ingest.har_dialects import Text

Remark = Literal["surrogates", "repaired", "doubtful", "replaced", "length", "rebuilt", "base64", "zone"]
REMARKS: dict[Remark, str] = {
    "surrogates": "bodies with lone surrogates, which stand for bytes that were not UTF-8; those are restored",
    "repaired": "bodies that were read as Latin-1 or Windows-1252; length or form prove the bytes, which are restored",
    "doubtful": "bodies that may have been read as Latin-1 or Windows-1252; nothing proves it, they stand as given",
    "replaced": "bodies with U+FFFD where the tool that wrote the file dropped bytes; those are gone",
    "length": "bodies that are not as long as was sent; they were edited or cut before they came here",
    "rebuilt": "bodies that were put together from their fields; they are not the bytes that were sent",
    "base64": "bodies that are said to be base64 and are not; they stand as given",
    "zone": "a time without offset, which was taken as UTC",
}
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
C1 = re.compile("[\x80-\x9f]")
"""Control characters that no text has; Latin-1 makes them of every second byte of Korean in UTF-8."""
IN_MARKUP = re.compile(
    r"<meta[^>]+charset=['\"]?([\w.:-]{1,40})|<\?xml[^?>]+encoding=['\"]([\w.:-]{1,40})", re.I
)
UTF8_KINDS = ("json", "html", "xml", "javascript", "ecmascript", "text/css")


class Restored(NamedTuple):
    data: bytes
    remark: Remark | None


class Length(NamedTuple):
    """A body's length without Content-Encoding. `proves`: counted on the wire; else the tool may count characters."""

    size: int
    proves: bool


def restore(text: str, told: Length | None, how: Text, media: str) -> Restored:
    """The bytes behind a text. What proves nothing leaves the text as UTF-8."""
    if text.isascii() and (told is None or told.size == len(text)):
        return Restored(text.encode("ascii"), None)
    if told is not None:
        for name, data in candidates(text, media):
            if len(data) == told.size and (told.proves or name not in LATIN or _is_utf8(data)):
                return Restored(data, _remark(name, data, text))
    found = _by_habit(text, how, media)
    if told is not None and told.proves and found.remark is None:
        return Restored(found.data, "replaced" if "\ufffd" in text else "length")
    return found


def candidates(text: str, media: str) -> Iterator[tuple[str, bytes]]:
    """(codec, bytes) of every way to read this text back, likeliest first."""
    yield "utf-8", as_utf8(text)
    for name in (stated(media), "latin-1", "windows-1252", "utf-8-sig", "utf-16-le", "utf-16-be"):
        if name and (data := _encoded(text, name)) is not None:
            yield name, data


def as_utf8(text: str) -> bytes:
    """UTF-8; surrogate escapes (PEP 383) give their bytes back, other lone surrogates stand as WTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def stated(media: str) -> str | None:
    """The charset of a media type, where Python knows it as a text encoding."""
    found = CHARSET.search(media)
    return _known(found[1]) if found else None


def _known(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return codec.name if codec._is_text_encoding and codec.name not in ("idna", "punycode") else None


def _encoded(text: str, name: str) -> bytes | None:
    if name == "windows-1252":
        return _windows_1252(text)
    try:
        return text.encode(name)
    except (UnicodeError, LookupError):
        return None


def _windows_1252(text: str) -> bytes | None:
    """As browsers read it: the five bytes that Windows-1252 leaves open are C1 controls (WHATWG Encoding, 9)."""
    out = bytearray()
    for piece in re.split("([\x81\x8d\x8f\x90\x9d])", text):
        try:
            out += piece.encode("latin-1" if piece in OPEN else "cp1252")
        except UnicodeEncodeError:
            return None
    return bytes(out)


LATIN = ("latin-1", "iso8859-1", "windows-1252", "cp1252")
OPEN = frozenset("\x81\x8d\x8f\x90\x9d")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _remark(name: str, data: bytes, text: str) -> Remark | None:
    if name == "utf-8":
        return "surrogates" if data.decode("utf-8", "replace") != text else None
    return "repaired" if name in LATIN and not text.isascii() else None


def _by_habit(text: str, how: Text, media: str) -> Restored:
    """Without a length: what the tool does, or what the text itself shows."""
    if how == "unknown" or (how == "charset" and stated(media) is None):
        return _by_form(text)
    name: str | None = "utf-8"
    if how == "inferred":
        name = inferred(text, media)
    elif how == "charset":
        name = stated(media)
    data = _encoded(text, name or "utf-8")
    if data is None:
        name, data = "utf-8", as_utf8(text)
    return Restored(data, "replaced" if "\ufffd" in text else _remark(name or "utf-8", data, text))


def inferred(text: str, media: str) -> str:
    """The codec that mitmproxy 12 takes (net/http/headers.py): the charset, mark-up, kinds that are UTF-8, Latin-1."""
    if name := stated(media):
        return name
    kind = media.lower()
    if ("html" in kind or "xml" in kind) and (found := IN_MARKUP.search(text)):
        return _known(found[1] or found[2]) or "utf-8"
    return "utf-8" if any(word in kind for word in UTF8_KINDS) else "latin-1"


def _by_form(text: str) -> Restored:
    """A text that as Latin-1 is sound UTF-8 was hardly written by a person: two letters, or a C1 control, never."""
    plain = as_utf8(text)
    if text.isascii():
        return Restored(plain, None)
    if "\ufffd" in text:
        return Restored(plain, "replaced")
    for name in ("latin-1", "windows-1252"):
        data = _encoded(text, name)
        if data is None:
            continue
        if _is_utf8(data):
            letters = sum(1 for letter in data.decode() if letter > "\x7f")
            sure = letters > 1 or bool(C1.search(text))
            return Restored(data, "repaired") if sure else Restored(plain, "doubtful")
        if C1.search(text):
            return Restored(plain, "doubtful")
    return Restored(plain, _remark("utf-8", plain, text))
