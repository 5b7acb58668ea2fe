"""Amounts with their intervals: runs in, the largest group of like runs, by organisation and phase, beside C0, out.

Only runs that did the same are taken together. The control is the runs in which nothing was typed (C0) and everything
else is equal; without it, or with fewer than three runs a side, no interval is given and the words say so.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.comparable import About, strata
from promptrail.findings.remote.volume import ANSWERED, DEFINITION, OTHERS, PHASES, TYPING, per_run, volume
from promptrail.findings.resampling import TOO_FEW, Interval, difference, interval
from promptrail.language import mark, say

FIGURES = ("requests", "bytes")
QUIET = "C0"
WHOLE_RUN, PROMPT = mark("the whole run"), mark("each prompt")


class Row(NamedTuple):
    """One organisation, in one phase or in all of the run."""

    organisation: str
    own: bool
    phase: str
    amounts: dict[str, list[float]]
    """By figure, one number a run."""
    unread: int
    """Connections that could not be read, over all runs."""
    against: dict[str, Interval | None]
    """The mean of these runs less that of C0; only of the whole run."""


class Amounts(NamedTuple):
    runs: list[str]
    quiet: list[str]
    """Runs of C0 that are alike but for the typing."""
    prompts: int
    """Sent in each of these runs."""
    by_phase: list[Row]
    each_prompt: list[Row]
    """While a prompt was typed and after it was sent, by prompts sent."""
    whole: list[Row]
    others: Row
    """Everybody but the maker together, in the whole run."""

    def as_facts(self) -> dict[str, Any]:
        return {
            "definition": say(DEFINITION),
            "runs": self.runs,
            "quiet": self.quiet,
            "prompts": self.prompts,
            "by_phase": [_row(one) for one in self.by_phase],
            "each_prompt": [_row(one) for one in self.each_prompt],
            "whole": [_row(one) for one in self.whole],
            "others": _row(self.others),
            "note": say(TOO_FEW) if len(self.runs) < 3 else None,
        }


def _row(one: Row) -> dict[str, Any]:
    out: dict[str, Any] = {
        "organisation": one.organisation,
        "own": one.own,
        "phase": one.phase,
        "unread": one.unread,
    }
    for figure, values in one.amounts.items():
        told = interval(values)
        out[figure] = {"values": values, **(told.as_row() if told else {})}
        against = one.against.get(figure)
        out[f"{figure}_against"] = against.as_row() if against else None
    return out


def amounts(case: Case, known: dict[str, About]) -> Amounts | None:
    """Of the largest group of like runs in which something was typed, or else of the largest; None without runs."""
    if not known:
        return None
    controls = {row.run: row.control for row in frames.rows(case.runs)}
    rows = list(known.values())
    groups = [sorted(a) for a, _ in strata(rows, rows, ())]
    partners = {group[0]: _quiet(known[group[0]], rows, controls) for group in groups}
    runs = min(
        groups,
        key=lambda group: (controls[group[0]] == QUIET, -len(group), -len(partners[group[0]]), group),
    )
    quiet = [run for run in partners[runs[0]] if run not in runs]
    sent = case.events[(case.events["event"] == "sent") & (case.events["run"] == runs[0])]
    counted = volume(case, [*runs, *quiet])
    doing = counted[counted["phase"].isin([TYPING, ANSWERED])]
    by_prompt = [_shared(one, len(sent)) for one in _rows(doing, runs, [], ["organisation", "own"], PROMPT)]
    everybody = counted[~counted["own"].astype(bool)].assign(organisation=OTHERS)
    together = _rows(everybody, runs, quiet, ["organisation", "own"])
    nobody = Row(OTHERS, False, WHOLE_RUN, {figure: [0.0] * len(runs) for figure in FIGURES}, 0, {})
    return Amounts(
        runs,
        quiet,
        len(sent),
        _rows(counted, runs, [], ["organisation", "own", "phase"]),
        by_prompt if len(sent) else [],
        _rows(counted, runs, quiet, ["organisation", "own"]),
        together[0] if together else nobody,
    )


def _quiet(pattern: About, rows: list[About], controls: dict[str, str | None]) -> list[str]:
    """Runs in which nothing was typed and everything else is equal."""
    alike = [one.run for one in rows if not one.apart(pattern, ("steps",))]
    return sorted(run for run in alike if controls[run] == QUIET)


def _shared(one: Row, prompts: int) -> Row:
    shares = {figure: [value / max(prompts, 1) for value in values] for figure, values in one.amounts.items()}
    return one._replace(amounts=shares)


def _rows(
    counted: pd.DataFrame, runs: list[str], quiet: list[str], by: list[str], words: str = WHOLE_RUN
) -> list[Row]:
    here, there = per_run(counted, runs, by), per_run(counted, quiet, by)
    out = []
    for key in sorted(set(here.index) | set(there.index), key=_order):
        numbers = {f: _numbers(here, key, f, runs) for f in (*FIGURES, "unread")}
        others = {f: _numbers(there, key, f, quiet) for f in FIGURES}
        against = {f: difference(numbers[f], others[f]) for f in FIGURES} if quiet else {}
        phase = str(key[2]) if len(key) > 2 else words
        named = {f: numbers[f] for f in FIGURES}
        out.append(Row(str(key[0]), bool(key[1]), phase, named, int(sum(numbers["unread"])), against))
    return out


def _numbers(table: pd.DataFrame, key: tuple[Any, ...], figure: str, runs: list[str]) -> list[float]:
    return [float(table.loc[key, (figure, run)]) if key in table.index else 0.0 for run in runs]


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return (bool(key[1]), str(key[0]), PHASES.index(key[2]) if len(key) > 2 else 0)
