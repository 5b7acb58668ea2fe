"""Who stands behind each host: four columns that are never merged, each with its source and date; and where the names
that a connection gave do not agree."""

from functools import partial

import pandas as pd

from promptrail import frames
from promptrail.findings.recipients import conflicts as mismatches
from promptrail.findings.recipients import hosts
from promptrail.report.html import Cell, Part, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import COLOURS, PLURAL, QUESTIONS, Host, View, known

HEADS = ("Domain owner", "Service operator", "Network operator", "Country of the address")


def recipients(view: View) -> Part:
    """One row for each host. An answer that nobody gave is "not known", never a guess from its neighbour."""
    columns: list[tuple[str, str, Cell]] = [("Host", "r h", _name)]
    columns += [
        (head, "", partial(_answers, question=question))
        for head, question in zip(HEADS, QUESTIONS, strict=True)
    ]
    columns.append(("Source, as of", "", _sources))
    caption = (
        "Who stands behind each host: blue the app's maker, orange another company, grey not known. "
        "Below an operator: where it is established, and its group. No column says where data is stored."
    )
    return Part(table(view.hosts.values(), columns, caption))


def amounts(view: View) -> Part:
    """What each host was sent and sent back, as far as it could be read."""
    rows = hosts(view.case, view.runs)
    flows = view.case.flows[view.case.flows["run"].isin(view.runs)]
    order = list(view.hosts)
    rows["name"] = [view.host_name(h) for h in rows["host"]]
    found = sorted(frames.rows(rows), key=lambda r: order.index(r.name))
    kinds = view.sightings.groupby("host")["kind"].agg(
        lambda k: ", ".join(PLURAL[x] for x in PLURAL if x in set(k))
    )
    return Part(
        table(
            found,
            [
                ("Host", "r h", lambda r: _name(view.hosts[r.name])),
                ("Requests", "n", lambda r: f"{r.requests:,}" if r.requests else "none read"),
                ("Bodies sent, bytes", "n", lambda r: _sum(flows, r.host, "request_length")),
                ("Bodies received, bytes", "n", lambda r: _sum(flows, r.host, "response_length")),
                ("Unread connections", "n", lambda r: f"{r.unread_connections:,}"),
                ("Seen in what was read", "", lambda r: kinds.get(r.name, "0" if r.requests else "?")),
                ("Addresses", "h", lambda r: lines(wrap(a) for a in list(r.addresses)[:6])),
            ],
            "What each host was sent. Bytes are those of bodies that were read; what was not read is in notebook 09.",
        )
    )


def _sum(flows: pd.DataFrame, host: str, column: str) -> str:
    """Bytes of a host's bodies; where the capture does not hold some of them, the sum is a bound and says so."""
    sizes = flows.loc[flows["host"] == host, column]
    if not sizes.notna().any():
        return "not known" if len(sizes) else "?"
    return f"{'at least ' if sizes.isna().any() else ''}{int(sizes.sum()):,}"


def conflicts(view: View) -> Part:
    """Where the host that was asked for, the TLS server name and the certificate do not agree."""
    found = mismatches(view.case, view.runs)
    return Part(
        table(
            found,
            [
                ("Host asked for", "r h", lambda c: wrap(view.host_name(c["host"]))),
                ("Compared with", "", lambda c: c["what"]),
                ("Which says", "h", lambda c: wrap(view.mask.text(c["says"]))),
            ],
            "Names that do not agree: host asked for, TLS server name (SNI), names in the certificate.",
            none="Wherever the capture holds them, host, TLS server name and certificate agree.",
        )
    )


def _name(host: Host) -> Html:
    role = next((str(r["role"]) for rows in host.answers.values() for r in rows if known(r.get("role"))), "")
    dot = Html('<i class="dot" style="background:{}"></i>').format(COLOURS[host.holder])
    return join([dot, wrap(host.host), small(role) if role else ""])


def _answers(host: Host, question: str) -> Html:
    rows = [r for r in host.answers.get(question, []) if known(r["answer"])]
    if not rows:
        return Html('<span class="unknown">not known</span>')
    shown: list[Html] = []
    for row in rows:
        about = ("country", "group") if question == "service_operator" else ()
        more = [str(row[k]) for k in about if known(row.get(k)) and row.get(k) != row["answer"]]
        shown.append(join([Html.escape(str(row["answer"])), small(", ".join(more)) if more else ""]))
    return lines(dict.fromkeys(shown))


def _sources(host: Host) -> Html:
    found = []
    for question in QUESTIONS:
        for row in host.answers.get(question, []):
            if known(row["answer"]) and known(row.get("source")):
                date = (
                    Html('<br><small class="date">{}</small>').format(row["as_of"])
                    if known(row.get("as_of"))
                    else ""
                )
                found.append(join([wrap(row["source"]), date]))
    return lines(dict.fromkeys(found)) if found else Html("")
