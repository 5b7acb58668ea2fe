"""The sentences of finding 07: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.weakness.check import Check, Row
from promptrail.findings.words import counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.weak import Studied

CITED = 5
"""Flows, connections and records that a row of the finding names."""
MOST = 4
"""Hosts named for one check in a sentence."""
NOUNS = {
    "identifier": "identifiers",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "prompt": "prompts",
}
NOUNS |= {"draft": "drafts", "file-name": "file names"}


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if failed := [c for c in checks if c.result == "fail"]:
        why = "; ".join(f"“{c.control}”: {c.observed}" for c in failed)
        return f"This cannot be told, for a control failed: {why}. {_coverage(studied)}"
    told = []
    if verdict == "supported":
        if open_ := _told(case, studied, True):
            told.append(f"Open to somebody on the way at {open_}.")
        else:
            told.append("Nothing was seen that is open to somebody on the way.")
        if hidden := _told(case, studied, False):
            told.append(f"Inside TLS, so hidden on the way and not from whoever has the app, at {hidden}.")
    elif verdict == "not observed":
        told.append("No such sending was observed, and everything that was sent could be read.")
    else:
        told.append(f"Nothing was found, and absence cannot be said: {_why_not(studied)}.")
    return " ".join([*told, _coverage(studied)])


def _told(case: Case, studied: "Studied", on_the_way: bool) -> str:
    """Host by host: what was found there, what was in the messages, and the grade."""
    by_host: dict[str, dict[str, tuple[Check, list[Row]]]] = {}
    for check, row in studied.decisive(on_the_way):
        here = by_host.setdefault(row.host or "unknown host", {})
        here.setdefault(check.id, (check, []))[1].append(row)
    parts = []
    for host, found in sorted(by_host.items())[:MOST]:
        alike: dict[tuple[str, str], list[str]] = {}
        for check, rows in found.values():
            held = kinds(case, {flow for row in rows for flow in row.flows})
            within = f", {listed(held)} in it" if held else ""
            alike.setdefault((studied.grades[check.id], within), []).append(_title(check))
        told = [f"{listed(titles)} ({grade}{within})" for (grade, within), titles in alike.items()]
        parts.append(f"{place(case, host)}: {'; '.join(told)}")
    if (more := len(by_host) - MOST) > 0:
        parts.append(f"{more} more {counted(more, 'host')}")
    return ". At ".join(parts)


def _title(check: Check) -> str:
    """As it stands inside a sentence; abbreviations stay."""
    first, rest = check.title[:1], check.title[1:]
    return (first.lower() if rest[:1].islower() else first) + rest


def kinds(case: Case, flows: set[str]) -> list[str]:
    """Kinds of declared values in the requests of these flows, in words."""
    hits = case.sightings[case.sightings["flow"].isin(flows) & (case.sightings["direction"] == "request")]
    met = set(hits.loc[~hits["decoy"].astype(bool), "kind"])
    return [words for kind, words in NOUNS.items() if kind in met]


def _coverage(studied: "Studied") -> str:
    """How many checks could run, and what the others would need."""
    idle = studied.status("not testable")
    n, m = len(studied.answers) - len(idle), len(studied.answers)
    needs = list(dict.fromkeys(check.needs for check in idle))
    rest = f"; the others need {listed(needs)}" if needs else ""
    return f"{n} of {m} checks could run{rest}."


def _why_not(studied: "Studied") -> str:
    if not studied.material.runs:
        return "no run was recorded"
    if not studied.book.allows_absence:
        return f"this was not read: {studied.book.figure()}"
    return "checks that absence needs could not run"


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.material.runs)
    runs = f"{n} recorded {counted(n, 'run')}"
    if strange := len(studied.material.untrusted):
        runs += f" and {strange} with an untrusted CA"
    if verdict == "supported":
        open_ = sorted({str(row.host) for _, row in studied.decisive(True) if row.host})
        hidden = sorted({str(row.host) for _, row in studied.decisive(False) if row.host})
        parts = []
        if open_:
            parts.append(
                f"what went to {listed(open_)} was not protected against somebody on the way, as the table says"
            )
        if hidden:
            parts.append(
                f"what went to {listed(hidden)} was encrypted inside TLS in a way that hides it from nobody "
                "who has the app"
            )
        forbidden = "“Somebody read it”, or “the app is insecure”"
        inside = " What stands inside TLS was exposed to nobody on the way." if hidden else ""
        return (
            f"In {runs}, {'; '.join(parts)}.",
            f"{forbidden}: that a message can be read does not show that anybody did.{inside}",
        )
    if verdict == "not observed":
        return (
            f"In {runs}, no sending without protection was observed by the checks that could run; what happens in "
            f"fewer than {upper_bound(n):.0f} % of runs could still be missed (95 % confidence).",
            f"“Its encryption is sound”: {_coverage(studied)}",
        )
    return (
        f"The recorded traffic of {runs} does not settle whether anything was sent without protection that holds.",
        "“Everything is encrypted”: not found is not the same as protected.",
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {c.control: f"{c.observed} ({c.result})" for c in checks}
    rows = [
        (
            "“The proxy made the app fall back to http.”",
            f"A run that packets alone recorded: {result['Without a proxy']}.",
            "Without such a run the fall-back is not excluded.",
        ),
        (
            "“That is the system asking whether it is online.”",
            f"Known checks of systems are told and decide nothing. Another app: {result['C3, another app']}.",
            "A check that the list does not know.",
        ),
        (
            "“It is all inside TLS.”",
            "Each row says whether TLS was outside; what was inside counts only against whoever has the app.",
            "Whoever runs a TLS end of the vendor (a CDN, a proxy of a company) reads inside TLS.",
        ),
        (
            "“Equal blocks are chance.”",
            f"{result['Chance']}. Two random blocks of 16 bytes are equal with 2^-128; of n blocks of 8 bytes two meet "
            "with about n * n / 2^65.",
            "A format that repeats on borders of blocks looks the same; a hook on the cipher settles it.",
        ),
        (
            "“The key is made anew for each session.”",
            "A key counts only if it came again after a fresh install, or follows from the message.",
            "Where hooks ran once, a constant key and a fresh one cannot be told apart.",
        ),
        (
            "“The CA was installed after all.”",
            f"{result['The wrong CA is wrong']}.",
            "An app can trust user CAs by its own setting, which is acceptance too.",
        ),
        (
            "“You did not see everything.”",
            f"Unread: {studied.book.figure()}. {_coverage(studied)}",
            "What was not read, or what no hook saw, may be weak as well.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
