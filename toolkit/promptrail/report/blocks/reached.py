"""What reached which host, in numbers: the table under the flow picture, and the matrix of hosts by kind of probe."""

from typing import Any

import pandas as pd

from promptrail.language import mark, say, say_n
from promptrail.report.html import TABLE_HEAD, Part, framed, paragraph, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import MAKER, OTHER, PLURAL, SCOPES, TIERS, UNKNOWN, View, way

UNREAD = {"all": "0", "part": "0+?", "none": "?"}
"""Zero is not unread: these are three different cells."""

PARTY = {MAKER: mark("first"), OTHER: mark("third"), UNKNOWN: mark("not known")}
"""By who holds the host: the app's maker, another company, nobody knows."""


def table_reached(view: View) -> Part:
    """One row for each host, kind, tier and way of wrapping; the numbers of the flow picture."""
    frame = view.sightings.assign(
        way=[way(p, c) for p, c in zip(view.sightings["part"], view.sightings["chain"], strict=True)]
    )
    order = {h: n for n, h in enumerate(view.hosts)}
    kinds = list(PLURAL)
    groups: list[tuple[Any, ...]] = []
    for key, part in frame.groupby(["host", "kind", "tier", "way"], sort=True, observed=True):
        groups.append((*key, part))
    groups.sort(key=lambda g: (order.get(g[0], 9999), kinds.index(g[1]), TIERS.index(g[2]), g[3]))
    declared = view.probes.groupby("kind").size()
    runs = len(view.runs)
    return Part(
        table(
            groups,
            [
                (say("Host"), "r h", lambda g: wrap(g[0])),
                (say("What"), "", lambda g: say(PLURAL[g[1]])),
                (say("Tier"), "", lambda g: say(g[2])),
                (say("How it was wrapped"), "h", lambda g: wrap(view.mask.text(g[3]))),
                (say("Values"), "n", lambda g: _of(g[4]["probe"].nunique(), declared.get(g[1], 0))),
                (say("Runs"), "n", lambda g: _of(g[4]["run"].nunique(), runs)),
                (say("Sightings"), "n", lambda g: f"{len(g[4]):,}"),
            ],
            say("The numbers of the picture."),
            none=say("No value was seen in what could be read, so there are no numbers."),
        )
    )


def _of(found: int, every: int) -> str:
    return say("{found} of {all}", found=found, all=every)


def matrix(view: View) -> Part:
    """Hosts by kind of probe: each tier counted by itself, and three different cells for none, none yet, unread."""
    kinds = view.kinds
    heads = []
    for kind in kinds:
        values = int((view.probes["kind"] == kind).sum())
        heads.append(
            Html('<th scope="col">{}<br><small>{}</small></th>').format(
                say(PLURAL.get(kind, kind)), say_n("{n} value", "{n} values", values)
            )
        )
    rows = []
    for host in _rows(view):
        cells = [_cell(view, host, kind) for kind in kinds]
        row = Html('<tr><th scope="row" class="h">{}</th><td>{}</td>{}</tr>')
        rows.append(row.format(wrap(host), say(PARTY[view.holder(host)]), join(cells)))
    if not rows or not kinds:
        return Part(paragraph(say("No probe is declared, so there is nothing to compare."), "none"))
    caption = say(
        "Sightings by host and kind of value. Under each count the tier and the part of the message that held it."
    )
    whole = Html(
        '<table class="matrix">'
        + TABLE_HEAD
        + "{}</span></caption><thead><tr><th scope='col'>{}</th><th scope='col'>{}</th>{}</tr></thead>"
        "<tbody>{}</tbody></table>"
    ).format(caption, say("Host"), say("Party"), join(heads), join(rows))
    key = Html(
        '<p class="key"><span class="m-whole">{}</span> <span class="m-part">{}</span> '
        '<span class="m-digest">{}</span> <span class="m-none">0</span> {} '
        '<span class="m-unread"><span>0+?</span></span> {} '
        '<span class="m-unread"><span>?</span></span> {}</p>'
    ).format(
        say("whole"),
        say("part"),
        say("digest"),
        say("none seen, all traffic read"),
        say("none seen, some traffic unread"),
        say("nothing could be read"),
    )
    return Part(join([framed(whole, caption), key]))


def _rows(view: View) -> list[str]:
    """The hosts with a sighting, then those that could not be read in full; the rest only repeats zeros."""
    seen = set(view.sightings["host"])
    hosts = view.hosts
    shown = [h for h in hosts if h in seen or hosts[h].reading != "all"]
    return shown or list(hosts)[:20]


def _cell(view: View, host: str, kind: str) -> Html:
    frame = view.sightings
    hits = frame[(frame["host"] == host) & (frame["kind"] == kind)]
    if hits.empty:
        found = view.hosts.get(host)
        reading = found.reading if found else "all"
        if reading == "all":
            return Html('<td class="m-none">0</td>')
        return Html('<td class="m-unread"><span>{}</span></td>').format(UNREAD[reading])
    lines = []
    for tier in TIERS:
        part = hits[hits["tier"] == tier]
        if len(part):
            parts = ", ".join(map(say, sorted(set(part["part"]))))
            lines.append(
                Html("<b>{}</b><br><small>{}<br>{}</small>").format(f"{len(part):,}", say(tier), parts)
            )
    return Html('<td class="m-{}">{}</td>').format(SCOPES[_strongest(hits)], join(lines, "<br>"))


def _strongest(hits: pd.DataFrame) -> str:
    present = set(hits["tier"])
    return next(t for t in TIERS if t in present)
