"""Checks that could prove a comparison of two groups of runs wrong: likeness, coverage, chance, another app, order.

A control that was not recorded is "not run", never passed.
"""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.before_after.changes import LEVEL, Change
from promptrail.findings.before_after.items import SEEN
from promptrail.findings.comparable import About
from promptrail.findings.controls import MISSING
from promptrail.findings.exact import dealt
from promptrail.findings.false_discovery import decoys
from promptrail.findings.ledger import shown
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.before_after.finding import Compared


def controls(case: Case, known: dict[str, About], compared: "Compared") -> list[Control]:
    """In the order of the page."""
    return [
        decoys(case, [*compared.runs(0), *compared.runs(1)]),
        _alike(compared),
        _coverage(compared),
        _chance(compared),
        _other_app(compared),
        _in_turn(known, compared),
    ]


def candidates(compared: "Compared") -> list[Change]:
    """What differs so much that it looks like a change before chance was asked."""
    return [one for one in compared.changes if one.testable and (one.p <= LEVEL or _parted(one))]


def _parted(one: Change) -> bool:
    """Seen in every run of one side, and in none of the other."""
    a, b = one.a, one.b
    return bool(a.n and b.n) and ((a.k, b.k) in ((a.n, 0), (0, b.n)))


def _alike(compared: "Compared") -> Control:
    """Runs that differ in more than what is compared are left out; what is left is like with like by construction."""
    kept, out = len(compared.runs(0)) + len(compared.runs(1)), len(compared.left_out)
    why = sorted({name for names in compared.left_out.values() for name in names})
    told = [say("{n} runs of A and {m} of B are alike", n=len(compared.runs(0)), m=len(compared.runs(1)))]
    if out:
        told.append(
            say_n(
                "{n} without a partner was left out (they differ in {properties})",
                "{n} without a partner were left out (they differ in {properties})",
                out,
                properties=listed([say(name) for name in why]),
            )
        )
    return Control(
        mark("Like with like"),
        say("do the runs differ in something else?"),
        say("both sides have runs with the same steps, device, region, mode and way of recording"),
        "; ".join(told),
        "not run" if isinstance(compared.sides, str) else "pass" if kept else "fail",
    )


def _coverage(compared: "Compared") -> Control:
    """An item that is missing on one side because that side could not be read has not changed."""
    sided = [one for one in compared.changes if one.one_sided]
    blocked = [one for one in sided if not one.testable]
    hosts = sorted({one.item.host for one in blocked})
    told = say_n(
        "{blocked} of {n} item met on one side only could not be read on the other",
        "{blocked} of {n} items met on one side only could not be read on the other",
        len(sided),
        blocked=len(blocked),
    )
    if hosts:
        told = say("{told}: at {hosts}", told=told, hosts=listed([shown(host) for host in hosts[:6]]))
    return Control(
        mark("Equal coverage"),
        say("could both sides be read equally well?"),
        say("what was met on one side only could have been read on the other"),
        told,
        "not run" if not compared.changes else "fail" if blocked and not compared.changed else "pass",
    )


def _chance(compared: "Compared") -> Control:
    """The same runs, dealt out to A and B in every other way: how often does as much seem to change?"""
    name, asked = mark("Chance"), say("could it be chance?")
    wanted = say(
        "at most {level:.0f} % of the ways to deal the runs out would show as much", level=100 * LEVEL
    )
    if not (found := candidates(compared)):
        told = say("nothing differs so much that chance would have to be asked")
        return Control(name, asked, wanted, told, "not run")
    sides = [n == 0 for pair in compared.strata for n, side in enumerate(pair) for _ in side]
    numbers = [n for n, pair in enumerate(compared.strata) for side in pair for _ in side]
    ways = dealt(sides, numbers).ways
    least = min(one.together for one in found)
    told = say(
        "p = {p:.3f} over {ways:,} ways, all {items} items allowed for; {stand} of {differ} that differ stand it",
        p=least,
        ways=ways,
        items=len(compared.changes),
        stand=len(compared.changed),
        differ=len(found),
    )
    return Control(name, asked, wanted, told, "pass" if compared.changed else "fail")


def _other_app(compared: "Compared") -> Control:
    """What another app on the device sends alike is not this app's alone."""
    ran = bool(compared.other_app.blind)
    changed = compared.changed
    shared = [one for one in changed if SEEN in compared.other_app.cells.get(one.item, {}).values()]
    told = say_n(
        "{shared} of {n} item that changed came from it too",
        "{shared} of {n} items that changed came from it too",
        len(changed),
        shared=len(shared),
    )
    return Control(
        mark("C3, another app"),
        say("is it this app, not another one or the system?"),
        say("what changed is not sent alike by another app on the device"),
        told if ran else say(MISSING),
        "not run" if not ran or not changed else "fail" if len(shared) == len(changed) else "pass",
    )


def _in_turn(known: dict[str, About], compared: "Compared") -> Control:
    """Where A was recorded first and B afterwards, whatever else happened in between could be the reason."""
    times = [[t for run in compared.runs(n) if (t := known[run].started) is not None] for n in (0, 1)]
    mixed = all(times) and max(times[0]) > min(times[1]) and max(times[1]) > min(times[0])
    told = (
        say("runs of A and B were recorded in turn")
        if mixed
        else say("all runs of the one side came before those of the other")
    )
    return Control(
        mark("In turn"),
        say("did something else change between the two sides?"),
        say("A and B were recorded in turn, not one after the other"),
        told if all(times) else say("the times of the runs are not known"),
        "pass" if mixed else "not run",
    )
