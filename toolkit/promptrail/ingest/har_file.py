"""The bytes of a HAR into its entries, whatever its shape: whole, cut short, damaged, several in one, entries alone.

In: the file's bytes. Out: the log's head, entries with their number from 0, what was lost and what is odd, by byte
offset. A damaged entry costs that entry: the next one is looked for. Refuses what holds no entry list with InputError.
"""

import json
import re
from typing import Any, NamedTuple

from promptrail.errors import InputError

ENTRIES = re.compile(r'"entries"\s*:\s*\[')
CREATOR = re.compile(r'"creator"\s*:\s*(?=\{)')
BETWEEN = re.compile(r"[\s,]*")
BEGINS = re.compile(
    r'\{\s*"(?:startedDateTime|_initiator|_connectionId|_fromCache|_request|connection|pageref|request|time|cache|comment)"\s*:'
)
"""How an entry begins in the dialects that exist; escaped quotes keep captured text from looking like it."""
EXCESS = 20
"""So many times the file's length may be read in vain while looking for the next entry."""
DECODER = json.JSONDecoder()
BROKEN = (ValueError, RecursionError)
"""Of the standard library's reader: no JSON, a number of more than 4,300 digits, a nesting without end."""


class Found(NamedTuple):
    log: dict[str, Any]
    """The log without its entries, as far as it could be read."""
    entries: list[tuple[int, Any]]
    lost: list[tuple[int, str]]
    odd: list[tuple[int, str]]


class Source:
    """A file as text that tells where in its bytes a place in the text lies. `mark`: length of the byte order mark."""

    def __init__(self, text: str, codec: str, mark: int) -> None:
        self.text, self.codec = text, codec
        self._known = (0, mark)

    def byte(self, at: int) -> int:
        """The byte offset of a place in the text; cheap where places are asked for from the front to the back."""
        known, offset = (
            self._known if self._known[0] <= at else (0, self._known[1] - self._size(0, self._known[0]))
        )
        self._known = (at, offset + self._size(known, at))
        return self._known[1]

    def _size(self, begin: int, end: int) -> int:
        return len(self.text[begin:end].encode(self.codec, "surrogateescape"))


def document(data: bytes, where: str) -> Found:
    """Everything that the file holds. `where` names it in the error."""
    source, odd = text_of(data)
    del data  # a file of a gigabyte is held once, not twice
    try:
        whole = [json.loads(source.text)]
    except BROKEN as fault:
        whole = _several(source.text)
        if not whole:
            return _pieces(source, odd, where, fault)
        odd.append((0, f"holds {len(whole)} documents one after the other; all were read"))
    log: dict[str, Any] = {}
    entries: list[Any] = []
    for one in whole:
        head, more = _listed(one)
        if more is None:
            raise InputError(
                f"{where}: is JSON, but not a HAR: it has no log.entries. Export the traffic as HAR 1.2."
            )
        log = log or head
        entries += more
    return Found(log, list(enumerate(entries)), [], odd)


def text_of(data: bytes) -> tuple[Source, list[tuple[int, str]]]:
    """The file as text. UTF-16 and UTF-32, which RFC 8259 does not allow, are read too."""
    odd: list[tuple[int, str]] = []
    codec = json.detect_encoding(data)
    if codec.startswith("utf-16-") and any(data[codec.endswith("le") : 16 : 2]):
        codec = "utf-8"  # one zero byte is damage, not UTF-16
    mark = {"utf-8-sig": 3, "utf-16": 2, "utf-32": 4}.get(codec, 0)
    plain = codec.removesuffix("-sig")
    if plain in ("utf-16", "utf-32"):
        plain += "-le" if data[:2] == b"\xff\xfe" else "-be"
    if mark:
        odd.append((0, "begins with a byte order mark, which RFC 8259 does not allow"))
    if plain != "utf-8":
        odd.append((0, f"is written in {plain.upper()}; a HAR has to be UTF-8"))
    body = data[mark:]
    try:
        return Source(body.decode(plain), plain, mark), odd
    except UnicodeDecodeError as fault:
        odd.append(
            (mark + fault.start, f"is not {plain.upper()} throughout; those bytes were kept as they are")
        )
    if plain == "utf-8":
        return Source(body.decode(plain, "surrogateescape"), plain, mark), odd
    return Source(body.decode(plain, "replace"), plain, mark), odd


def _several(text: str) -> list[Any]:
    """Documents one after the other (two HARs, or an entry a line); none if something else stands between them."""
    found, at = [], 0
    while (at := BETWEEN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        try:
            one, at = DECODER.raw_decode(text, at)
        except BROKEN:
            return []
        if _listed(one)[1] is None:
            return []
        found.append(one)
    return found


def _listed(document: Any) -> tuple[dict[str, Any], list[Any] | None]:
    """A document's log and its entries: a HAR, a bare log, a list of entries, one entry, a log under a damaged name."""
    if is_entry(document):
        return {}, [document]
    if isinstance(document, list):
        return {}, document if document and all(map(is_entry, document)) else None
    if not isinstance(document, dict):
        return {}, None
    for log in (document.get("log"), document, *document.values()):
        if isinstance(log, dict) and isinstance(log.get("entries"), list):
            return {k: v for k, v in log.items() if k != "entries"}, log["entries"]
    for log in document.values():
        for key, value in log.items() if isinstance(log, dict) else ():
            if isinstance(value, list) and value and all(map(is_entry, value)):
                return {k: v for k, v in log.items() if k != key}, value
    return {}, None


def is_entry(value: Any) -> bool:
    """Whether this can be an entry: it holds a request."""
    return isinstance(value, dict) and isinstance(value.get("request"), dict)


def _pieces(source: Source, odd: list[tuple[int, str]], where: str, fault: Exception) -> Found:
    """The entries of a damaged file, one by one."""
    text, lost, entries, number = source.text, [], [], 0
    first = ENTRIES.search(text) or BEGINS.search(text)
    if first is None:
        raise InputError(
            f"{where}: is neither whole JSON nor a HAR that was cut short: {fault}. Export it again."
        ) from fault
    at = first.end() if text[first.end() - 1] == "[" else first.start()
    log = {"creator": _creator(text, at)}
    patience = EXCESS * len(text) + 10_000_000
    while True:
        at = BETWEEN.match(text, at).end()  # type: ignore[union-attr]
        entry, end = _one(text, at)
        if entry is not None:
            entries.append((number, entry))
            number, at = number + 1, end
            continue
        begin, closed = at, text[at : at + 1] == "]"
        while entry is None:
            patience -= end - at + at // 16  # the reader's error counts lines from the front of the file
            ahead = BEGINS.search(text, at + 1) if patience > 0 else None
            if ahead is None:
                break
            at = ahead.start()
            entry, end = _one(text, at)
        if closed and (entry is None or ENTRIES.search(text, begin, at)):
            if entry is None:
                break
            continue  # the list ended, and another file's begins
        if entry is None:
            what = f"is cut short or broken after {len(entries)} whole entries, which were read"
            lost.append((source.byte(begin), what))
            return Found(log, entries, lost, odd)
        place = source.byte(begin)
        lost.append((place, f"holds a broken entry; {source.byte(at) - place} bytes are not read"))
        number += 1
    if not lost:
        place = fault.pos if isinstance(fault, json.JSONDecodeError) else at
        what = f"is cut short or broken after {len(entries)} whole entries, which were read"
        lost.append((source.byte(place), what))
    return Found(log, entries, lost, odd)


def _one(text: str, at: int) -> tuple[Any, int]:
    """The value that begins here and where it ends; None, and how far it was read, if it is broken or no entry."""
    try:
        value, end = DECODER.raw_decode(text, at)
    except json.JSONDecodeError as fault:
        return None, len(text) if fault.msg.startswith("Unterminated") else max(fault.pos, at)
    except BROKEN:
        return None, len(text)
    return (value if is_entry(value) else None), end


def _creator(text: str, end: int) -> Any:
    found = CREATOR.search(text, 0, end) or CREATOR.search(text)
    try:
        return DECODER.raw_decode(text, found.end())[0] if found else None
    except BROKEN:
        return None
