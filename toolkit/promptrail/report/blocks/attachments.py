"""Files that requests named, as a table: what the messages said of them, masked and cut; no file is opened."""

import unicodedata
from functools import cache
from typing import NamedTuple

from promptrail.findings.ledger import ledger
from promptrail.findings.prompt.attachments import Attachment, attached
from promptrail.language import say, say_n
from promptrail.report.blocks.bounded import bounded, cut
from promptrail.report.html import Part, lines, paragraph, small
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NAME, WORDS = 120, 60
"""Characters of a file name, and of a field or media type, that are shown."""


class Row(NamedTuple):
    """Files of one host, name, field and media type."""

    host: str
    files: tuple[str, ...]
    field: str
    media: str
    found: list[Attachment]


def attachments(view: View) -> Part:
    """One row for each host, file name, field and media type, hosts in the order of the page."""
    found = attached(view.case, view.runs)
    probes = view.case.probes
    mine = probes[(probes["kind"] == "file-name") & ~probes["decoy"].astype(bool)]
    declared = {
        _plain(view.mask.text(text)): probe for probe, text in zip(mine["probe"], mine["text"], strict=True)
    }
    caption = say(
        "Files that requests named in parts of multipart bodies or in the header Content-Disposition, as the messages "
        "say. No file was opened: what is written inside one, such as place, device or author (EXIF, document "
        "properties), was not read. A file that was sent otherwise, as inside JSON, is not in this table."
    )
    none = say(
        "No request that could be read named a file in a multipart body or in the header Content-Disposition. A file "
        "that was sent otherwise, as inside JSON, would not be found here. Unread: {unread}.",
        unread=ledger(view.case, view.runs).figure() if not found.files else "",
    )
    table = bounded(
        _rows(view, found.files),
        [
            (say("Host"), "r h", lambda r: wrap(r.host)),
            (say("File name"), "h", lambda r: lines(_file(name, declared) for name in r.files)),
            (say("Field"), "h", lambda r: wrap(cut(r.field, WORDS)) if r.field else say("none named")),
            (
                say("Declared type"),
                "h",
                lambda r: wrap(cut(r.media, WORDS)) if r.media else say("none declared"),
            ),
            (say("Size, bytes"), "n", lambda r: _size(r.found)),
            (
                say("Runs"),
                "n",
                lambda r: say("{found} of {all}", found=len({f.run for f in r.found}), all=len(view.runs)),
            ),
            (say("Requests"), "n", lambda r: f"{len({f.flow for f in r.found}):,}"),
        ],
        caption,
        none,
    )
    if not found.unread:
        return Part(table)
    told = say_n(
        "{n:,} multipart request could not be taken apart to its end; files in it may be missing here.",
        "{n:,} multipart requests could not be taken apart to their end; files in them may be missing here.",
        found.unread,
    )
    return Part(join([table, paragraph(told, "" if found.files else "none")]))


def _rows(view: View, files: list[Attachment]) -> list[Row]:
    text, host = cache(view.mask.text), cache(view.host_name)  # the same names come again and again
    groups: dict[tuple[str, tuple[str, ...], str, str], list[Attachment]] = {}
    for one in files:
        named = (host(one.host), tuple(map(text, one.files)), text(one.field), text(one.media))
        groups.setdefault(named, []).append(one)
    order = {host: n for n, host in enumerate(view.hosts)}
    rows = [Row(*key, found) for key, found in groups.items()]
    return sorted(rows, key=lambda r: (order.get(r.host, len(order)), *r[:4]))


def _plain(text: str) -> str:
    """A name as it is compared: systems write the same letters composed or not (UAX #15)."""
    return unicodedata.normalize("NFC", text)


def _file(name: str, declared: dict[str, str]) -> Html:
    if not name:
        return Html.escape(say("none: it is empty"))
    shown = wrap(cut(name, NAME))
    probe = declared.get(_plain(name))
    return join([shown, small(say("as declared: {probe}", probe=probe))]) if probe else shown


def _size(found: list[Attachment]) -> str:
    """Least and most; a message that ends within the file gives a lower bound."""
    sizes = [one.size for one in found if one.size is not None]
    if len(sizes) < len(found):
        return say("not known")
    told = f"{min(sizes):,}"
    if max(sizes) > min(sizes):
        told = say("{least:,} to {most:,}", least=min(sizes), most=max(sizes))
    return told if all(one.whole for one in found) else say("at least {n}", n=told)
