"""How a policy speaks of one observed pair of data type and recipient: a reading and a pair in, one of five classes.

The classes are those of PoliCheck (Andow and others, "Actions Speak Louder than Words", USENIX Security 2020), here on
statements that people annotated: clear, vague, ambiguous, incorrect, omitted. A sixth says that nobody knows whether
the recipient is the app's maker or somebody else, where the statements differ for these.
"""

from collections.abc import Iterable
from typing import NamedTuple

from promptrail.findings.policy.pairs import Pair
from promptrail.findings.policy.recipients import Recipient
from promptrail.findings.policy.statements import Annotation, Statement
from promptrail.findings.policy.terms import FIRST, data_terms, entity_terms, with_broader
from promptrail.language import mark

CLEAR, VAGUE, AMBIGUOUS = mark("clear"), mark("vague"), mark("ambiguous")
INCORRECT, OMITTED = mark("incorrect"), mark("omitted")
NOT_DECLARED, UNKNOWN, DISPUTED = mark("not declared"), mark("holder not known"), mark("disputed")
CLASSES = {
    CLEAR: mark("a statement names this kind of data and this recipient, and none denies it"),
    VAGUE: mark(
        "a statement covers both, by a broader word for the data or the recipient, and none denies it"
    ),
    AMBIGUOUS: mark("one statement says that it goes there, and another that it does not"),
    INCORRECT: mark("the policy says that it does not go there, and nowhere that it does"),
    OMITTED: mark("no statement covers it"),
    NOT_DECLARED: mark("omitted by one reading and denied by another: declared by none"),
    UNKNOWN: mark(
        "nobody says whether the recipient is the maker, and the policy speaks of the two differently"
    ),
    DISPUTED: mark("the annotators read it differently"),
}
UNDECLARED = (OMITTED, INCORRECT, NOT_DECLARED)


class Judged(NamedTuple):
    """What one reading says of a pair."""

    klass: str
    statements: list[Statement]
    """Those that it rests on."""


def judge(annotation: Annotation, pair: Pair) -> Judged:
    """The class of a pair by one annotator's statements."""
    holder = pair.recipient
    if holder.own is not None:
        return _judge(annotation, pair.data, holder)
    as_own = _judge(annotation, pair.data, _as(holder, True))
    as_third = _judge(annotation, pair.data, _as(holder, False))
    if as_own.klass == as_third.klass:
        return as_own
    return Judged(
        UNKNOWN, [*as_own.statements, *(s for s in as_third.statements if s not in as_own.statements)]
    )


def together(classes: Iterable[str]) -> str:
    """The class that all annotators give; not declared where each says so in its way; disputed where they differ."""
    found = set(classes)
    if len(found) == 1:
        return found.pop()
    return NOT_DECLARED if found <= set(UNDECLARED) else DISPUTED


def covers_data(statement: Statement, data: str) -> bool:
    """Whether a statement speaks of a data type, by it or a broader word."""
    return bool(with_broader([data], data_terms()) & set(statement.data))


def covers_holder(annotation: Annotation, statement: Statement, holder: Recipient) -> bool:
    """Whether it speaks of a recipient, by its name, a class of it or a word that leaves nobody out."""
    if _named(annotation, statement, holder, group=True):
        return True
    terms = _terms(annotation, holder)
    entities = [entity_terms()[one] for one in statement.entity if one in entity_terms()]
    by_class = any(one.term in terms for one in entities)
    third = holder.own is False
    return by_class or (statement.positive and third and any(one.open for one in entities))


def _judge(annotation: Annotation, data: str, holder: Recipient) -> Judged:
    mine = [
        one
        for one in annotation.statements
        if covers_data(one, data) and covers_holder(annotation, one, holder)
    ]
    excepted = {other for one in mine for other in one.exception_to}
    mine = [one for one in mine if one.id not in excepted]
    for_it = [one for one in mine if one.positive]
    against = [one for one in mine if not one.positive]
    if not mine:
        return Judged(OMITTED, [])
    if against:
        return Judged(AMBIGUOUS if for_it else INCORRECT, mine)
    exact = [one for one in for_it if data in one.data and _exact(annotation, one, holder)]
    return Judged(CLEAR, exact) if exact else Judged(VAGUE, for_it)


def _exact(annotation: Annotation, statement: Statement, holder: Recipient) -> bool:
    """Whether the recipient itself is named: the maker, or a company by a name of its own."""
    if holder.own:
        return FIRST in statement.entity
    return _named(annotation, statement, holder, group=False)


def _named(annotation: Annotation, statement: Statement, holder: Recipient, group: bool) -> bool:
    known = {one.name: one for one in annotation.companies}
    wanted = holder.names | (holder.groups if group else frozenset())
    return any(one in known and bool(known[one].names & wanted) for one in statement.entity)


def _terms(annotation: Annotation, holder: Recipient) -> frozenset[str]:
    """With the terms that the annotator gives the company."""
    more = [
        t for one in annotation.companies if one.names & (holder.names | holder.groups) for t in one.terms
    ]
    return holder.terms(more)


def _as(holder: Recipient, own: bool) -> Recipient:
    return Recipient(holder.name, own, holder.hosts, holder.names, holder.groups, holder.roles)
