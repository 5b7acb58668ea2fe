"""The two groups of runs that are compared: patterns or a property in, A and B and how they were chosen out."""

import fnmatch
from collections import defaultdict
from typing import NamedTuple

from promptrail.errors import ParameterError
from promptrail.findings.comparable import NOT_STATED, WAYS, About
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n

UNASKED = ("version", "mode", "region")
"""What is compared where nobody asked for anything: the first of these in which the runs differ."""
PLURAL = {
    mark("version"): mark("versions"),
    mark("mode"): mark("modes"),
    mark("region"): mark("regions"),
    mark("day"): mark("days"),
    mark("scenario"): mark("scenarios"),
}
"""Of each of WAYS."""


class Side(NamedTuple):
    label: str
    runs: list[About]


class Sides(NamedTuple):
    a: Side
    b: Side
    apart: tuple[str, ...]
    """What sets the two apart and so need not be equal: one property; none where A and B differ in nothing or in
    more than one."""
    how: str
    """How they were chosen, in words."""


def sides(known: dict[str, About], a: str, b: str, by: str) -> Sides | str:
    """Or why there are no two groups, in words. ParameterError for a pattern that fits nothing and the like."""
    if by and by not in WAYS:
        raise ParameterError(f"by = {by!r} is not known. Runs can be compared by {', '.join(WAYS)}.")
    if bool(a) != bool(b):
        raise ParameterError(
            "A comparison needs both a and b, or neither. Each is a pattern such as before-*."
        )
    return _named(known, a, b) if a else _grouped(known, by)


def _named(known: dict[str, About], a: str, b: str) -> Sides:
    found = []
    for pattern in (a, b):
        fitting = [one for run, one in known.items() if fnmatch.fnmatchcase(run, pattern)]
        if not fitting:
            raise ParameterError(f"no run fits {pattern!r}. The case has: {', '.join(known)}.")
        found.append(fitting)
    if both := sorted({one.run for one in found[0]} & {one.run for one in found[1]}):
        raise ParameterError(
            f"{listed(both)} fits a ({a}) and b ({b}). A run can be of one side only: narrow a pattern."
        )
    apart = tuple(
        name
        for name in ("version", "region", "mode")
        if not {one.facts[name] for one in found[0]} & {one.facts[name] for one in found[1]}
    )
    if apart:
        how = say(
            "A and B were named by the patterns {a} and {b}; they differ in {properties}",
            a=a,
            b=b,
            properties=listed([say(name) for name in apart]),
        )
    else:
        how = say(
            "A and B were named by the patterns {a} and {b}; no version, region or mode sets them apart",
            a=a,
            b=b,
        )
    return Sides(Side(a, found[0]), Side(b, found[1]), apart if len(apart) == 1 else (), how)


def _grouped(known: dict[str, About], by: str) -> Sides | str:
    """By the property that was asked for; else by the first of UNASKED in which the runs differ."""
    tried = (by,) if by else UNASKED
    values = {name: {one.facts[name] for one in known.values()} for name in tried}
    if (found := next((name for name in tried if len(values[name]) > 1), None)) is None:
        only = [
            f"{say(name)} ({', '.join(map(_value, sorted(values[name]) or [NOT_STATED]))})" for name in tried
        ]
        return say_n(
            "The one run is of one {properties}, so there is nothing to compare.",
            "All {n} runs are of one {properties}, so there is nothing to compare.",
            len(known),
            properties=listed(only),
        )
    by = found
    groups: dict[str, list[About]] = defaultdict(list)
    for one in known.values():
        groups[one.facts[by]].append(one)
    most = sorted(groups, key=lambda name: (-len(groups[name]), name == NOT_STATED, name))[:2]
    first, second = sorted(most, key=lambda name: (_began(groups[name]), name))
    if len(groups) > 2:
        how = say(
            "A and B are the two of {n} {properties} with most runs, the earlier one first",
            n=len(groups),
            properties=say(PLURAL[by]),
        )
    else:
        how = say(
            "A and B are the two {properties} with most runs, the earlier one first",
            properties=say(PLURAL[by]),
        )
    a, b = (Side(f"{say(by)} {_value(name)}", groups[name]) for name in (first, second))
    return Sides(a, b, (by,), how)


def _value(value: str) -> str:
    return say(value) if value == NOT_STATED else value


def _began(rows: list[About]) -> float:
    return min((one.started for one in rows if one.started is not None), default=float("inf"))
