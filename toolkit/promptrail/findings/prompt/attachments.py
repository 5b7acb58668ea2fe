"""Files that requests named: the messages of some runs in, what each said of a file that it carried out.

Read are the parts of multipart bodies that have a file name (RFC 7578; RFC 2046), and requests whose header
Content-Disposition has one (RFC 6266). Only bodies that say that they are multipart are loaded. It is what the message
said: no file is opened. The decoder of multipart gives values and their places, and passes over a part that is empty
and a name without quotation marks; a list of files must not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail.case import Case
from promptrail.decode.compressed import undone
from promptrail.decode.multipart import BOUNDARY
from promptrail.decode.parts import body_part
from promptrail.trace.rows import headers_of

DISPOSITION = b"content-disposition"
HEAD = 1 << 16
"""Bytes of a part within which its head must end, and of a header that are read."""
PARTS, NESTED = 10_000, 3
"""Parts of one body that are looked at, and how deep multipart may stand in multipart."""
GAP = re.compile(rb"\r?\n\r?\n")
FIELD = re.compile(rb"^(content-disposition|content-type):[ \t]*((?:[^\r\n]|\r?\n[ \t])*)", re.I | re.M)
PARAMETER = re.compile(
    rb"(?:^|;)\s*([!#$&+.^_`|~0-9A-Za-z-]{1,40})(?:\*([0-9]{1,3}))?(\*)?\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;]*))",
    re.S,
)
"""Of any name, so that nothing inside the quotation marks of one is taken for another."""
QUOTED = re.compile(rb'\\(["\\])')
"""Other backslashes stay: some senders write whole paths of Windows (WHATWG HTML, multipart form data)."""


class Named(NamedTuple):
    """What one Content-Disposition says."""

    files: tuple[str, ...]
    """File names, each once: extended ones (filename*) first, as RFC 6266 section 4.3 prefers them; empty: none."""
    field: str


class Attachment(NamedTuple):
    """One file that one request named, in the words of the message: not masked, not cut."""

    flow: str
    run: str
    host: str | None
    files: tuple[str, ...]
    field: str
    """Name of the form field; empty: none was given."""
    media: str
    """Declared media type without parameters; empty: none was declared."""
    size: int | None
    """Bytes of its content as the message carries it; None: not known."""
    whole: bool
    """False: the message ends within it, so that it was longer."""


class Attached(NamedTuple):
    """Those of some runs, in the order of the frames."""

    files: list[Attachment]
    unread: int
    """Multipart requests that could not be taken apart to their end."""


class _Part(NamedTuple):
    named: Named
    media: str
    size: int | None
    whole: bool


def attached(case: Case, runs: Iterable[str]) -> Attached:
    """Files that requests of these runs named."""
    chosen = pa.array(sorted(runs), pa.string())
    flows = case.table("flows", ["flow", "run", "host", "request_headers", "request_length", "request_body"])
    flows = flows.filter(pc.is_in(flows["run"], value_set=chosen))
    hosts = dict(zip(flows["flow"].to_pylist(), flows["host"].to_pylist(), strict=True))
    files, unread = _in_bodies(case, chosen, hosts)
    return Attached([*files, *_in_headers(flows)], unread)


def _in_bodies(case: Case, runs: pa.Array, hosts: dict[str, str | None]) -> tuple[list[Attachment], int]:
    names = ["flow", "run", "direction", "part", "body", "complete", "media", "coding"]
    sent = case.table("messages", names)
    asked = pc.and_(pc.equal(sent["direction"], "request"), pc.equal(sent["part"], "body"))
    said = pc.starts_with(pc.utf8_ltrim_whitespace(sent["media"]), "multipart/", ignore_case=True)
    rows = sent.filter(pc.and_(pc.and_(asked, said), pc.is_in(sent["run"], value_set=runs))).to_pylist()
    carried: dict[str, dict[tuple[str, str | None], tuple[list[_Part], bool]]] = {}
    for row in rows:
        if row["body"] is not None:
            carried.setdefault(row["body"], {})[row["media"], row["coding"]] = ([], False)
    for sha256, data in _bodies(case, set(carried)):
        for media, coding in carried[sha256]:
            plain, faults = undone(data, body_part(data, "body", "request", media, coding).layer.encodings)
            parts, whole = _parts(plain, media)
            carried[sha256][media, coding] = (parts, whole and not faults)
    files, unread = [], 0
    for row in rows:
        parts, whole = carried.get(row["body"], {}).get((row["media"], row["coding"]), ([], False))
        unread += not (whole and row["complete"])
        for one in parts:
            files.append(
                Attachment(
                    row["flow"],
                    row["run"],
                    hosts.get(row["flow"]),
                    one.named.files,
                    one.named.field,
                    one.media,
                    one.size,
                    one.whole,
                )
            )
    return files, unread


def _in_headers(flows: pa.Table) -> Iterator[Attachment]:
    """Requests that are one file as a whole, by their header."""
    column = flows["request_headers"].combine_chunks()
    names = pc.list_flatten(column).field("name").dictionary_encode()
    wanted = [n for n, name in enumerate(names.dictionary.to_pylist()) if name.lower() == DISPOSITION]
    lines = pc.is_in(names.indices, value_set=pa.array(wanted, names.indices.type))
    for row in flows.take(pc.unique(pc.list_parent_indices(column).filter(lines))).to_pylist():
        headers = {name.lower(): value for name, value in reversed(headers_of(row["request_headers"]))}
        named = disposition(headers[DISPOSITION])
        size = None if row["request_body"] is None else row["request_length"]
        if named.files:
            media = _media(headers.get(b"content-type", b""))
            yield Attachment(row["flow"], row["run"], row["host"], named.files, "", media, size, True)


def _bodies(case: Case, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """(SHA-256, bytes) of some bodies; row groups that hold none of them are passed over."""
    if not wanted:
        return
    held: list[bytes] = []
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as file:
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["sha256"])["sha256"].to_pylist()
            if wanted.isdisjoint(names):
                continue
            part = file.read_row_group(group, columns=["sha256", "length", "at", "data"])
            for row in part.filter(pc.is_in(part["sha256"], value_set=pa.array(sorted(wanted)))).to_pylist():
                held.append(row["data"])
                if row["at"] + len(row["data"]) >= row["length"]:
                    yield row["sha256"], b"".join(held)
                    held = []


def _parts(data: bytes, media: str, depth: int = 0) -> tuple[list[_Part], bool]:
    """The parts with a file name, and whether the body was taken apart to its closing line."""
    boundary = BOUNDARY.search(media)
    if boundary is None or depth >= NESTED:
        return [], False
    mark = re.escape(boundary[1].encode("latin-1", "replace"))
    line = re.compile(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    out: list[_Part] = []
    begin = None
    for number, found in enumerate(line.finditer(data)):
        if begin is not None:
            out += _part(data, begin, found.start(), True, depth)
        if found[1] or number >= PARTS:
            return out, bool(found[1])
        begin = found.end()
    if begin is not None:
        out += _part(data, begin, len(data), False, depth)
    return out, False


def _part(data: bytes, begin: int, end: int, whole: bool, depth: int) -> list[_Part]:
    """One part as a list of one, those in it where it is multipart itself, none where it names no file."""
    near = min(end, begin + HEAD)
    gap = GAP.search(data, begin, near)
    head = data[begin : gap.start() if gap else near]
    said = {found[1].lower(): b" ".join(found[2].split()) for found in FIELD.finditer(head)}
    kind = said.get(b"content-type", b"")
    if gap and kind[:10].lower() == b"multipart/":
        return _parts(data[gap.end() : end], kind.decode("latin-1"), depth + 1)[0]
    named = disposition(said.get(DISPOSITION, b""))
    size = end - gap.end() if gap else 0 if whole and near == end else None
    if not named.files or not (size or size is None or any(named.files)):  # a field for a file, left empty
        return []
    return [_Part(named, _media(kind), size, whole)]


def disposition(value: bytes) -> Named:
    """Field and file names of a Content-Disposition (RFC 6266, RFC 8187; continuations: RFC 2231). Never raises."""
    field, plain, extended = "", [], []
    pieces: dict[int, tuple[bytes, bool]] = {}
    for found in PARAMETER.finditer(value[:HEAD]):
        raw = found[5].strip(b' \t\r\n"') if found[4] is None else QUOTED.sub(rb"\1", found[4])
        match found[1].lower(), found[2], found[3]:
            case b"name", None, None:
                field = field or raw.decode("utf-8", "replace")
            case b"filename", None, None:
                plain.append(raw.decode("utf-8", "replace"))
            case b"filename", None, _:
                extended.append(_extended(raw))
            case b"filename", number, star:
                pieces.setdefault(int(number), (raw, bool(star)))
    if pieces:
        extended.append(_continued(pieces))
    return Named(tuple(dict.fromkeys([*extended, *plain])), field)


def _continued(pieces: dict[int, tuple[bytes, bool]]) -> str:
    """A name in numbered pieces, of which each may be percent-encoded; the first names the charset."""
    charset = b"utf-8"
    out = b""
    for number, (raw, encoded) in sorted(pieces.items()):
        if encoded and number == min(pieces) and raw.count(b"'") >= 2:
            charset, _, raw = raw.split(b"'", 2)
        out += unquote_to_bytes(raw) if encoded else raw
    return _text(out, charset)


def _extended(raw: bytes) -> str:
    charset, _, rest = raw.split(b"'", 2) if raw.count(b"'") >= 2 else (b"utf-8", b"", raw)
    return _text(unquote_to_bytes(rest), charset)


def _text(data: bytes, charset: bytes) -> str:
    """Text in the charset that a message names, if Python knows it as one of text, else in UTF-8."""
    try:
        return data.decode(charset.decode("ascii"), "replace")
    except (LookupError, ValueError):  # `bytes.decode` refuses codecs that are not of text, as zlib
        return data.decode("utf-8", "replace")


def _media(value: Any) -> str:
    return str(value.decode("latin-1").partition(";")[0].strip().lower())
