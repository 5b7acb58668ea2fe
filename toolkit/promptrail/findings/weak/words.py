"""The sentences of finding 07: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.ledger import UNKNOWN_HOST, shown
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.weak.checks.check import Check, Row
from promptrail.findings.words import listed, place, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.weak.finding import Studied

CITED = 5
"""Flows, connections and records that a row of the finding names."""
MOST = 4
"""Hosts named for one check in a sentence."""
NOUNS = {
    "identifier": mark("identifiers"),
    "email": mark("e-mail addresses"),
    "phone": mark("phone numbers"),
    "prompt": mark("prompts"),
    "draft": mark("drafts"),
    "file-name": mark("file names"),
}


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if failed := [c for c in checks if c.result == "fail"]:
        why = "; ".join(f"“{say(c.control)}”: {c.observed}" for c in failed)
        told = say("This cannot be told, for a control failed: {controls}.", controls=why)
        return f"{told} {_coverage(studied)}"
    if verdict == "supported":
        sentences = [*_open(case, studied), *_hidden(case, studied)]
    elif verdict == "not observed":
        sentences = [say("No such sending was observed, and everything that was sent could be read.")]
    else:
        sentences = [
            say("Nothing was found, and absence cannot be said: {reason}.", reason=_why_not(studied))
        ]
    return " ".join([*sentences, _coverage(studied)])


def _open(case: Case, studied: "Studied") -> list[str]:
    """Sentences on what somebody on the way could read."""
    hosts = _told(case, studied, True)
    if not hosts:
        return [say("Nothing was seen that is open to somebody on the way.")]
    return [say("Open to somebody on the way at {found}.", found=hosts[0]), *_further(hosts)]


def _hidden(case: Case, studied: "Studied") -> list[str]:
    """The same on what stood inside TLS."""
    hosts = _told(case, studied, False)
    if not hosts:
        return []
    first = say(
        "Inside TLS, so hidden on the way and not from whoever has the app, at {found}.", found=hosts[0]
    )
    return [first, *_further(hosts)]


def _further(hosts: list[str]) -> list[str]:
    return [say("At {found}.", found=host) for host in hosts[1:]]


def _told(case: Case, studied: "Studied", on_the_way: bool) -> list[str]:
    """Host by host: what was found there, what was in the messages, and the grade."""
    by_host: dict[str, dict[str, tuple[Check, list[Row]]]] = {}
    for check, row in studied.decisive(on_the_way):
        here = by_host.setdefault(row.host or UNKNOWN_HOST, {})
        here.setdefault(check.id, (check, []))[1].append(row)
    parts = []
    for host, found in sorted(by_host.items())[:MOST]:
        alike: dict[tuple[str, str], list[str]] = {}
        for check, rows in found.values():
            held = kinds(case, {flow for row in rows for flow in row.flows})
            within = listed(held) if held else ""
            alike.setdefault((studied.grades[check.id], within), []).append(_title(check))
        told = [_graded(listed(titles), *about) for about, titles in alike.items()]
        parts.append(f"{place(case, shown(host))}: {'; '.join(told)}")
    if (more := len(by_host) - MOST) > 0:
        parts.append(say_n("{n} more host", "{n} more hosts", more))
    return parts


def _graded(titles: str, grade: str, within: str) -> str:
    """What was found, with its grade and what was in the messages."""
    if not within:
        return f"{titles} ({grade})"
    return say("{found} ({grade}, {values} in it)", found=titles, grade=grade, values=within)


def _title(check: Check) -> str:
    """As it stands inside a sentence; abbreviations stay."""
    title = say(check.title)
    first, rest = title[:1], title[1:]
    return (first.lower() if rest[:1].islower() else first) + rest


def kinds(case: Case, flows: set[str]) -> list[str]:
    """Kinds of declared values in the requests of these flows, in words."""
    hits = case.sightings[case.sightings["flow"].isin(flows) & (case.sightings["direction"] == "request")]
    met = set(hits.loc[~hits["decoy"].astype(bool), "kind"])
    return [say(words) for kind, words in NOUNS.items() if kind in met]


def _coverage(studied: "Studied") -> str:
    """How many checks could run, and what the others would need."""
    idle = studied.status("not testable")
    n, m = len(studied.answers) - len(idle), len(studied.answers)
    if not idle:
        return say("{n} of {all} checks could run.", n=n, all=m)
    needs = listed(list(dict.fromkeys(say(check.needs) for check in idle)))
    return say("{n} of {all} checks could run; the others need {needs}.", n=n, all=m, needs=needs)


def _why_not(studied: "Studied") -> str:
    if not studied.material.runs:
        return say("no run was recorded")
    if not studied.book.allows_absence:
        return say("this was not read: {unread}", unread=studied.book.figure())
    return say("checks that absence needs could not run")


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.material.runs)
    runs = say_n("{n} recorded run", "{n} recorded runs", n)
    if strange := len(studied.material.untrusted):
        runs = say("{runs} and {more} with an untrusted CA", runs=runs, more=strange)
    if verdict == "supported":
        open_ = sorted({str(row.host) for _, row in studied.decisive(True) if row.host})
        hidden = sorted({str(row.host) for _, row in studied.decisive(False) if row.host})
        parts = []
        if open_:
            parts.append(
                say(
                    "what went to {hosts} was not protected against somebody on the way, as the table says",
                    hosts=listed(open_),
                )
            )
        if hidden:
            parts.append(
                say(
                    "what went to {hosts} was encrypted inside TLS in a way that hides it from nobody who has the app",
                    hosts=listed(hidden),
                )
            )
        forbidden = [
            say(
                "“Somebody read it”, or “the app is insecure”: that a message can be read does not show that "
                "anybody did."
            )
        ]
        if hidden:
            forbidden.append(
                say(
                    "“Others on the way could read it”, of what went to {hosts} inside TLS.",
                    hosts=listed(hidden),
                )
            )
        return say("In {runs}, {found}.", runs=runs, found="; ".join(parts)), " ".join(forbidden)
    if verdict == "not observed":
        return (
            say(
                "In {runs}, no sending without protection was observed by the checks that could run; what happens in "
                "fewer than {bound:.0f} % of runs could still be missed (95 % confidence).",
                runs=runs,
                bound=upper_bound(n),
            ),
            say("“Its encryption is sound”: {coverage}", coverage=_coverage(studied)),
        )
    return (
        say(
            "The recorded traffic of {runs} does not settle whether anything was sent without protection that holds.",
            runs=runs,
        ),
        say("“Everything is encrypted”: not found is not the same as protected."),
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“The proxy made the app fall back to http.”"),
            say("A run that packets alone recorded: {control}.", control=result["Without a proxy"]),
            say("Without such a run the fall-back is not excluded."),
        ),
        (
            say("“That is the system asking whether it is online.”"),
            say(
                "Known checks of systems are told and decide nothing. Another app: {control}.",
                control=result["C3, another app"],
            ),
            say("A check that the list does not know."),
        ),
        (
            say("“It is all inside TLS.”"),
            say(
                "Each row says whether TLS was outside; what was inside counts only against whoever has the app."
            ),
            say("Whoever runs a TLS end of the vendor (a CDN, a proxy of a company) reads inside TLS."),
        ),
        (
            say("“Equal blocks are chance.”"),
            say(
                "{control}. Two random blocks of 16 bytes are equal with 2^-128; of n blocks of 8 bytes two meet with "
                "about n * n / 2^65.",
                control=result["Chance"],
            ),
            say(
                "A format that repeats on borders of blocks looks the same; a hook on the cipher settles it."
            ),
        ),
        (
            say("“The key is made anew for each session.”"),
            say("A key counts only if it came again after a fresh install, or follows from the message."),
            say("Where hooks ran once, a constant key and a fresh one cannot be told apart."),
        ),
        (
            say("“The CA was installed after all.”"),
            f"{result['The wrong CA is wrong']}.",
            say("An app can trust user CAs by its own setting, which is acceptance too."),
        ),
        (
            say("“You did not see everything.”"),
            " ".join([say("Unread: {unread}.", unread=studied.book.figure()), _coverage(studied)]),
            say("What was not read, or what no hook saw, may be weak as well."),
        ),
    ]
    return objection_rows(rows)
