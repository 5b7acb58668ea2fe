"""One recipient at a time: what all its hosts were sent, and a page of its own on demand. A view in, tables out."""

from typing import Any

from promptrail import frames
from promptrail.errors import ParameterError
from promptrail.findings.recipients.finding import conflicts, hosts
from promptrail.findings.recipients.holders import NOBODY, Holder
from promptrail.findings.recipients.holders import holders as taken_together
from promptrail.language import mark, say
from promptrail.report.blocks.recipients import sourced, unknown
from promptrail.report.html import Part, folded, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import MAKER, PLURAL, View, count_tiers, known, way

WORDS = {
    "domain_owner": mark("Domain owner"),
    "service_operator": mark("Service operator"),
    "legal_entity": mark("Legal entity"),
    "established_in": mark("Established in"),
    "corporate_group": mark("Corporate group"),
    "role": mark("What it does"),
    "network_operator": mark("Network operator"),
    "address_country": mark("Country of the address"),
    "tracker_list": mark("On the list"),
}


def found(view: View) -> list[Holder]:
    """The holders of these runs' hosts, as `findings.holders` takes them together."""
    seen = view.case.sightings
    asked = seen["run"].isin(view.runs) & (seen["direction"] == "request") & ~seen["decoy"].astype(bool)
    return taken_together(hosts(view.case, view.runs), seen[asked])


def holders(view: View) -> Part:
    """Bytes and requests by recipient."""
    return Part(
        table(
            found(view),
            [
                (
                    say("Recipient"),
                    "r",
                    lambda h: join([Html.escape(_called(h)), small(_about(h)) if _about(h) else ""]),
                ),
                (say("Hosts"), "h", lambda h: lines(wrap(view.host_name(n)) for n in h.hosts)),
                (say("Requests"), "n", lambda h: f"{h.requests:,}" if h.requests else say("none read")),
                (say("Bodies sent, bytes"), "n", lambda h: f"{h.bytes_out:,}" if h.requests else "?"),
                (say("Bodies received, bytes"), "n", lambda h: f"{h.bytes_in:,}" if h.requests else "?"),
                (say("Unread connections"), "n", lambda h: f"{h.unread_connections:,}"),
                (say("Values found in requests"), "", lambda h: _values(h)),
            ],
            say(
                "What each recipient was sent, its hosts taken together. A host whose operator nobody names counts "
                "for the owner of its domain."
            ),
        )
    )


def each(view: View) -> Part:
    """Every recipient but the app's maker, folded."""
    parts = [folded(_called(h), _page(view, h)) for h in found(view) if not h.own]
    return Part(join(parts)) if parts else Part(paragraph(say("No other recipient."), "none"))


def one(view: View, name: str) -> Part:
    """The page of one recipient, by its name or one of its hosts. ParameterError lists those that there are."""
    every = found(view)
    for holder in every:
        if name == holder.name or name in holder.hosts:
            return Part(_page(view, holder))
    raise ParameterError(f"no recipient {name!r}. There are: {', '.join(sorted(h.name for h in every))}.")


def _page(view: View, holder: Holder) -> Html:
    rows: list[dict[str, Any]] = []
    for answer in frames.rows(view.case.recipients):
        if answer.host in holder.hosts and answer.question in WORDS and known(answer.answer):
            rows.append(answer._asdict() | {"order": list(WORDS).index(answer.question)})
    rows.sort(key=lambda r: (r["order"], str(r["host"]), str(r["address"]), str(r["answer"])))
    once: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        once.setdefault((str(row["question"]), str(row["answer"]), str(row["source"])), []).append(row)
    shows = [(say("What it shows, and where"), "h", lambda g: _shows(g[0]))]
    said = table(
        once.values(),
        [
            (say("Question"), "r", lambda g: say(WORDS[g[0]["question"]])),
            (say("Answer"), "", lambda g: Html.escape(str(g[0]["answer"]))),
            (say("Host or address"), "h", lambda g: lines(dict.fromkeys(wrap(_of(view, r)) for r in g))),
            (say("Source, as of, licence"), "h", lambda g: sourced(g[0])),
            *(shows if any(known(r["note"]) or known(r["url"]) for r in rows) else []),
        ],
        say("What is said about {holder}.", holder=_called(holder)),
    )
    mine = view.sightings[view.sightings["host"].isin([view.host_name(h) for h in holder.hosts])]
    groups = sorted(mine.groupby(["kind", "probe", "host"]), key=lambda g: tuple(map(str, g[0])))
    seen = table(
        groups,
        [
            (
                say("What"),
                "r",
                lambda g: f"{_plural(str(g[0][0]))}: {view.mask.text(str(g[0][1]))}",
            ),
            (say("Host"), "h", lambda g: wrap(g[0][2])),
            (say("Found"), "", lambda g: count_tiers(g[1])),
            (
                say("Wrapped as"),
                "h",
                lambda g: lines(sorted({view.mask.text(way(p, c)) for p, c in _ways(g[1])})),
            ),
            (say("Runs"), "n", lambda g: f"{g[1]['run'].nunique()}"),
        ],
        say("What was found in requests to {holder}.", holder=_called(holder)),
        none=say("No value was found in requests that could be read."),
    )
    flags = [c for c in conflicts(view.case, view.runs) if c["host"] in holder.hosts]
    apart = table(
        flags,
        [
            (say("Host"), "r h", lambda c: wrap(view.host_name(c["host"]))),
            (say("What does not agree"), "", lambda c: say(c["what"])),
            (say("Which says"), "h", lambda c: wrap(view.mask.text(c["says"]))),
        ],
        say("What does not agree."),
        none=say("Nothing in the capture disagrees about these hosts."),
    )
    return join([said, seen, apart])


def _of(view: View, row: dict[str, Any]) -> str:
    host = view.host_name(row["host"])
    return say("{host} at {address}", host=host, address=row["address"]) if known(row["address"]) else host


def _shows(row: dict[str, Any]) -> Html:
    parts = [Html.escape(str(row["note"]))] if known(row["note"]) else []
    return lines([*parts, *([wrap(row["url"])] if known(row["url"]) else [])])


def _ways(rows: Any) -> list[tuple[str, list[str]]]:
    return list(zip(rows["part"], rows["chain"], strict=True))


def _called(holder: Holder) -> str:
    if holder.name == NOBODY:
        return say("Hosts of which nobody says whose they are")
    if holder.operates:
        return holder.name
    return say("{owner} (owner of the domain; operator not known)", owner=holder.name)


def _about(holder: Holder) -> str:
    parts = [say("established in {country}", country=holder.established)] if holder.established else []
    if holder.group and holder.group != holder.name:
        parts.append(holder.group)
    return ", ".join([*parts, say(MAKER)] if holder.own else parts)


def _values(holder: Holder) -> Html:
    if not holder.requests:
        return unknown("?")
    told = [f"{_plural(kind)}: {n}" for kind, n in holder.kinds.items()]
    return Html.escape(", ".join(told) or "0")


def _plural(kind: str) -> str:
    return say(PLURAL.get(kind, kind))
