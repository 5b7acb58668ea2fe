"""Requests and answers apart: the sightings of one direction in, one row for each host, kind, place and tier out."""

import re
from typing import NamedTuple

import pandas as pd

from promptrail.findings.ledger import ledger
from promptrail.findings.prompt.answers import unread
from promptrail.findings.prompt.titles import like_a_title
from promptrail.findings.words import listed
from promptrail.language import say, say_n
from promptrail.report.blocks.bounded import bounded, cut
from promptrail.report.html import Part, paragraph, small
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import PLURAL, TIERS, View

NUMBER = re.compile(r"(?<=[/ \[])\d+(?=[/, \]]|\Z)")
"""A place in a list, the number of an event or message, an id as a key: hundreds of sightings become one row."""
FIELDS = re.compile(r"(?:/\d+)+\Z")
"""A path of Protocol Buffers, whose numbers are names of fields (or of lists in lists; they stay, too)."""
PATH, HOSTS = 200, 8
"""Characters of a path that are shown, and hosts that a sentence names."""


class Row(NamedTuple):
    """Sightings that share host, kind of value, place and tier."""

    host: str
    kind: str
    part: str
    path: str
    title: bool
    """Of an answer: its field is named like the title of a chat."""
    tier: str
    hits: pd.DataFrame


def requests(view: View) -> Part:
    """Where in requests the values stood."""
    left = ledger(view.case, view.runs).figure()
    none = say("No value was seen in what could be read of requests. Unread: {unread}.", unread=left)
    caption = say(
        "Values in requests: what the app sent. A number in a path, such as a place in a list, stands as *."
    )
    return Part(_table(view, _rows(view, view.sightings), caption, none))


def answers(view: View) -> Part:
    """Where in answers the values stood, and what of the answers was not read."""
    rows = _rows(view, view.answers, titles=True)
    caption = say(
        "Values in answers: what servers sent to the app. An answer that holds what was typed shows that its host had "
        "it when it answered, be it from the same request; it is no transfer to anybody else, and no row counts in the "
        "verdict. “Named like a chat title” goes by the name of the field alone."
    )
    none = say("No value was seen in what could be read of answers.")
    parts = [_table(view, rows, caption, none)]
    if len(view.probes):
        parts.append(paragraph(" ".join(_beside(view, rows)), "" if rows else "none"))
    return Part(join(parts))


def _beside(view: View, rows: list[Row]) -> list[str]:
    """What the table does not show."""
    told = []
    if alone := sorted({row.host for row in rows} - set(view.sightings["host"])):
        named = [*alone[:HOSTS], *([say("{n} more", n=len(alone) - HOSTS)] if alone[HOSTS:] else [])]
        told.append(
            say_n(
                "No request of these runs was seen to carry a value to {hosts}, so how it came there was not seen.",
                "No request of these runs was seen to carry a value to {hosts}, so how they came there was not seen.",
                len(alone),
                hosts=listed(named),
            )
        )
    told.append(say("A title or a summary in other words than those looked for is not found."))
    if left := unread(view.case, view.runs):
        told.append(say("Of answers this was not read, and may hold more: {unread}.", unread=left))
    return told


def _table(view: View, rows: list[Row], caption: str, none: str) -> Html:
    if not len(view.probes):
        return paragraph(say("No probe is declared, so nothing was looked for."), "none")
    declared = view.probes.groupby("kind").size()
    columns = [
        (say("Host"), "r h", lambda r: wrap(r.host)),
        (say("What"), "", lambda r: say(PLURAL.get(r.kind, r.kind))),
        (say("Where it stood"), "h", _where),
        (say("Tier"), "", lambda r: say(r.tier)),
        (say("Values"), "n", lambda r: _of(r.hits["probe"].nunique(), int(declared.get(r.kind, 0)))),
        (say("Runs"), "n", lambda r: _of(r.hits["run"].nunique(), len(view.runs))),
        (say("Sightings"), "n", lambda r: f"{len(r.hits):,}"),
        (say("The first"), "id", lambda r: r.hits["id"].iloc[0]),
    ]
    return bounded(rows, columns, caption, none)


def _of(found: int, every: int) -> str:
    return say("{found} of {all}", found=found, all=every)


def _where(row: Row) -> Html:
    mark = [small(say("named like a chat title"))] if row.title else []
    return join([wrap(f"{say(row.part)} {row.path}"), *mark])


def _rows(view: View, frame: pd.DataFrame, titles: bool = False) -> list[Row]:
    """In the order of the page: hosts, kinds, parts, paths, tiers; by codes, so that it is the same in any language."""
    keys = list(zip(frame["path"], ("protobuf" in chain for chain in frame["chain"]), strict=True))
    shown = {key: cut(general(view.mask.text(key[0]), key[1]), PATH) for key in set(keys)}
    told = frame.assign(
        shown=[shown[key] for key in keys], title=[titles and like_a_title(path) for path, _ in keys]
    )
    found = [
        Row(str(host), str(kind), str(part), str(path), bool(title), str(tier), hits)
        for (host, kind, part, path, title, tier), hits in told.groupby(
            ["host", "kind", "part", "shown", "title", "tier"], sort=True, observed=True
        )
    ]
    hosts, kinds = {h: n for n, h in enumerate(view.hosts)}, list(PLURAL)
    return sorted(
        found,
        key=lambda r: (
            hosts.get(r.host, len(hosts)),
            r.host,
            kinds.index(r.kind) if r.kind in kinds else len(kinds),
            r.part,
            r.path,
            TIERS.index(r.tier),
        ),
    )


def general(path: str, protobuf: bool = False) -> str:
    """A path of a sighting without the numbers of its lists: `event * > /choices/*/text`."""
    layers = path.split(" > ")
    return " > ".join(
        layer if protobuf and FIELDS.fullmatch(layer) else NUMBER.sub("*", layer) for layer in layers
    )
