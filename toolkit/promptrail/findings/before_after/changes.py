"""What became of each item from A to B, and what that says of "it stopped": cells and strata in, tested changes out.

p is exact and one-sided, in each direction by itself. A change counts where p is 0.05 or less after every item of that
direction was allowed for (`exact.together`): three runs a side are the fewest that can reach it. "Not observed" carries
its bound and never means that it ceased.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from promptrail.findings.before_after.items import (
    CONTACT,
    NOT_SEEN,
    ORDER,
    SEEN,
    UNREAD,
    WEAKER,
    Item,
    Seen,
)
from promptrail.findings.exact import Counts, best, fisher, holm, together
from promptrail.findings.ledger import Ledger
from promptrail.findings.words import listed, upper_bound
from promptrail.language import mark, say, say_n

LEVEL = 0.05
CONTINUES, NOT_OBSERVED, NEW, TOO_FEW, CANNOT_TELL = (
    mark("continues"),
    mark("not observed"),
    mark("new"),
    mark("too few runs"),
    mark("cannot tell"),
)
ALL = mark("All of it stopped")
STOPPED = {
    "prompt": mark("Prompts stopped"),
    "draft": mark("Drafts stopped"),
    "file-name": mark("File names stopped"),
    "identifier": mark("Identifiers stopped"),
    "email": mark("E-mail addresses stopped"),
    "phone": mark("Phone numbers stopped"),
    "fields": mark("Fields about device, line or account stopped"),
}
"""What may be said of one kind alone."""
NAMED_HERE = 4
"""Items named in one sentence."""

Pairs = list[tuple[list[str], list[str]]]


class Count(NamedTuple):
    """One side of one item: seen in `k` of the `n` runs in which it could have been."""

    k: int
    n: int
    weaker: int
    unread: int


class Change(NamedTuple):
    """One item."""

    item: Item
    own: bool
    """At a host that is stated to be the maker's."""
    a: Count
    b: Count
    status: str
    p: float
    """Exact, one-sided, in the direction in which it differs; 1.0 where it differs in none."""
    holm: float
    together: float
    """The same, with all items of this direction allowed for."""
    more: bool
    """The direction: seen more often in B."""
    testable: bool
    """Seen or not seen in every run in which it could be."""
    enough: bool
    """Whether so many runs could reach 0.05 at all."""

    @property
    def changed(self) -> bool:
        return self.testable and self.together <= LEVEL

    @property
    def one_sided(self) -> bool:
        """Met on one side only."""
        return bool(self.a.k) != bool(self.b.k)

    @property
    def bound(self) -> float | None:
        """Per cent of runs: what happens in more of them would have been seen at least once."""
        return upper_bound(self.b.n) if self.status == NOT_OBSERVED else None

    def as_row(self, cells: dict[str, str]) -> dict[str, Any]:
        return {
            "kind": self.item.kind,
            "name": self.item.name,
            "words": self.item.words,
            "host": self.item.host,
            "own": self.own,
            "a": self.a._asdict(),
            "b": self.b._asdict(),
            "status": self.status,
            "changed": self.changed,
            "more": self.more,
            "p": round(self.p, 6),
            "holm": round(self.holm, 6),
            "together": round(self.together, 6),
            "bound": None if self.bound is None else round(self.bound, 1),
            "cells": dict(sorted(cells.items())),
        }


class Statement(NamedTuple):
    """Something that somebody may have said of these groups."""

    statement: str
    verdict: str
    why: str


def changes(seen: Seen, pairs: Pairs, own: set[str]) -> list[Change]:
    """Of every item that was met, in their order."""
    runs = [run for pair in pairs for side in pair for run in side]
    sides = [n == 0 for pair in pairs for n, side in enumerate(pair) for _ in side]
    numbers = [n for n, pair in enumerate(pairs) for side in pair for _ in side]
    tested = [item for item, cells in seen.cells.items() if not {WEAKER, UNREAD} & set(cells.values())]
    matrix = np.array([[seen.cells[item][run] == SEEN for run in runs] for item in tested], dtype=bool)
    adjusted: dict[Item, dict[bool, tuple[float, float, float]]] = {item: {} for item in tested}
    for more in (False, True):
        alone = [fisher(_strata(seen.cells[item], pairs))[more] for item in tested]
        for item, *ps in zip(tested, alone, holm(alone), together(matrix, sides, numbers, more), strict=True):
            adjusted[item][more] = (ps[0], ps[1], ps[2])
    return [_change(item, cells, pairs, own, adjusted.get(item)) for item, cells in seen.cells.items()]


def _strata(cells: dict[str, str], pairs: Pairs) -> list[Counts]:
    out = []
    for pair in pairs:
        a, b = (_count(cells, side) for side in pair)
        out.append(Counts(a.k, a.n, b.k, b.n))
    return out


def _count(cells: dict[str, str], runs: Iterable[str]) -> Count:
    told = [cells[run] for run in runs]
    return Count(
        told.count(SEEN), told.count(SEEN) + told.count(NOT_SEEN), told.count(WEAKER), told.count(UNREAD)
    )


def _change(
    item: Item,
    cells: dict[str, str],
    pairs: Pairs,
    own: set[str],
    ps: dict[bool, tuple[float, float, float]] | None,
) -> Change:
    a, b = (_count(cells, [run for pair in pairs for run in pair[n]]) for n in (0, 1))
    more = bool(ps and ps[True][0] < ps[False][0])
    p, by_holm, at_once = ps[more] if ps else (1.0, 1.0, 1.0)
    enough = best([(one.n, one.m) for one in _strata(cells, pairs)]) <= LEVEL
    status = _status(a, b, ps is not None, enough)
    return Change(item, item.host in own, a, b, status, p, by_holm, at_once, more, ps is not None, enough)


def _status(a: Count, b: Count, testable: bool, enough: bool) -> str:
    if a.k and b.k:
        return CONTINUES
    if not testable or not (a.n and b.n):
        return CANNOT_TELL
    if not enough:
        return TOO_FEW
    return NOT_OBSERVED if a.k else NEW


def statements(found: list[Change], book: Ledger, seen: Seen) -> list[Statement]:
    """ "It stopped", of everything that went to others in A and then kind by kind. `book`: the ledger of B."""
    others = [one for one in found if not one.own]
    before = [one for one in others if one.a.k]
    if not before:
        return []
    out = [_stopped(ALL, before, others, book, seen)]
    for kind in ORDER:
        part = [one for one in before if one.item.kind == kind]
        if part and kind != CONTACT:
            same = [one for one in others if one.item.kind == kind]
            out.append(_stopped(STOPPED[kind], part, same, book, seen))
    return out


def _stopped(words: str, before: list[Change], others: list[Change], book: Ledger, seen: Seen) -> Statement:
    names = {(one.item.kind, one.item.name) for one in before}
    after = [one for one in others if one.b.k and (one.item.kind, one.item.name) in names]
    told = [one for one in after if one.item.kind != CONTACT] or [one for one in after if was_read(one, seen)]
    if told:
        on = [
            say_n(
                "{item} in {seen} of {n} run of B",
                "{item} in {seen} of {n} runs of B",
                one.b.n,
                item=one.item.at,
                seen=one.b.k,
            )
            for one in told[:NAMED_HERE]
        ]
        more = [say("{n} more", n=len(told) - NAMED_HERE)] if len(told) > NAMED_HERE else []
        return Statement(words, "contradicted", say("Still seen: {items}.", items=listed([*on, *more])))
    runs = min((one.b.n for one in before), default=0)
    if not after and book.allows_absence and runs and all(one.testable for one in before):
        why = say_n(
            "Not seen in {n} run of B; what happens in fewer than {bound:.0f} % of runs could still be missed (95 % "
            "confidence).",
            "Not seen in {n} runs of B; what happens in fewer than {bound:.0f} % of runs could still be missed (95 % "
            "confidence).",
            runs,
            bound=upper_bound(runs),
        )
        return Statement(words, "not observed", why)
    blind = sum(not one.testable for one in before)
    if after:
        why = say("Contact goes on, and what was sent could not be read.")
    elif blind:
        why = say("Not seen in B, but {n} of {all} could not be read in every run.", n=blind, all=len(before))
    else:
        why = say("Not seen in B.")
    unread = say("Unread in B: {unread}.", unread=book.figure())
    return Statement(words, "cannot tell", f"{why} {unread}")


def was_read(one: Change, seen: Seen) -> bool:
    """Contact of which a request was read in some run: more than a handshake."""
    cells = seen.cells[one.item]
    return any(word == SEEN and one.item.host not in seen.blind[run] for run, word in cells.items())
