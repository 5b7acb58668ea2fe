"""One recipient at a time: what all its hosts were sent, and a page of its own on demand. A view in, tables out."""

from typing import Any

from promptrail import frames
from promptrail.errors import ParameterError
from promptrail.findings.holders import NOBODY, Holder
from promptrail.findings.holders import holders as taken_together
from promptrail.findings.recipients import conflicts, hosts
from promptrail.report.blocks.recipients import sourced, unknown
from promptrail.report.html import Part, folded, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import PLURAL, View, count_tiers, known, way

WORDS = {
    "domain_owner": "Domain owner",
    "service_operator": "Service operator",
    "legal_entity": "Legal entity",
    "established_in": "Established in",
    "corporate_group": "Corporate group",
    "role": "What it does",
    "network_operator": "Network operator",
    "address_country": "Country of the address",
    "tracker_list": "On the list",
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
                    "Recipient",
                    "r",
                    lambda h: join([Html.escape(_called(h)), small(_about(h)) if _about(h) else ""]),
                ),
                ("Hosts", "h", lambda h: lines(wrap(view.host_name(n)) for n in h.hosts)),
                ("Requests", "n", lambda h: f"{h.requests:,}" if h.requests else "none read"),
                ("Bodies sent, bytes", "n", lambda h: f"{h.bytes_out:,}" if h.requests else "?"),
                ("Bodies received, bytes", "n", lambda h: f"{h.bytes_in:,}" if h.requests else "?"),
                ("Unread connections", "n", lambda h: f"{h.unread_connections:,}"),
                ("Values found in requests", "", lambda h: _values(h)),
            ],
            "What each recipient was sent, its hosts taken together. A host whose operator nobody names counts for "
            "the owner of its domain.",
        )
    )


def each(view: View) -> Part:
    """Every recipient but the app's maker, folded."""
    parts = [folded(_called(h), _page(view, h)) for h in found(view) if not h.own]
    return Part(join(parts)) if parts else Part(Html('<p class="none">{}</p>').format("No other recipient."))


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
    shows = [("What it shows, and where", "h", lambda g: _shows(g[0]))]
    said = table(
        once.values(),
        [
            ("Question", "r", lambda g: WORDS[g[0]["question"]]),
            ("Answer", "", lambda g: Html.escape(str(g[0]["answer"]))),
            ("Of", "h", lambda g: lines(dict.fromkeys(wrap(_of(view, r)) for r in g))),
            ("Source, as of, licence", "h", lambda g: sourced(g[0])),
            *(shows if any(known(r["note"]) or known(r["url"]) for r in rows) else []),
        ],
        f"What is said about {_called(holder)}.",
    )
    mine = view.sightings[view.sightings["host"].isin([view.host_name(h) for h in holder.hosts])]
    groups = sorted(mine.groupby(["kind", "probe", "host"]), key=lambda g: tuple(map(str, g[0])))
    seen = table(
        groups,
        [
            (
                "What",
                "r",
                lambda g: f"{PLURAL.get(str(g[0][0]), str(g[0][0]))}: {view.mask.text(str(g[0][1]))}",
            ),
            ("Host", "h", lambda g: wrap(g[0][2])),
            ("Found", "", lambda g: count_tiers(g[1])),
            ("Wrapped as", "h", lambda g: lines(sorted({view.mask.text(way(p, c)) for p, c in _ways(g[1])}))),
            ("Runs", "n", lambda g: f"{g[1]['run'].nunique()}"),
        ],
        f"What was found in requests to {_called(holder)}.",
        none="No value was found in requests that could be read.",
    )
    flags = [c for c in conflicts(view.case, view.runs) if c["host"] in holder.hosts]
    apart = table(
        flags,
        [("Host", "r h", lambda c: wrap(view.host_name(c["host"]))), ("What does not agree", "", lambda c: c["what"]),
         ("Which says", "h", lambda c: wrap(view.mask.text(c["says"])))],
        "What does not agree.",
        none="Nothing in the capture disagrees about these hosts.",
    )  # fmt: skip
    return join([said, seen, apart])


def _of(view: View, row: dict[str, Any]) -> str:
    return f"{view.host_name(row['host'])}{f' at {row["address"]}' if known(row['address']) else ''}"


def _shows(row: dict[str, Any]) -> Html:
    parts = [Html.escape(str(row["note"]))] if known(row["note"]) else []
    return lines([*parts, *([wrap(row["url"])] if known(row["url"]) else [])])


def _ways(rows: Any) -> list[tuple[str, list[str]]]:
    return list(zip(rows["part"], rows["chain"], strict=True))


def _called(holder: Holder) -> str:
    if holder.name == NOBODY:
        return "Hosts of which nobody says whose they are"
    return holder.name if holder.operates else f"{holder.name} (owner of the domain; operator not known)"


def _about(holder: Holder) -> str:
    parts = [f"established in {holder.established}" if holder.established else "", holder.group or ""]
    told = ", ".join(p for p in parts if p and p != holder.name)
    return f"{told}, the app's maker".strip(", ") if holder.own else told


def _values(holder: Holder) -> Html:
    if not holder.requests:
        return unknown("?")
    told = [f"{PLURAL.get(kind, kind)}: {n}" for kind, n in holder.kinds.items()]
    return Html.escape(", ".join(told) or "0")
