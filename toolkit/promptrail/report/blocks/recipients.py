"""Who stands behind each host: columns that are never merged, each cell with its source, date and licence; what each
host was sent; and where the parts of the capture do not agree about it."""

from functools import partial

import pandas as pd

from promptrail import frames
from promptrail.attribute.rows import DISPUTED, NOT_DETERMINABLE, NOT_KNOWN
from promptrail.findings.recipients.finding import conflicts as mismatches
from promptrail.findings.recipients.finding import hosts
from promptrail.language import mark, say
from promptrail.report.html import Cell, Part, chip, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import COLOURS, PLURAL, Host, View, known

HEADS = {
    "domain_owner": mark("Domain owner"),
    "service_operator": mark("Service operator"),
    "network_operator": mark("Network operator"),
    "address_country": mark("Country of the address"),
    "corporate_group": mark("Corporate group"),
}


def recipients(view: View) -> Part:
    """One row for each host, each cell with its source. An answer that nobody gave is "not known", never a guess."""
    columns: list[tuple[str, str, Cell]] = [(say("Host"), "r h", _name)]
    columns += [(say(head), "", partial(_answers, question=question)) for question, head in HEADS.items()]
    caption = say(
        "Who stands behind each host: blue the app's maker, orange another company, grey not known. "
        "Below each answer: who says so, of when, under which licence. No column says where data is stored."
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
        lambda k: ", ".join(say(PLURAL[x]) for x in PLURAL if x in set(k))
    )
    return Part(
        table(
            found,
            [
                (say("Host"), "r h", lambda r: _name(view.hosts[r.name])),
                (say("Requests"), "n", lambda r: f"{r.requests:,}" if r.requests else say("none read")),
                (say("Bodies sent, bytes"), "n", lambda r: _sum(flows, r.host, "request_length")),
                (say("Bodies received, bytes"), "n", lambda r: _sum(flows, r.host, "response_length")),
                (say("Unread connections"), "n", lambda r: f"{r.unread_connections:,}"),
                (say("Seen in what was read"), "", lambda r: kinds.get(r.name, "0" if r.requests else "?")),
                (say("Addresses"), "h", lambda r: lines(wrap(a) for a in list(r.addresses)[:6])),
            ],
            say(
                "What each host was sent. Bytes are those of bodies that were read; what was not read is in "
                "notebook 09."
            ),
        )
    )


def _sum(flows: pd.DataFrame, host: str, column: str) -> str:
    """Bytes of a host's bodies; where the capture does not hold some of them, the sum is a bound and says so."""
    sizes = flows.loc[flows["host"] == host, column]
    if not sizes.notna().any():
        return say("not known") if len(sizes) else "?"
    total = int(sizes.sum())
    return say("at least {n:,}", n=total) if sizes.isna().any() else f"{total:,}"


def conflicts(view: View) -> Part:
    """Where the parts of the capture do not agree about a host, and who holds what was met."""
    found = mismatches(view.case, view.runs)
    return Part(
        table(
            found,
            [
                (say("Host asked for"), "r h", lambda c: wrap(view.host_name(c["host"]))),
                (say("What does not agree"), "", lambda c: say(c["what"])),
                (say("Which says"), "h", lambda c: wrap(view.mask.text(c["says"]))),
                (say("Held by"), "", lambda c: say(c["held_by"])),
            ],
            say(
                "What does not agree: host asked for, TLS server name (SNI), certificate, CNAME, network, "
                "country tables."
            ),
            none=say(
                "Wherever the capture holds them, host, TLS server name, certificate, CNAME and network agree."
            ),
        )
    )


def _name(host: Host) -> Html:
    role = next((str(r["role"]) for rows in host.answers.values() for r in rows if known(r.get("role"))), "")
    dot = Html('<i class="dot" style="background:{}"></i>').format(COLOURS[host.holder])
    return join([dot, wrap(host.host), small(role) if role else ""])


def _answers(host: Host, question: str) -> Html:
    """Every answer to a question with its source; where a country cannot be told, why."""
    rows = host.answers.get(question, [])
    told = [r for r in rows if known(r["answer"])]
    barred = [r for r in rows if r.get("status") == NOT_DETERMINABLE and known(r.get("note"))]
    if not told:
        why = dict.fromkeys(small(r["note"]) for r in barred)
        return join([unknown(NOT_DETERMINABLE), *why]) if barred else unknown()
    about = ("country", "group") if question == "service_operator" else ()
    cells: list[Html] = []
    for row in told:
        more = [str(row[k]) for k in about if known(row.get(k)) and row.get(k) != row["answer"]]
        parts = [Html.escape(str(row["answer"])), small(", ".join(more)) if more else ""]
        cells.append(join([*parts, small(sourced(row))]))
    shown = lines(dict.fromkeys(cells))
    disputed = any(r.get("status") == DISPUTED for r in told)
    return join([chip(mark("disputed")), " ", shown]) if disputed else shown


def sourced(row: dict[str, object]) -> Html:
    """Who says so, of when, under which licence; for the case's own table, that it is."""
    date = Html('<span class="date">{}</span>').format(row["as_of"]) if known(row.get("as_of")) else None
    said = [wrap(row[key]) if known(row.get(key)) else None for key in ("source", "licence")]
    return join([part for part in (said[0], date, said[1]) if part], ", ")


def unknown(code: str = NOT_KNOWN) -> Html:
    """A cell that nobody filled."""
    return Html('<span class="unknown">{}</span>').format(say(code))
