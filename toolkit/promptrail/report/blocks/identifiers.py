"""Identifiers in full: the facts of finding 06 in, tables of declared values, named fields and bridges out.

All of it is masked by the finding. A value that was seen nowhere has its row too.
"""

from typing import Any

from promptrail.report.html import Part, folded, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import COLOURS, UNKNOWN, View


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
                ("Value", "r", lambda r: join([Html.escape(r["probe"]), small(_kind(r))])),
                ("Host", "h", lambda r: _host(view, r["host"]) if "host" in r else "nowhere"),
                ("Tier", "", lambda r: r.get("tier", "–")),
                (
                    "Form",
                    "h",
                    lambda r: lines(wrap(form.replace(" > ", " › ")) for form in r.get("form", [])),
                ),
                ("Where", "h", lambda r: lines(wrap(place) for place in r.get("places", []))),
                ("Does it last?", "", _lasting),
                ("How well it tells", "", lambda r: r["strength"]),
            ],
            "Each declared value at each host; tiers apart. A digest names the algorithm and what was hashed.",
            none="No identifier, e-mail address or phone number is declared.",
        )
    )


def _kind(row: dict[str, Any]) -> str:
    shown = str(row["value"])
    return row["kind"] if shown.startswith("[") else f"{row['kind']} {shown}"


def _lasting(row: dict[str, Any]) -> object:
    if "lasting" not in row:
        return "–"
    return (
        join([row["lasting"], small("also sent there by another app")]) if row["shared"] else row["lasting"]
    )


def _host(view: View, host: str) -> Html:
    name = view.host_name(host)
    known = view.hosts.get(name)
    dot = Html('<i class="dot" style="background:{}"></i>').format(
        COLOURS[known.holder if known else UNKNOWN]
    )
    who = known.best("service_operator") or known.best("domain_owner") if known else None
    return join([dot, wrap(name), small(who or "holder not known")])


def named_fields(view: View) -> Part:
    """One row for each host and meaning, folded where there are many."""
    facts: Any = view.finding.facts
    rows = facts["named_fields"]
    body = table(
        rows,
        [
            ("Named like", "r", lambda r: join([Html.escape(r["term"]), small(r["class"])])),
            ("Host", "h", lambda r: _host(view, r["host"])),
            ("Fields", "h", lambda r: lines(wrap(path) for path in r["paths"])),
            ("Values", "h", _values),
            ("Runs", "n", lambda r: f"{r['runs']} of {r['of']}"),
            ("Requests", "n", lambda r: f"{r['requests']:,}"),
            ("Grade", "", lambda r: r["grade"]),
        ],
        "Fields that their sender named like a value of device, account or setting: a name is no proof.",
        none="No field was named like a value of device, account or setting.",
    )
    return Part(folded(f"{len(rows)} rows, by host and meaning", body)) if len(rows) > 40 else Part(body)


def _values(row: dict[str, Any]) -> Html:
    shown = [wrap(value) for value in row["values"]]
    if row["different"] > 1:
        shown.append(small(f"{row['different']} different"))
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
                    "Value",
                    "r",
                    lambda r: join([Html.escape(r["probe"] or r["value"]), small(f"about {r['bits']} bits")]),
                ),
                (
                    "First",
                    "h",
                    lambda r: join([f"{r['how']} ", wrap(view.host_name(r["first"])), small(r["first_by"])]),
                ),
                ("Met at", "h", lambda r: lines(_met(view, host) for host in r["hosts"])),
                ("Organisations", "n", lambda r: f"{len(r['organisations'])}"),
            ],
            "The same value at two organisations and more; whether they join it on a server is not seen.",
            none="No value of 40 bits and more was met at hosts of two organisations.",
        )
    )


def _met(view: View, host: dict[str, Any]) -> Html:
    who = host["who"] if host["known"] else f"holder not known, {host['who']}"
    return join(
        [
            wrap(view.host_name(host["host"])),
            Html(" <small>{}, {}, {}</small>").format(who, host["direction"], host["place"]),
        ]
    )
