"""The sentences of finding 06: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.identifier_named import by_class
from promptrail.findings.identifier_strength import BRIDGES
from promptrail.findings.ledger import Ledger
from promptrail.findings.words import counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.identifiers import Studied

DESCRIBE = ("device", "setting", "network")
MOST = 5
"""Hosts named in a sentence; the table has them all."""


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if not studied.values:
        return _nothing_declared(case, studied)
    if failed := [c for c in checks if c.result == "fail"]:
        why = "; ".join(f"“{c.control}”: {c.observed}" for c in failed)
        return f"This cannot be told, for a control failed: {why}. {_seen(case, studied)}".strip()
    if studied.others:
        return f"{_seen(case, studied)}{_lasted(studied)}{_shared(studied)}{_bridged(studied)}"
    n, where = (
        len(studied.values),
        f"only at the app's maker ({listed(studied.own)})" if studied.own else "nowhere",
    )
    if verdict == "not observed":
        return (
            f"In {_runs(studied)} the declared values were seen {where}, "
            "and everything that was sent could be read."
        )
    if not any(value.strength.identifies for value in studied.values):
        return f"None of {n} declared {counted(n, 'value')} tells one device or account from others: {_weak(studied)}."
    return (
        f"Of {n} declared {counted(n, 'value')}, what decides was seen {where} in what could be read."
        f"{_shared(studied)} Unread: {studied.book.figure()}."
    )


def _runs(studied: "Studied") -> str:
    return f"{len(studied.runs)} {counted(len(studied.runs), 'run')}"


def _seen(case: Case, studied: "Studied") -> str:
    """Host by host: which values, in which tiers, in how many runs."""
    told = []
    for host in studied.others[:MOST]:
        here = studied.decisive[studied.decisive["host"] == host]
        parts = []
        for tiers, group in _by_tiers(studied, host).items():
            parts.append(f"{listed(group)} ({tiers})")
        where = place(case, host)
        told.append(f"{listed(parts)} reached {where} in {here['run'].nunique()} of {_runs(studied)}")
    if (more := len(studied.others) - MOST) > 0:
        told.append(f"{more} more {counted(more, 'host')}")
    return "; ".join(told) + "." if told else ""


def _by_tiers(studied: "Studied", host: str) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    here = studied.decisive[studied.decisive["host"] == host]
    for value in studied.values:
        tiers = sorted(set(here.loc[here["probe"] == value.probe, "tier"].astype(str)))
        if tiers:
            out.setdefault(listed(tiers), []).append(value.probe)
    return out


def _lasted(studied: "Studied") -> str:
    """Over restarts, and over resets of the app where there were any."""
    kept = [probe for probe, last in studied.lasts.items() if last.runs > 1]
    if not kept:
        return ""
    survived = [probe for probe, last in studied.lasts.items() if last.survived]
    after = "what a reset of the app changes was not recorded"
    if any(last.resets for last in studied.lasts.values()):
        after = (
            f"after a reset of the app, {listed(survived)} came again"
            if survived
            else "none came after a reset"
        )
    return f" {listed(kept)} stayed the same over restarts; {after}."


def _shared(studied: "Studied") -> str:
    if not studied.shared:
        return ""
    told = [f"{probe} to {host}" for probe, host in sorted(studied.shared)[:MOST]]
    return (
        f" Another app on the device sent {listed(told)} too: that shows no sender, "
        "and lets the recipient join the apps."
    )


def _bridged(studied: "Studied") -> str:
    n = len(studied.bridges)
    if not n:
        return ""
    return (
        f" {n} {counted(n, 'value')} of {BRIDGES} bits or more {'was' if n == 1 else 'were'} met at two organisations "
        "or more; that they are joined is not seen."
    )


def _weak(studied: "Studied") -> str:
    return "; ".join(f"{v.probe}: {v.strength.words.removeprefix('no identifier: ')}" for v in studied.values)


def _nothing_declared(case: Case, studied: "Studied") -> str:
    command = f"`promptrail probe add {case.path.name} --kind identifier --text …` declares one."
    told = []
    for classes, what in (
        (("identifier",), "fields for {}"),
        (DESCRIBE, "fields that describe the device ({})"),
    ):
        rows = [row for row in studied.named if row["class"] in classes]
        if not rows:
            continue
        terms = [term for some in by_class(rows).values() for term in some]
        hosts = sorted({row["host"] for row in rows})
        where = listed(hosts) if len(hosts) <= MOST else f"{len(hosts)} hosts"
        more = [*terms[:MOST], f"{len(terms) - MOST} more"] if len(terms) > MOST + 1 else terms
        told.append(f"{what.format(listed(more))} went to {where}")
    if not told:
        return f"No identifier is declared, and no field was named like one. {command}"
    return f"No identifier is declared, so none is proved. By their names, {'; '.join(told)}. {command}"


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    runs = f"{n} recorded {counted(n, 'run')}"
    forbidden = "“The user is tracked”, “the profiles are joined” or “nobody else received it”"
    if verdict == "supported":
        who = listed(studied.others[:MOST]) + (" and others" if len(studied.others) > MOST else "")
        kinds = _kinds(studied)
        return (
            f"In {runs}, {listed(kinds)} of the examined device or account {'was' if len(kinds) == 1 else 'were'} "
            f"transmitted to {who}, in the forms that the table gives.",
            f"{forbidden}: what a recipient does with a value cannot be seen in traffic, and this was not read: "
            f"{studied.book.figure()}.",
        )
    if verdict == "not observed":
        return (
            f"In {runs}, no transmission of a declared value to anybody but the app's maker was observed; with {n} "
            f"{counted(n, 'run')} what happens in fewer than {upper_bound(n):.0f} % of runs could still be missed "
            "(95 % confidence).",
            "“The app sends no identifiers”: only declared values were looked for, and an app can behave otherwise "
            "at another time or place.",
        )
    if not studied.values and studied.named:
        return (
            f"In {runs}, requests carried fields that their sender named like values of a device, account or setting.",
            "“The device's identifier was sent”: a name is no proof of what a field holds. Declare the values and "
            "run again.",
        )
    return (
        f"The recorded traffic of {runs} does not settle whether a declared value reached anybody but the app's maker. "
        f"Unread: {studied.book.figure()}.",
        "“No identifier is passed on”: not found is not the same as not sent.",
    )


def _kinds(studied: "Studied") -> list[str]:
    there = studied.decisive[studied.decisive["host"].isin(studied.others)]
    nouns = {"identifier": "an identifier", "email": "an e-mail address", "phone": "a phone number"}
    hashed = set(there.loc[there["tier"] == "digest", "kind"]) - set(
        there.loc[there["tier"] != "digest", "kind"]
    )
    return [f"a hash of {nouns[k]}" if k in hashed else nouns[k] for k in nouns if k in set(there["kind"])]


def objections(checks: list[Control], book: Ledger) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {c.control: f"{c.observed} ({c.result})" for c in checks}
    rows = [
        (
            "“The service needs it to work.”",
            "The finding says what was sent to whom, and the maker's own hosts decide nothing.",
            "Whether it was needed is a question of law and design, not of traffic.",
        ),
        (
            "“It is a constant of the emulator.”",
            f"Known constants are left out: {result['Chance and constants']}. "
            f"Another device: {result['Another device']}.",
            "A constant that nobody has listed yet; a second device shows it.",
        ),
        (
            "“It is a chance match.”",
            f"Decoys of the same shape: {result['Decoys']}.",
            "The bits are an estimate from below.",
        ),
        (
            "“Another app or the system sent it.”",
            f"The same device with another app: {result['C3, another app']}.",
            "A kit inside several apps sends the same from each.",
        ),
        (
            "“A hash is anonymous.”",
            "A digest is listed apart, with what was hashed: who knows the value can compute it again.",
            "Salted hashes are not found unless the salt is known.",
        ),
        (
            "“The same value at two companies is nothing.”",
            "It is told as the same value, with who showed it first.",
            "Whether it is joined on a server cannot be seen in traffic.",
        ),
        (
            "“You did not see everything.”",
            f"Unread: {book.figure()}.",
            "What was not read may hold more, never less.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
