"""The sentences of finding 08: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.before_after_changes import Change
from promptrail.findings.before_after_items import CONTACT
from promptrail.findings.words import app, counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.before_after import Compared

EXAMPLES = 2
"""Hosts of which one item is named that went on."""
MOST = 6
"""Items named in the answer; the table has all."""


def sentence(case: Case, compared: "Compared", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if isinstance(compared.sides, str):
        return compared.sides
    n, m = len(compared.runs(0)), len(compared.runs(1))
    if not compared.strata:
        why = sorted({name for names in compared.left_out.values() for name in names})
        return (
            f"No run of A ({compared.sides.a.label}) did the same as one of B ({compared.sides.b.label}): they differ "
            f"in {listed(why)} too, so what changed cannot be told."
        )
    runs = f"{n} {counted(n, 'run')} of A ({compared.sides.a.label}) and {m} of B ({compared.sides.b.label})"
    if verdict == "supported":
        return f"Between {runs}: {'; '.join(_parts(case, compared.changed))}.{_goes_on(compared)}"
    if verdict == "not observed":
        return (
            f"Nothing of {len(compared.changes)} items changed between {runs}, and everything could be read."
        )
    return f"What changed between {runs} cannot be told: {_why(case, compared, checks)}.{_goes_on(compared)}"


def _parts(case: Case, changed: list[Change]) -> list[str]:
    """By host, values before contact; items that went the same way are told together."""
    out = []
    for host in dict.fromkeys(one.item.host for one in changed):
        here = [one for one in changed if one.item.host == host]
        here = [one for one in here if one.item.kind != CONTACT] or here
        ways: dict[tuple[object, ...], list[Change]] = {}
        for one in here:
            ways.setdefault((one.a, one.b, one.together), []).append(one)
        out.append(f"at {place(case, host)} {listed([_told(part) for part in ways.values()])}")
    return out


def _told(part: list[Change]) -> str:
    one = part[0]
    names = [each.item.words for each in part]
    more = [f"{len(names) - MOST} more"] if len(names) > MOST else []
    be = "was" if len(part) == 1 else "were"
    counts = f"{one.a.k} of {one.a.n} runs of A, {one.b.k} of {one.b.n} of B, p = {one.together:.3f}"
    if not one.a.k:
        word = f"{be} observed in B only ({counts})"
    elif not one.b.k:
        bound = f"{upper_bound(one.b.n):.0f} % of such runs could still have it, 95 % confidence"
        word = f"{be} not observed in B ({counts}; up to {bound})"
    else:
        word = f"{be} observed in {'more' if one.more else 'fewer'} runs of B ({counts})"
    return f"{listed([*names[:MOST], *more])} {word}"


def _goes_on(compared: "Compared") -> str:
    """What "all of it stopped" has to be held against."""
    if not compared.statements or compared.statements[0].verdict != "contradicted":
        return ""
    on = [one for one in compared.changes if one.a.k and one.b.k and not one.own and one.item.kind != CONTACT]
    if not on:
        return f" Not all of it stopped. {compared.statements[0].why}"
    shown = list({one.item.host: one for one in reversed(on)}.values())[::-1][:EXAMPLES]
    told = listed([f"{one.item.words} at {one.item.host} ({one.b.k} of {one.b.n})" for one in shown])
    return f" Not all of it stopped: {len(on)} {counted(len(on), 'item')} went to others in B too, such as {told}."


def _why(case: Case, compared: "Compared", checks: list[Control]) -> str:
    few = [one for one in compared.changes if one.one_sided and one.testable]
    failed = {one.control: one.observed for one in checks if one.result == "fail"}
    if few and set(failed) == {"Chance"}:
        told = listed([f"{one.item.words} at {one.item.host}" for one in few[:MOST]])
        one = few[0]
        return (
            f"{told} {'was' if len(few) == 1 else 'were'} met on one side only ({one.a.k} of {one.a.n}, then {one.b.k} "
            f"of {one.b.n}), which so few runs can bring about by chance (p = {min(f.together for f in few):.2f}); "
            "three a side are the fewest that can tell"
        )
    if failed:
        return listed([f"{name.lower()} failed ({observed})" for name, observed in failed.items()])
    if not compared.changes:
        return "nothing that was sent could be read"
    blind = [one for one in compared.changes if not one.testable]
    if blind:
        return f"{len(blind)} of {len(compared.changes)} items could not be read in every run"
    figures = [book.figure() for book in compared.books if not book.allows_absence]
    return f"no change was found, but this was not read: {'; '.join(dict.fromkeys(figures))}"


def licence(case: Case, compared: "Compared", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    if isinstance(compared.sides, str) or not compared.strata:
        return (
            "The recorded runs do not allow a comparison.",
            "“Nothing changed” or “it stopped”: no two groups of like runs were recorded.",
        )
    n, m = len(compared.runs(0)), len(compared.runs(1))
    runs = f"{n} recorded {counted(n, 'run')} of A and {m} of B ({compared.sides.how})"
    never = (
        "“It ceased”, “it was blocked”, or that nobody receives it any more: an app can behave otherwise in another "
        "run, and what its maker passes on behind its server is invisible here."
    )
    if verdict == "supported":
        gone = [one for one in compared.changed if not one.b.k]
        new = [one for one in compared.changed if not one.a.k]
        parts = [f"not observed in B: {_items(gone)}"] if gone else []
        parts += [f"new in B: {_items(new)}"] if new else []
        parts = parts or ["seen in another share of runs"]
        return f"In {runs}, {app(case)} changed what it sent; {'; '.join(parts)}.", never
    if verdict == "not observed":
        least = min(n, m)
        return (
            f"In {runs}, no change of what {app(case)} sent was observed; what happens in fewer than "
            f"{upper_bound(least):.0f} % of the runs of one side could be missed (95 % confidence).",
            "“Nothing changed”: a change in few runs, in content of the same kind, or behind the maker's server is not "
            "excluded.",
        )
    return (f"{runs[0].upper()}{runs[1:]} do not settle whether what was sent changed.", never)


def _items(found: list[Change]) -> str:
    shown = [f"{one.item.words} at {one.item.host}" for one in found[:MOST]]
    more = [f"{len(found) - MOST} more"] if len(found) > MOST else []
    return listed([*shown, *more])


def objections(compared: "Compared", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {check.control: f"{check.observed} ({check.result})" for check in checks}
    rows = [
        (
            "“It stopped, so nobody gets it now.”",
            "The finding says “not observed in so many runs”, with the bound.",
            "The maker's server can pass everything on: forwarding behind it is invisible to any capture of the app.",
        ),
        (
            "“A switch on the server did it, not the new version.”",
            f"Recorded in turn: {result['In turn']}. Notebook 11 shows the settings that the app was handed.",
            "A test group that the account fell into once for all looks like a change.",
        ),
        (
            "“You compare unlike things.”",
            f"Only runs that are alike are compared: {result['Like with like']}.",
            "Account, time of day and load of the servers are not held equal.",
        ),
        (
            "“You saw less of the one side.”",
            f"Coverage: {result['Equal coverage']}.",
            "A channel that was never readable can have taken over what is missing.",
        ),
        (
            "“With so many items something always changes.”",
            f"Chance: {result['Chance']}. Holm's p stands beside it.",
            "Less and more are two questions, each at 5 %; together up to 10 %.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
