"""The sentences of finding 08: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.before_after.changes import Change
from promptrail.findings.before_after.items import CONTACT
from promptrail.findings.ledger import shown
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import app, listed, place, upper_bound
from promptrail.language import say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.before_after.finding import Compared

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
        return say(
            "No run of A ({a}) did the same as one of B ({b}): they differ in {properties} too, so what changed cannot "
            "be told.",
            a=compared.sides.a.label,
            b=compared.sides.b.label,
            properties=listed([say(name) for name in why]),
        )
    runs = say_n(
        "{n} run of A ({a}) and {m} of B ({b})",
        "{n} runs of A ({a}) and {m} of B ({b})",
        n,
        a=compared.sides.a.label,
        m=m,
        b=compared.sides.b.label,
    )
    if verdict == "not observed":
        return say(
            "Nothing of {items} items changed between {runs}, and everything could be read.",
            items=len(compared.changes),
            runs=runs,
        )
    if verdict == "supported":
        told = say("Between {runs}: {changes}.", runs=runs, changes="; ".join(_parts(case, compared.changed)))
    else:
        why_not = _why(case, compared, checks)
        told = say("What changed between {runs} cannot be told: {reason}.", runs=runs, reason=why_not)
    return " ".join([told, *_goes_on(compared)])


def _parts(case: Case, changed: list[Change]) -> list[str]:
    """By host, values before contact; items that went the same way are told together."""
    out = []
    for host in dict.fromkeys(one.item.host for one in changed):
        here = [one for one in changed if one.item.host == host]
        here = [one for one in here if one.item.kind != CONTACT] or here
        ways: dict[tuple[object, ...], list[Change]] = {}
        for one in here:
            ways.setdefault((one.a, one.b, one.together), []).append(one)
        changes = listed([_told(part) for part in ways.values()])
        out.append(say("at {place} {changes}", place=place(case, shown(host)), changes=changes))
    return out


def _told(part: list[Change]) -> str:
    one = part[0]
    names = [each.item.words for each in part]
    more = [say("{n} more", n=len(names) - MOST)] if len(names) > MOST else []
    items = listed([*names[:MOST], *more])
    counts = say(
        "{seen_a} of {runs_a} runs of A, {seen_b} of {runs_b} of B, p = {p:.3f}",
        seen_a=one.a.k,
        runs_a=one.a.n,
        seen_b=one.b.k,
        runs_b=one.b.n,
        p=one.together,
    )
    if not one.a.k:
        return say_n(
            "{items} was observed in B only ({counts})",
            "{items} were observed in B only ({counts})",
            len(part),
            items=items,
            counts=counts,
        )
    if not one.b.k:
        return say_n(
            "{items} was not observed in B ({counts}; up to {bound:.0f} % of such runs could still have it, 95 % "
            "confidence)",
            "{items} were not observed in B ({counts}; up to {bound:.0f} % of such runs could still have it, 95 % "
            "confidence)",
            len(part),
            items=items,
            counts=counts,
            bound=upper_bound(one.b.n),
        )
    if one.more:
        return say_n(
            "{items} was observed in more runs of B ({counts})",
            "{items} were observed in more runs of B ({counts})",
            len(part),
            items=items,
            counts=counts,
        )
    return say_n(
        "{items} was observed in fewer runs of B ({counts})",
        "{items} were observed in fewer runs of B ({counts})",
        len(part),
        items=items,
        counts=counts,
    )


def _goes_on(compared: "Compared") -> list[str]:
    """What "all of it stopped" has to be held against."""
    if not compared.statements or compared.statements[0].verdict != "contradicted":
        return []
    on = [one for one in compared.changes if one.a.k and one.b.k and not one.own and one.item.kind != CONTACT]
    if not on:
        return [say("Not all of it stopped."), compared.statements[0].why]
    examples = list({one.item.host: one for one in reversed(on)}.values())[::-1][:EXAMPLES]
    told = [
        say("{item} ({seen} of {runs})", item=one.item.at, seen=one.b.k, runs=one.b.n) for one in examples
    ]
    return [
        say_n(
            "Not all of it stopped: {n} item went to others in B too, such as {items}.",
            "Not all of it stopped: {n} items went to others in B too, such as {items}.",
            len(on),
            items=listed(told),
        )
    ]


def _why(case: Case, compared: "Compared", checks: list[Control]) -> str:
    few = [one for one in compared.changes if one.one_sided and one.testable]
    failed = {one.control: one.observed for one in checks if one.result == "fail"}
    if few and set(failed) == {"Chance"}:
        one = few[0]
        return say_n(
            "{items} was met on one side only ({seen_a} of {runs_a}, then {seen_b} of {runs_b}), which so few runs "
            "can bring about by chance (p = {p:.2f}); three a side are the fewest that can tell",
            "{items} were met on one side only ({seen_a} of {runs_a}, then {seen_b} of {runs_b}), which so few runs "
            "can bring about by chance (p = {p:.2f}); three a side are the fewest that can tell",
            len(few),
            items=listed([change.item.at for change in few[:MOST]]),
            seen_a=one.a.k,
            runs_a=one.a.n,
            seen_b=one.b.k,
            runs_b=one.b.n,
            p=min(change.together for change in few),
        )
    if failed:
        return listed(
            [
                say("{control} failed ({observed})", control=say(name).lower(), observed=observed)
                for name, observed in failed.items()
            ]
        )
    if not compared.changes:
        return say("nothing that was sent could be read")
    blind = [one for one in compared.changes if not one.testable]
    if blind:
        return say(
            "{n} of {all} items could not be read in every run", n=len(blind), all=len(compared.changes)
        )
    figures = [book.figure() for book in compared.books if not book.allows_absence]
    return say(
        "no change was found, but this was not read: {unread}", unread="; ".join(dict.fromkeys(figures))
    )


def licence(case: Case, compared: "Compared", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    if isinstance(compared.sides, str) or not compared.strata:
        return (
            say("The recorded runs do not allow a comparison."),
            say("“Nothing changed” or “it stopped”: no two groups of like runs were recorded."),
        )
    n, m = len(compared.runs(0)), len(compared.runs(1))
    runs = say_n(
        "{n} recorded run of A and {m} of B ({how})",
        "{n} recorded runs of A and {m} of B ({how})",
        n,
        m=m,
        how=compared.sides.how,
    )
    never = say(
        "“It ceased”, “it was blocked”, or that nobody receives it any more: an app can behave otherwise in another "
        "run, and what its maker passes on behind its server is invisible here."
    )
    if verdict == "supported":
        gone = [one for one in compared.changed if not one.b.k]
        new = [one for one in compared.changed if not one.a.k]
        parts = [say("not observed in B: {items}", items=_items(gone))] if gone else []
        parts += [say("new in B: {items}", items=_items(new))] if new else []
        changes = "; ".join(parts) or say("seen in another share of runs")
        return (
            say(
                "In {runs}, {app} changed what it sent; {changes}.", runs=runs, app=app(case), changes=changes
            ),
            never,
        )
    if verdict == "not observed":
        return (
            say(
                "In {runs}, no change of what {app} sent was observed; what happens in fewer than {bound:.0f} % of the "
                "runs of one side could be missed (95 % confidence).",
                runs=runs,
                app=app(case),
                bound=upper_bound(min(n, m)),
            ),
            say(
                "“Nothing changed”: a change in few runs, in content of the same kind, or behind the maker's server is "
                "not excluded."
            ),
        )
    return say("{runs} do not settle whether what was sent changed.", runs=runs), never


def _items(found: list[Change]) -> str:
    more = [say("{n} more", n=len(found) - MOST)] if len(found) > MOST else []
    return listed([*(one.item.at for one in found[:MOST]), *more])


def objections(compared: "Compared", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“It stopped, so nobody gets it now.”"),
            say("The finding says “not observed in so many runs”, with the bound."),
            say(
                "The maker's server can pass everything on: forwarding behind it is invisible to any capture of "
                "the app."
            ),
        ),
        (
            say("“A switch on the server did it, not the new version.”"),
            say(
                "Recorded in turn: {told}. Notebook 11 shows the settings that the app was handed.",
                told=result["In turn"],
            ),
            say("A test group that the account fell into once for all looks like a change."),
        ),
        (
            say("“You compare unlike things.”"),
            say("Only runs that are alike are compared: {told}.", told=result["Like with like"]),
            say("Account, time of day and load of the servers are not held equal."),
        ),
        (
            say("“You saw less of the one side.”"),
            say("Coverage: {told}.", told=result["Equal coverage"]),
            say("A channel that was never readable can have taken over what is missing."),
        ),
        (
            say("“With so many items something always changes.”"),
            say("Chance: {told}. Holm's p stands beside it.", told=result["Chance"]),
            say("Less and more are two questions, each at 5 %; together up to 10 %."),
        ),
    ]
    return objection_rows(rows)
