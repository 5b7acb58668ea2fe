"""XML and HTML in, element texts, attribute values, CDATA and comments out, under the names of the elements about them.

A tokenizer for both: it keeps byte offsets, reads markup that is cut or wrong, and knows no external entities, so
nothing can be fetched and nothing can explode. Character references are undone (XML 1.0; WHATWG HTML section 13.5).
"""

import html
import re
from collections.abc import Iterator

from promptrail.decode.escapes import ENTITY
from promptrail.decode.layer import Layer, Piece

BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:[?!]|/?[A-Za-z_][\w:.-]{0,100}(?:[\s>]|/>))")
TAG = re.compile(rb"<(/?)([A-Za-z_][\w:.-]{0,100})((?:[^<>\"'/]++|\"[^\"]*+\"|'[^']*+'|/(?!>))*+)(/?)>")
ATTRIBUTE = re.compile(rb"([^\s=/\"'<>]{1,200})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
SPECIAL = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"))
VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
RAW_END = {name: re.compile(b"</" + name, re.I) for name in (b"script", b"style")}
SHORTEST = 4
NAMES = 16
"""Names that a path shows, the innermost ones: a hostile document may nest without end."""


def markup(layer: Layer) -> Iterator[Piece]:
    """Texts, attributes and comments, in order."""
    data = layer.data
    if b"<" not in data[:64] or not BEGIN.match(data):
        return
    if b">" not in data:
        return
    is_html = "html" in layer.media or bool(
        re.match(rb"\s*<(?:!doctype\s+html|html|body|div|p|span|head)\b", data[:64], re.I)
    )
    open_names: list[bytes] = []
    at = 0
    while at < len(data):
        mark = data.find(b"<", at)
        stop = len(data) if mark < 0 else mark
        if stop > at:
            yield from _text(data, at, stop, open_names)
        if mark < 0:
            return
        at = mark
        begin, end = next((s for s in SPECIAL if data.startswith(s[0], at)), (b"", b""))
        if begin:
            close = data.find(end, at + len(begin))
            stop = len(data) if close < 0 else close
            if begin in (b"<!--", b"<![CDATA["):
                yield from _raw(
                    data, at + len(begin), stop, open_names, "" if begin == b"<![CDATA[" else " (comment)"
                )
            at = stop + len(end)
            continue
        tag = TAG.match(data, at)
        if tag is None:
            yield from _text(data, at, at + 1, open_names)
            at += 1
            continue
        at = tag.end()
        name = tag[2].lower() if is_html else tag[2]
        if tag[1]:
            _close(open_names, name)
            continue
        open_names.append(name)
        if tag[3]:
            yield from _attributes(tag, open_names)
        if is_html and name in RAW_END and not tag[4]:
            ending = RAW_END[name].search(data, at)
            stop = ending.start() if ending else len(data)
            yield from _raw(data, at, stop, open_names, "")
            at = stop
        if tag[4] or (is_html and name in VOID):
            open_names.pop()


def _close(open_names: list[bytes], name: bytes) -> None:
    """Ends the innermost element of that name and all that were left open inside it; a stray end tag ends nothing."""
    for back in range(1, min(len(open_names), 64) + 1):
        if open_names[-back] == name:
            del open_names[-back:]
            return


def _path(open_names: list[bytes], rest: str = "") -> str:
    return "".join("/" + n.decode("utf-8", "replace") for n in open_names[-NAMES:]) + rest


def _text(data: bytes, start: int, stop: int, open_names: list[bytes]) -> Iterator[Piece]:
    raw = data[start:stop]
    if len(raw.strip()) >= SHORTEST:
        yield _undone(raw, start, _path(open_names))


def _raw(data: bytes, start: int, stop: int, open_names: list[bytes], rest: str) -> Iterator[Piece]:
    if stop - start >= SHORTEST and data[start:stop].strip():
        yield Piece(data[start:stop], start, stop - start, _path(open_names, rest), True)


def _attributes(tag: "re.Match[bytes]", open_names: list[bytes]) -> Iterator[Piece]:
    for found in ATTRIBUTE.finditer(tag[3]):
        group = found.lastindex or 0
        if group > 1 and len(found[group]) >= SHORTEST:
            name = found[1].decode("utf-8", "replace")
            yield _undone(found[group], tag.start(3) + found.start(group), _path(open_names, f"/@{name}"))


def _undone(raw: bytes, start: int, path: str) -> Piece:
    if b"&" not in raw:
        return Piece(raw, start, len(raw), path, True)
    value = ENTITY.sub(lambda m: html.unescape(m[0].decode()).encode("utf-8", "surrogatepass"), raw)
    return Piece(value, start, len(raw), path, value == raw)
