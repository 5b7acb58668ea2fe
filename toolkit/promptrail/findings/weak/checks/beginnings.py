"""Opaque messages that differ and begin alike: one key with one IV or none. Values named like an IV that come again.

In: opaque values and named fields of messages. Out: rows with the chance that something other than a cipher looks so.
A single length of the common beginning may be a fixed head in front of a random IV, and a repeated IV says nothing
without its key: both are told and decide nothing.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from promptrail.findings.weak.checks.carried import HEAD, Met, Opaque, place_said, unwritten
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weak.checks.repeats import RARE, SIZES, even, looks_random
from promptrail.findings.words import either
from promptrail.language import say, say_n

MOST = 5
"""Messages that a row cites."""
IV_LENGTHS = (8, 12, 16, 24)


class Begins(NamedTuple):
    """Messages that differ and begin with the same blocks."""

    size: int
    blocks: tuple[int, ...]
    """How many blocks two neighbours share: several numbers where the text differs in several places."""
    chance: float


def look(material: Material) -> Answer:
    """Both, place by place."""
    places, rows, fresh = _beginnings(material)
    named, told, new = _named_ivs(material)
    if not places and not named:
        return not_testable(
            say("no place had two different opaque values to compare, and no field is named like an IV")
        )
    looked = say_n(
        "{n} place with several opaque values, {values}",
        "{n} places with several opaque values, {values}",
        places,
        values=say_n("{n} value named IV", "{n} values named IV", named),
    )
    return answered(rows + told, looked, fresh + new)


def _beginnings(material: Material) -> tuple[int, list[Row], int]:
    """Places with several values; rows; values that begin like no other."""
    groups: dict[tuple[str, str, str], dict[str, tuple[Opaque, list[Met]]]] = {}
    for one in material.carried.met:
        for value in one.seen.opaque:
            group = groups.setdefault((str(one.host), one.url, value.place), {})
            group.setdefault(value.digest, (value, []))[1].append(one)
    rows, fresh = list[Row](), 0
    for (_, _, place), known in sorted(groups.items()):
        for members in _by_first_block(known.values()):
            found = begins([value for value, _ in members])
            if found is None:
                fresh += len(members) == 1
                continue
            sent = [one for _, carriers in members for one in carriers]
            rows.append(_shared(material, place, found, len(members), sent))
    several = sum(len(known) > 1 for known in groups.values())
    return several, rows, fresh


def _by_first_block(values: Iterable[tuple[Opaque, list[Met]]]) -> list[list[tuple[Opaque, list[Met]]]]:
    groups: dict[bytes, list[tuple[Opaque, list[Met]]]] = {}
    for value, carriers in values:
        groups.setdefault(value.head[: SIZES[0]], []).append((value, carriers))
    return [groups[head] for head in sorted(groups)]


def begins(values: list[Opaque]) -> Begins | None:
    """What different values with the same first block have in common; None where it looks like no cipher."""
    heads = sorted({value.head for value in values})
    if len(heads) < 2 or not looks_random(heads[0][: SIZES[0]]):
        return None
    blocks = {head[at : at + SIZES[0]] for head in heads for at in range(0, len(head), SIZES[0])}
    if not even(b"".join(sorted(blocks))):
        return None
    lengths = {value.length for value in values}
    alike = {_alike(a, b) for a, b in pairwise(heads)}
    for size in SIZES:
        if any(n % size for n in lengths) or any(n % size > 1 or not size <= n < HEAD for n in alike):
            continue
        shared = tuple(sorted({n // size for n in alike}))
        return Begins(size, shared, (1 / size) ** len(lengths) * (2 / size) ** len(shared))
    return None


def _alike(a: bytes, b: bytes) -> int:
    """How many bytes two messages begin with alike."""
    short = min(len(a), len(b))
    return next((n for n in range(short) if a[n] != b[n]), short)


def _shared(material: Material, place: str, found: Begins, count: int, sent: list[Met]) -> Row:
    """One number of shared blocks may be a fixed head before a random IV: only several show that it is the text."""
    telling = len(found.blocks) > 1 and found.chance <= RARE
    told = say(
        "{n} different messages begin with the same {blocks} blocks of {size} bytes in {place}: one key, and one IV "
        "or none",
        n=count,
        blocks=either(map(str, found.blocks)),
        size=found.size,
        place=place_said(place),
    )
    if not telling:
        told = say("{told}; it may be a fixed head, so it decides nothing", told=told)
    flows = tuple(dict.fromkeys(one.flow for one in sent))
    return Row(
        sent[0].run,
        sent[0].host,
        told,
        tuple(f"flow {flow}" for flow in flows[:MOST]),
        flows,
        OUTSIDE[all(material.tls[flow] for flow in flows)],
        decides=telling,
        chance=found.chance,
    )


def _named_ivs(material: Material) -> tuple[int, list[Row], int]:
    """Values of fields named like an IV; those that come again over different messages; those that do not."""
    groups: dict[tuple[str, str, str], dict[str, dict[str, Met]]] = {}
    for one in material.carried.met:
        for place, value in one.seen.ivs:
            if len(unwritten(value) or b"") in IV_LENGTHS:
                group = groups.setdefault((str(one.host), one.url, place), {})
                group.setdefault(value, {}).setdefault(str(one.body), one)
    rows, fresh = list[Row](), 0
    for (_, _, place), values in sorted(groups.items()):
        for carriers in values.values():
            sent = list(carriers.values())
            if len(sent) == 1:
                fresh += 1
                continue
            rows.append(
                Row(
                    sent[0].run,
                    sent[0].host,
                    say(
                        "one value of {place} over {n} different messages; whether under one key is not seen, so it "
                        "decides nothing",
                        place=place_said(place),
                        n=len(sent),
                    ),
                    tuple(f"flow {one.flow}" for one in sent[:MOST]),
                    tuple(one.flow for one in sent),
                    OUTSIDE[all(material.tls[one.flow] for one in sent)],
                    decides=False,
                )
            )
    return fresh + len(rows), rows, fresh
