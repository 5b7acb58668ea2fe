"""What a policy declares and these runs did not show: readings and pairs in, one row a declared pair.

"Not observed" needs a search that can find such data and is shown to work, and traffic to the recipient that was read;
else nothing can be told. It speaks of these runs, with its bound, and never of what a company does.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

from promptrail.case import Case
from promptrail.findings.ledger import NOT_A_LOSS, Ledger, shown
from promptrail.findings.policy.classes import covers_data, covers_holder
from promptrail.findings.policy.pairs import VALUE, Seen
from promptrail.findings.policy.recipients import Recipient, host_said
from promptrail.findings.policy.statements import Annotation, Statement
from promptrail.findings.policy.terms import below, data_terms
from promptrail.findings.words import listed, upper_bound
from promptrail.language import mark, say, say_n

SEEN, LESS, NOT_OBSERVED, CANNOT_TELL = mark("seen"), mark("seen in part"), "not observed", "cannot tell"


@dataclass(slots=True)
class Declared:
    """One thing that the policy declares."""

    data: str
    entity: str
    outcome: str
    why: str
    quotes: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    """Annotators who read it so."""

    @property
    def by_name(self) -> bool:
        """Whether only the names of fields could be searched for it."""
        return not _kinds(self.data)

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def declared(
    case: Case, runs: list[str], annotations: tuple[Annotation, ...], seen: Seen, book: Ledger
) -> list[Declared]:
    """In the order of the statements; what several annotators read is one row."""
    found: dict[tuple[str, str], Declared] = {}
    for annotation in annotations:
        for statement in annotation.statements:
            if not statement.positive:
                continue
            for data in statement.data:
                for entity in statement.entity:
                    one = replace(statement, data=(data,), entity=(entity,))
                    row = found.get((data, entity))
                    if row is None:
                        outcome, why = _outcome(case, runs, annotation, one, seen, book)
                        row = found[data, entity] = Declared(data, entity, outcome, why)
                    if statement.quote not in row.quotes:
                        row.quotes.append(statement.quote)
                    if annotation.by not in row.by:
                        row.by.append(annotation.by)
    return list(found.values())


def _outcome(
    case: Case, runs: list[str], annotation: Annotation, one: Statement, seen: Seen, book: Ledger
) -> tuple[str, str]:
    mine = [p for p in seen.pairs if covers_data(one, p.data) and covers_holder(annotation, one, p.recipient)]
    whole = [pair for pair in mine if pair.basis == VALUE]
    if whole:
        where = listed([host_said(host) for host in sorted({h for p in whole for h in p.hosts})])
        return SEEN, say("{data} at {hosts}", data=_what(pair.data for pair in whole), hosts=where)
    if mine:
        data, bases = _what(pair.data for pair in mine), _what(pair.basis for pair in mine)
        return LESS, say("{data}: {bases} only", data=data, bases=bases)
    if why := _unfit(case, runs, one.data[0], seen):
        return CANNOT_TELL, why
    if why := _blind(annotation, one, seen, book):
        return CANNOT_TELL, why
    return NOT_OBSERVED, say(
        "{not_seen}; what happens in fewer than {bound:.0f} % of runs could still be missed (95 % confidence)",
        not_seen=_not_in(len(runs), bool(_kinds(one.data[0]))),
        bound=upper_bound(len(runs)),
    )


def _what(codes: Iterable[str]) -> str:
    """Terms, kinds or bases, as they are read."""
    return listed([say(code) for code in sorted(set(codes))])


def _kinds(data: str) -> set[str]:
    return {kind for term in below(data, data_terms()) for kind in term.kinds}


def _not_in(n: int, by_value: bool) -> str:
    """In how many runs it was not seen, and whether only names of fields were searched."""
    if by_value:
        return say_n("not in {n} run", "not in {n} runs", n)
    return say_n(
        "not in {n} run by the name of any field; under another name it would be missed",
        "not in {n} runs by the name of any field; under another name it would be missed",
        n,
    )


def _unfit(case: Case, runs: list[str], data: str, seen: Seen) -> str | None:
    """Why not finding such data says nothing; None: the search can find them, and is shown to work."""
    kinds = _kinds(data)
    terms = below(data, data_terms())
    if not kinds and not any(term.fields or term.names for term in terms):
        return say("nothing of this kind can be looked for: neither a probe nor the name of a field shows it")
    if not kinds:
        if seen.named:
            return None
        return say("no field was known by its name, so the search is not shown to work")
    probes = case.probes[case.probes["kind"].isin(kinds) & ~case.probes["decoy"].astype(bool)]
    if missing := kinds - set(probes["kind"]):
        return say("no {kinds} was declared as a probe, so none was looked for", kinds=_what(missing))
    hits = case.sightings
    met = hits["probe"].isin(probes["probe"]) & (hits["direction"] == "request")
    if not isinstance(met, pd.Series) or not met.any():
        return say("values of this kind were found nowhere in this case, so the search is not shown to work")
    return None


def _blind(annotation: Annotation, one: Statement, seen: Seen, book: Ledger) -> str | None:
    """What to this recipient could not be read."""
    hosts = sorted({h for row in book.rows if row.reason not in NOT_A_LOSS for h in row.hosts})
    unread = [host for host in hosts if _may_be(annotation, one, seen.holders.get(host))]
    if unread:
        return say("traffic to {hosts} could not be read", hosts=listed([shown(host) for host in unread]))
    if book.lost:
        return say("{runs} broke off", runs=listed(book.lost))
    if book.unlisted:
        return say("not listed in these captures: {what}", what=listed(book.unlisted))
    return None


def _may_be(annotation: Annotation, one: Statement, holder: Recipient | None) -> bool:
    """Whether a host's holder may be the recipient that is declared; one that nobody knows may be anybody."""
    if holder is None or holder.own is None:
        return True
    return covers_holder(annotation, one, holder)
