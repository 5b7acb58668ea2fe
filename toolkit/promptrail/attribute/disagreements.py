"""Where the parts of a capture do not agree about a host: rows of the frame `recipients` with question `disagreement`.

Compared are the host that was asked for with the TLS server name, the certificate, the CNAMEs and the network of its
address, country tables with each other, and the date of the capture with the dates of the sources. A row says what was
met and who holds it; it draws no conclusion.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from typing import Any

from promptrail.attribute.domains import registrable, reserved
from promptrail.attribute.observed import Observed
from promptrail.attribute.rows import CAPTURE, DISAGREEMENT, DISPUTED, KNOWN, QUESTIONS, Row
from promptrail.attribute.sources import Sources
from promptrail.attribute.subjects import subject
from promptrail.attribute.table import Table

SNI, CERTIFICATE, ALIAS = "TLS server name (SNI)", "certificate", "CNAME"
NETWORK, COUNTRY = "network of another name", "country tables"
DATE = "date of a source"
APART = datetime.timedelta(days=366)
"""Between capture and source: domains and addresses change hands, and a source speaks of its own day."""
WORDLESS = frozenset(
    re.findall(
        r"\w+",
        """com net org www web data systems software solutions internet digital online the co ltd inc llc corp
        corporation company limited group technology technologies network networks cloud gmbh sa services service
        communications telecom international global beijing shanghai shenzhen hangzhou zhejiang as""",
    )
)
"""Words of company names that tell nobody apart."""


def disagreements(host: str, seen: Observed, rows: Sequence[Row], case: Table, sources: Sources) -> list[Row]:
    """The rows of one host, in a fixed order of kinds."""
    met = [*_names(host, seen), *_aliases(host, seen, case, sources), *_network(rows), *_dates(seen, rows)]
    base = {k: rows[0][k] for k in ("host", "registrable_domain", "suffix", "role", "own")}
    return [
        base
        | {
            "question": DISAGREEMENT,
            "answer": says,
            "status": KNOWN,
            "source": "the capture",
            "origin": CAPTURE,
        }
        | {"note": kind if not (held := _held(names, case, sources)) else f"{kind}; {held}"}
        for kind, says, names in met
    ]


def names_that_differ(host: str, seen: Observed) -> list[dict[str, str]]:
    """Host, what it was compared with and what that says: server names and certificates that do not fit."""
    return [{"host": host, "what": kind, "says": says} for kind, says, _ in _names(host, seen)]


def _names(host: str, seen: Observed) -> Iterable[tuple[str, str, list[str]]]:
    asked = subject(host).host
    for names in seen.certificates:
        if not any(covers(name, asked) for name in names):
            yield CERTIFICATE, ", ".join(names), list(names)
    for name in seen.server_names:
        if subject(name).host != asked:
            yield SNI, name, [name]


def _aliases(
    host: str, seen: Observed, case: Table, sources: Sources
) -> Iterable[tuple[str, str, list[str]]]:
    """CNAMEs that leave the host's registrable domain, unless both belong to the same owner."""
    own = _owner(host, case, sources)
    for alias in seen.aliases:
        other = _owner(alias, case, sources)
        if registrable(alias) != registrable(host) and not (own and own == other):
            yield ALIAS, alias, [alias]


def _network(rows: Sequence[Row]) -> Iterable[tuple[str, str, list[str]]]:
    """A network whose name shares no telling word with those who hold the domain or run the service."""
    said = {"domain_owner", "service_operator", "legal_entity", "corporate_group"}
    holders = [str(r["answer"]) for r in rows if r["question"] in said and r["answer"]]
    operators = [r for r in rows if r["question"] == "network_operator" and r["answer"] and r["address"]]
    mine = set().union(*map(_words, holders))
    for row in operators if mine else ():
        if not mine & _words(str(row["answer"])):
            yield NETWORK, f"{row['address']} lies in {row['answer']}; the domain is held by {holders[0]}", []
    disputed = {str(r["address"]): str(r["note"]) for r in rows if r["status"] == DISPUTED}
    for address, note in disputed.items():
        yield COUNTRY, f"{address}: {note[note.index('sources disagree') :]}", []


def _dates(seen: Observed, rows: Sequence[Row]) -> Iterable[tuple[str, str, list[str]]]:
    """Answers whose source is over a year older than the first sight of the host, or newer than the last."""
    if seen.first is None or seen.last is None:
        return
    first, last = (datetime.datetime.fromtimestamp(t, datetime.UTC).date() for t in (seen.first, seen.last))
    told: dict[str, None] = {}
    for row in rows:
        day = _day(row["as_of"]) if row["answer"] and row["question"] in QUESTIONS else None
        if day and (day < first - APART or day > last + APART):
            told[f"{row['question'].replace('_', ' ')} as of {row['as_of']}"] = None
    if told:
        yield DATE, f"seen {first}{f' to {last}' if last != first else ''}; {', '.join(told)}", []


def _day(stated: Any) -> datetime.date | None:
    """A date of the form 2026-11-22, or the first day of 2026-11 or 2026."""
    parts = str(stated).split("-")
    try:
        return datetime.date.fromisoformat("-".join([*parts, "01", "01"][:3]))
    except ValueError:
        return None


def _words(text: str) -> set[str]:
    return {w for w in re.findall(r"[a-z]{2,}|[^\x00-\x7f]{2,}", text.lower()) if w not in WORDLESS}


def _owner(name: str, case: Table, sources: Sources) -> str | None:
    meant = subject(name).name or ""
    found = case.match(meant) or (None if reserved(meant) else sources.table.match(meant))
    return found.cells.get("domain_owner") if found else None


def _held(names: Iterable[str], case: Table, sources: Sources) -> str:
    """Who holds these names, as far as the tables know: once each."""
    owners: dict[str, Any] = dict.fromkeys(
        _owner(n.removeprefix("*."), case, sources) or "not known" for n in names
    )
    return f"held by {', '.join(owners)}" if owners else ""


def covers(name: str, host: str) -> bool:
    """Whether a certificate's name stands for a host: a wildcard is one label (RFC 6125, section 6.4.3)."""
    name, host = subject(name).host.lower() if "*" not in name else name.lower(), host.lower()
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])
