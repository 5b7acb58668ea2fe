"""Checks that could prove a finding about settings wrong: what the words find, what they must not, another app, chance.

A control that was not recorded is "not run", never passed.
"""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.controls import MISSING
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.remote.finding import Studied

TYPED = mark("Answers to what was typed")
NEEDED = (TYPED, "C3, another app")
LEVEL = 0.05
OWN = mark("The maker's own")


def controls(case: Case, studied: "Studied") -> list[Control]:
    """In the order of the page."""
    return [_recognised(studied), _typed(case, studied), _other_app(case, studied), _chance(studied)]


def _recognised(studied: "Studied") -> Control:
    """Most makers hand settings to their own app: words that do not find those find nobody's."""
    n = len({(one.host, one.place) for one in studied.own})
    return Control(
        OWN,
        say("do the words find settings at all?"),
        say("settings of the app's maker are known by the same words"),
        say(
            "{places}, {answers}",
            places=say_n("{n} place of the maker", "{n} places of the maker", n),
            answers=say_n("{n} answer", "{n} answers", len(studied.own)),
        )
        if n
        else say("no answer of the maker was known as settings"),
        "pass" if n else "not run",
    )


def _typed(case: Case, studied: "Studied") -> Control:
    """What answers a prompt is an answer, whatever its fields are called."""
    hits = case.sightings[
        case.sightings["kind"].isin(["prompt", "draft"]) & case.sightings["run"].isin(studied.runs)
    ]
    carried = set(hits.loc[(hits["direction"] == "request") & ~hits["decoy"].astype(bool), "flow"])
    wrong = sum(one.flow in carried for one in studied.others)
    return Control(
        TYPED,
        say("do the words find what is no settings?"),
        say("no answer to a request that carried typed text is called settings"),
        say("{wrong} of {all} such answers", wrong=wrong, all=len(carried))
        if carried
        else say("no request carried typed text"),
        "not run" if not carried else "fail" if wrong else "pass",
    )


def _other_app(case: Case, studied: "Studied") -> Control:
    ran = bool((case.runs["control"] == "C3").any())
    mine = {(one.host, one.place) for one in studied.others}
    shared = mine & {(one.host, one.place) for one in studied.elsewhere}
    told = say_n(
        "{shared} of {n} place handed settings to it too",
        "{shared} of {n} places handed settings to it too",
        len(mine),
        shared=len(shared),
    )
    return Control(
        "C3, another app",
        say("is it this app, not the system?"),
        say("another app on the device is not handed the same settings from all of these places"),
        say(MISSING) if not ran else told if mine else say("no settings came from others"),
        "not run" if not ran or not mine else "fail" if shared == mine else "pass",
    )


def _chance(studied: "Studied") -> Control:
    """Of the pairs alone; the verdict does not rest on them."""
    tried = len(studied.pairs)
    stand = [one for one in studied.pairs if one.holm <= LEVEL]
    told = (
        say(
            "{stand} of {all} pairs of key and behaviour stand it; the smallest p is {p:.3f}",
            stand=len(stand),
            all=tried,
            p=studied.pairs[0].p,
        )
        if tried
        else say("no key changed between runs that did the same")
    )
    return Control(
        mark("Chance"),
        say("is a pair of key and behaviour chance?"),
        say("p of {level} or less after Holm, for as many pairs as were tried", level=LEVEL),
        told,
        "pass" if stand else "not run",
    )
