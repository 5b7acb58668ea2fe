"""Identifiers in full: the facts of finding 06 in, tables of declared values, named fields and bridges out.

All of it is masked by the finding. A value that was seen nowhere has its row too.
"""

from typing import Any

from promptrail.findings.identifiers.bridges import ANSWER, COOKIE, NO_TIMES, REQUEST
from promptrail.language import mark, say
from promptrail.report.html import Part, folded, lines, small, table
from promptrail.report.text import Html, join, phrase, wrap
from promptrail.report.view import COLOURS, UNKNOWN, View

FIRST = {
    NO_TIMES: mark("not known: no times {host}"),
    COOKIE: mark("given out in a cookie of {host}"),
    ANSWER: mark("given out in an answer of {host}"),
    REQUEST: mark("first seen in a request to {host}"),
}
"""How a value was met first, with where."""


def values(view: View) -> Part:
    """One row for each declared value, host and tier: form, place, runs, whether it lasts, how well it tells."""
    facts: Any = view.finding.facts
    seen = {row["probe"] for row in facts["values"]}
    shared = {tuple(pair) for pair in facts["shared"]}
    rows = [row | {"shared": (row["probe"], row["host"]) in shared} for row in facts["values"]]
    rows += [row for row in facts["declared"] if row["probe"] not in seen]
    order = {row["probe"]: n for n, row in enumerate(facts["declared"])}
    rows.sort(key=lambda row: order[row["probe"]])
    return Part(
        table(
            rows,
            [
                (say("Value"), "r", lambda r: join([Html.escape(r["probe"]), small(_kind(r))])),
                (say("Host"), "h", lambda r: _host(view, r["host"]) if "host" in r else say("nowhere")),
                (say("Tier"), "", lambda r: say(r.get("tier", "–"))),
                (
                    say("Form"),
                    "h",
                    lambda r: lines(wrap(form.replace(" > ", " › ")) for form in r.get("form", [])),
                ),
                (say("Where"), "h", lambda r: lines(wrap(place) for place in r.get("places", []))),
                (say("Does it last?"), "", _lasting),
                (say("How well it tells"), "", lambda r: r["strength"]),
            ],
            say(
                "Each declared value at each host; tiers apart. A digest names the algorithm and what was hashed."
            ),
            none=say("No identifier, e-mail address or phone number is declared."),
        )
    )


def _kind(row: dict[str, Any]) -> str:
    shown = str(row["value"])
    return say(row["kind"]) if shown.startswith("[") else f"{say(row['kind'])} {shown}"


def _lasting(row: dict[str, Any]) -> object:
    if "lasting" not in row:
        return "–"
    if row["shared"]:
        return join([row["lasting"], small(say("also sent there by another app"))])
    return row["lasting"]


def _host(view: View, host: str) -> Html:
    name = view.host_name(host)
    known = view.hosts.get(name)
    dot = Html('<i class="dot" style="background:{}"></i>').format(
        COLOURS[known.holder if known else UNKNOWN]
    )
    who = known.best("service_operator") or known.best("domain_owner") if known else None
    return join([dot, wrap(name), small(who or say("holder not known"))])


def named_fields(view: View) -> Part:
    """One row for each host and meaning, folded where there are many."""
    facts: Any = view.finding.facts
    rows = facts["named_fields"]
    body = table(
        rows,
        [
            (say("Named like"), "r", lambda r: join([Html.escape(say(r["term"])), small(say(r["class"]))])),
            (say("Host"), "h", lambda r: _host(view, r["host"])),
            (say("Fields"), "h", lambda r: lines(wrap(path) for path in r["paths"])),
            (say("Values"), "h", _values),
            (say("Runs"), "n", lambda r: say("{n} of {all}", n=r["runs"], all=r["of"])),
            (say("Requests"), "n", lambda r: f"{r['requests']:,}"),
            (say("Grade"), "", lambda r: r["grade"]),
        ],
        say("Fields that their sender named like a value of device, account or setting: a name is no proof."),
        none=say("No field was named like a value of device, account or setting."),
    )
    if len(rows) <= 40:
        return Part(body)
    return Part(folded(say("{n} rows, by host and meaning", n=len(rows)), body))


def _values(row: dict[str, Any]) -> Html:
    shown = [wrap(value) for value in row["values"]]
    if row["different"] > 1:
        shown.append(small(say("{n} different", n=row["different"])))
    if row["weak"]:
        shown.append(small(row["weak"]))
    return join([lines(shown[: len(row["values"])]), *shown[len(row["values"]) :]])


def bridges(view: View) -> Part:
    """Values that two organisations were shown, and who showed each first."""
    facts: Any = view.finding.facts
    return Part(
        table(
            facts["bridges"],
            [
                (
                    say("Value"),
                    "r",
                    lambda r: join(
                        [
                            Html.escape(r["probe"] or r["value"]),
                            small(say("about {bits:.0f} bits", bits=r["bits"])),
                        ]
                    ),
                ),
                (
                    say("First"),
                    "h",
                    lambda r: join(
                        [
                            phrase(FIRST[r["how"]], host=wrap(view.host_name(r["first"]))),
                            small(r["first_by"]),
                        ]
                    ),
                ),
                (say("Met at"), "h", lambda r: lines(_met(view, host) for host in r["hosts"])),
                (say("Organisations"), "n", lambda r: f"{len(r['organisations'])}"),
            ],
            say(
                "The same value at two organisations and more; whether they join it on a server is not seen."
            ),
            none=say("No value of 40 bits and more was met at hosts of two organisations."),
        )
    )


def _met(view: View, host: dict[str, Any]) -> Html:
    who = host["who"] if host["known"] else say("holder not known, {domain}", domain=host["who"])
    return join(
        [
            wrap(view.host_name(host["host"])),
            Html(" <small>{}, {}, {}</small>").format(who, say(host["direction"]), host["place"]),
        ]
    )
