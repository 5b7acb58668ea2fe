"""The sentences of finding 03: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.phases import AFTER_REFUSAL, AT, BEFORE
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import app, listed, place, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.consent.finding import Timed

NOUNS = {
    "prompt": mark("prompts"),
    "draft": mark("drafts"),
    "identifier": mark("identifiers"),
    "email": mark("e-mail addresses"),
    "phone": mark("phone numbers"),
    "file-name": mark("file names"),
}


def sentence(case: Case, timed: "Timed", verdict: str) -> str:
    """The answer."""
    n = len(timed.decided)
    if not n:
        return say(
            "No event of these runs marks a consent or a refusal, so before and after cannot be told apart. "
            "A scenario's step `consent` makes one."
        )
    early = timed.at_others(BEFORE)
    if len(early):
        told = listed([_sent_to(case, timed, host, BEFORE) for host in sorted(set(early["host"].dropna()))])
        return say("Before consent: {requests}.", requests=told) + _late(case, timed)
    if verdict == "not observed":
        quiet = say_n(
            "In {n} run nothing was sent to anybody but the app's maker before the person decided, and everything that "
            "was sent could be read.",
            "In {n} runs nothing was sent to anybody but the app's maker before the person decided, and everything "
            "that was sent could be read.",
            n,
        )
        return quiet + _late(case, timed)
    contact = sorted(set(timed.at_others(BEFORE, read=False)["host"].dropna()))
    close = len(timed.at_others(AT))
    parts = []
    if contact:
        parts.append(
            say(
                "{hosts} was contacted before consent, and what was sent could not be read",
                hosts=listed(contact),
            )
        )
    if close:
        parts.append(
            say_n(
                "{n} request fell into the band in which before and after look alike",
                "{n} requests fell into the band in which before and after look alike",
                close,
            )
        )
    if not parts:
        parts.append(
            say(
                "no readable request to others came before consent, but this was not read: {unread}",
                unread=timed.book.figure(),
            )
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}.{_late(case, timed)}"


def _sent_to(case: Case, timed: "Timed", host: str, phase: str) -> str:
    rows = timed.at_others(phase)
    here = rows[rows["host"] == host]
    kinds = [say(words) for kind, words in NOUNS.items() if any(kind in found for found in here["kinds"])]
    runs = here["run"].nunique()
    of = len(timed.decided) if phase == BEFORE else sum(not one.accepted for one in timed.decided.values())
    told = {
        "requests": say_n("{n} request", "{n} requests", len(here)),
        "host": place(case, host),
        "runs": say_n("{met} of {n} run", "{met} of {n} runs", of, met=runs),
    }
    if kinds:
        return say("{kinds} among {requests} to {host} in {runs}", **told, kinds=listed(kinds))
    return say("{requests} to {host} in {runs}", **told)


def _late(case: Case, timed: "Timed") -> str:
    late = timed.at_others(AFTER_REFUSAL)
    if not len(late):
        return ""
    told = listed([_sent_to(case, timed, host, AFTER_REFUSAL) for host in sorted(set(late["host"].dropna()))])
    return " " + say("After refusal: {requests}.", requests=told)


def licence(case: Case, timed: "Timed", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(timed.decided)
    runs = say_n("{n} recorded run", "{n} recorded runs", n)
    if verdict == "supported":
        hosts = sorted(set(timed.at_others(BEFORE)["host"].dropna()))
        return (
            say(
                "In {runs}, {app} sent requests to {hosts} before the person had answered the consent dialog.",
                runs=runs,
                app=app(case),
                hosts=listed(hosts),
            ),
            say(
                "“without consent” or “unlawfully”: whether these requests needed consent, and whether it was given "
                "elsewhere, is a question of law that no capture answers."
            ),
        )
    if verdict == "not observed":
        return (
            say(
                "In {runs}, no request to anybody but the app's maker was observed before the consent dialog was "
                "answered; what happens in fewer than {share:.0f} % of runs could still be missed (95 % confidence).",
                runs=runs,
                share=upper_bound(n),
            ),
            say("“It waits for consent”: another version, region or start can behave otherwise."),
        )
    return (
        say(
            "The recorded traffic of {runs} does not settle what was sent before consent. Unread: {unread}.",
            runs=runs,
            unread=timed.book.figure(),
        ),
        say("“Nothing was sent before consent”: not found is not the same as not sent."),
    )


def objections(timed: "Timed", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“Your clock is wrong.”"),
            say("What lies in the band counts for neither side: {observed}.", observed=result["Clock"]),
            say("A clock that jumped in the middle of a run would not be noticed."),
        ),
        (
            say("“Consent had been given before.”"),
            say("The app started anew: {observed}.", observed=result["Fresh start"]),
            say("A consent given on the web or at purchase leaves no trace here."),
        ),
        (
            say("“The system sent it, not the app.”"),
            say("Nothing came before the app was started: {observed}.", observed=result["Start of the app"]),
            say("Software that wakes up with the app is not excluded."),
        ),
        (
            say("“It was strictly necessary.”"),
            say("The table says what was in each request, and to whom it went."),
            say("Necessity is for the law to judge."),
        ),
        (
            say("“You did not see everything.”"),
            say("Unread: {unread}.", unread=timed.book.figure()),
            say("What was not read may hold more, never less."),
        ),
    ]
    return objection_rows(rows)
