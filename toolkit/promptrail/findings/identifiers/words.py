"""The sentences of finding 06: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.identifiers.named import by_class
from promptrail.findings.identifiers.strength import BRIDGES
from promptrail.findings.ledger import Ledger
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import listed, place, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.identifiers.finding import Studied

DESCRIBE = ("device", "setting", "network")
MOST = 5
"""Hosts named in a sentence; the table has them all."""
FIELDS = (
    (("identifier",), mark("fields for {terms} went to {hosts}")),
    (DESCRIBE, mark("fields that describe the device ({terms}) went to {hosts}")),
)
NOUNS = {
    "identifier": (mark("an identifier"), mark("a hash of an identifier")),
    "email": (mark("an e-mail address"), mark("a hash of an e-mail address")),
    "phone": (mark("a phone number"), mark("a hash of a phone number")),
}
"""What was sent of a kind; where it was hashed everywhere, the second."""


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if not studied.values:
        return _nothing_declared(case, studied)
    if failed := [c for c in checks if c.result == "fail"]:
        why = "; ".join(f"“{say(c.control)}”: {c.observed}" for c in failed)
        failure = say("This cannot be told, for a control failed: {why}.", why=why)
        return _joined(failure, _seen(case, studied))
    if studied.others:
        return _joined(_seen(case, studied), _lasted(studied), _shared(studied), _bridged(studied))
    n = len(studied.values)
    if verdict == "not observed":
        return say_n(
            "In {n} run the declared values were seen only at the app's maker ({hosts}), "
            "and everything that was sent could be read.",
            "In {n} runs the declared values were seen only at the app's maker ({hosts}), "
            "and everything that was sent could be read.",
            len(studied.runs),
            hosts=listed(studied.own),
        )
    if not any(value.strength.identifies for value in studied.values):
        return say_n(
            "None of {n} declared value tells one device or account from others: {why}.",
            "None of {n} declared values tells one device or account from others: {why}.",
            n,
            why="; ".join(f"{v.probe}: {v.strength.why}" for v in studied.values),
        )
    if studied.own:
        told = say_n(
            "Of {n} declared value, what decides was seen only at the app's maker ({hosts}) in what could be read.",
            "Of {n} declared values, what decides was seen only at the app's maker ({hosts}) in what could be read.",
            n,
            hosts=listed(studied.own),
        )
    else:
        told = say_n(
            "Of {n} declared value, what decides was seen nowhere in what could be read.",
            "Of {n} declared values, what decides was seen nowhere in what could be read.",
            n,
        )
    return _joined(told, _shared(studied), say("Unread: {unread}.", unread=studied.book.figure()))


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _seen(case: Case, studied: "Studied") -> str:
    """Host by host: which values, in which tiers, in how many runs."""
    told = []
    for host in studied.others[:MOST]:
        here = studied.decisive[studied.decisive["host"] == host]
        parts = []
        for tiers, group in _by_tiers(studied, host).items():
            parts.append(f"{listed(group)} ({tiers})")
        told.append(
            say_n(
                "{values} reached {place} in {seen} of {n} run",
                "{values} reached {place} in {seen} of {n} runs",
                len(studied.runs),
                values=listed(parts),
                place=place(case, host),
                seen=here["run"].nunique(),
            )
        )
    if (more := len(studied.others) - MOST) > 0:
        told.append(say_n("{n} more host", "{n} more hosts", more))
    return "; ".join(told) + "." if told else ""


def _by_tiers(studied: "Studied", host: str) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    here = studied.decisive[studied.decisive["host"] == host]
    for value in studied.values:
        tiers = sorted(set(here.loc[here["probe"] == value.probe, "tier"].astype(str)))
        if tiers:
            out.setdefault(listed([say(tier) for tier in tiers]), []).append(value.probe)
    return out


def _lasted(studied: "Studied") -> str:
    """Over restarts, and over resets of the app where there were any."""
    kept = [probe for probe, last in studied.lasts.items() if last.runs > 1]
    if not kept:
        return ""
    survived = [probe for probe, last in studied.lasts.items() if last.survived]
    if not any(last.resets for last in studied.lasts.values()):
        return say(
            "{values} stayed the same over restarts; what a reset of the app changes was not recorded.",
            values=listed(kept),
        )
    if not survived:
        return say("{values} stayed the same over restarts; none came after a reset.", values=listed(kept))
    return say(
        "{values} stayed the same over restarts; after a reset of the app, {survived} came again.",
        values=listed(kept),
        survived=listed(survived),
    )


def _shared(studied: "Studied") -> str:
    if not studied.shared:
        return ""
    told = [say("{value} to {host}", value=probe, host=host) for probe, host in sorted(studied.shared)[:MOST]]
    return say(
        "Another app on the device sent {values} too: that shows no sender, "
        "and lets the recipient join the apps.",
        values=listed(told),
    )


def _bridged(studied: "Studied") -> str:
    n = len(studied.bridges)
    if not n:
        return ""
    return say_n(
        "{n} value of {bits} bits or more was met at two organisations or more; that they are joined is not seen.",
        "{n} values of {bits} bits or more were met at two organisations or more; that they are joined is not seen.",
        n,
        bits=BRIDGES,
    )


def _nothing_declared(case: Case, studied: "Studied") -> str:
    command = say(
        "`promptrail probe add {case} --kind identifier --text …` declares one.", case=case.path.name
    )
    told = []
    for classes, message in FIELDS:
        rows = [row for row in studied.named if row["class"] in classes]
        if not rows:
            continue
        terms = [say(term) for some in by_class(rows).values() for term in some]
        hosts = sorted({row["host"] for row in rows})
        where = listed(hosts) if len(hosts) <= MOST else say("{n} hosts", n=len(hosts))
        if len(terms) > MOST + 1:
            terms = [*terms[:MOST], say("{n} more", n=len(terms) - MOST)]
        told.append(say(message, terms=listed(terms), hosts=where))
    if not told:
        return _joined(say("No identifier is declared, and no field was named like one."), command)
    named = say(
        "No identifier is declared, so none is proved. By their names, {fields}.", fields="; ".join(told)
    )
    return _joined(named, command)


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    runs = say_n("{n} recorded run", "{n} recorded runs", n)
    if verdict == "supported":
        who, kinds = listed(studied.others[:MOST]), _kinds(studied)
        return (
            say_n(
                "In {runs}, {kinds} of the examined device or account was transmitted to {hosts}, "
                "in the forms that the table gives.",
                "In {runs}, {kinds} of the examined device or account were transmitted to {hosts}, "
                "in the forms that the table gives.",
                len(kinds),
                runs=runs,
                kinds=listed(kinds),
                hosts=say("{hosts} and others", hosts=who) if len(studied.others) > MOST else who,
            ),
            say(
                "“The user is tracked”, “the profiles are joined” or “nobody else received it”: what a recipient does "
                "with a value cannot be seen in traffic, and this was not read: {unread}.",
                unread=studied.book.figure(),
            ),
        )
    if verdict == "not observed":
        return (
            say_n(
                "In {runs}, no transmission of a declared value to anybody but the app's maker was observed; with {n} "
                "run what happens in fewer than {share:.0f} % of runs could still be missed (95 % confidence).",
                "In {runs}, no transmission of a declared value to anybody but the app's maker was observed; with {n} "
                "runs what happens in fewer than {share:.0f} % of runs could still be missed (95 % confidence).",
                n,
                runs=runs,
                share=upper_bound(n),
            ),
            say(
                "“The app sends no identifiers”: only declared values were looked for, and an app can behave "
                "otherwise at another time or place."
            ),
        )
    if not studied.values and studied.named:
        return (
            say(
                "In {runs}, requests carried fields that their sender named like values of a device, account or "
                "setting.",
                runs=runs,
            ),
            say(
                "“The device's identifier was sent”: a name is no proof of what a field holds. Declare the values and "
                "run again."
            ),
        )
    return (
        say(
            "The recorded traffic of {runs} does not settle whether a declared value reached anybody but the app's "
            "maker. Unread: {unread}.",
            runs=runs,
            unread=studied.book.figure(),
        ),
        say("“No identifier is passed on”: not found is not the same as not sent."),
    )


def _kinds(studied: "Studied") -> list[str]:
    there = studied.decisive[studied.decisive["host"].isin(studied.others)]
    plain = set(there.loc[there["tier"] != "digest", "kind"])
    met = set(there["kind"])
    return [say(value if kind in plain else digest) for kind, (value, digest) in NOUNS.items() if kind in met]


def objections(checks: list[Control], book: Ledger) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“The service needs it to work.”"),
            say("The finding says what was sent to whom, and the maker's own hosts decide nothing."),
            say("Whether it was needed is a question of law and design, not of traffic."),
        ),
        (
            say("“It is a constant of the emulator.”"),
            say(
                "Known constants are left out: {constants}. Another device: {device}.",
                constants=result["Chance and constants"],
                device=result["Another device"],
            ),
            say("A constant that nobody has listed yet; a second device shows it."),
        ),
        (
            say("“It is a chance match.”"),
            say("Decoys of the same shape: {decoys}.", decoys=result["Decoys"]),
            say("The bits are an estimate from below."),
        ),
        (
            say("“Another app or the system sent it.”"),
            say("The same device with another app: {other}.", other=result["C3, another app"]),
            say("A kit inside several apps sends the same from each."),
        ),
        (
            say("“A hash is anonymous.”"),
            say("A digest is listed apart, with what was hashed: who knows the value can compute it again."),
            say("Salted hashes are not found unless the salt is known."),
        ),
        (
            say("“The same value at two companies is nothing.”"),
            say("It is told as the same value, with who showed it first."),
            say("Whether it is joined on a server cannot be seen in traffic."),
        ),
        (
            say("“You did not see everything.”"),
            say("Unread: {unread}.", unread=book.figure()),
            say("What was not read may hold more, never less."),
        ),
    ]
    return objection_rows(rows)
