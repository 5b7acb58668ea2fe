"""The sentences of finding 03: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.phases import AFTER_REFUSAL, AT, BEFORE
from promptrail.findings.words import app, counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.consent import Timed

NOUNS = {
    "prompt": "prompts",
    "draft": "drafts",
    "identifier": "identifiers",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "file-name": "file names",
}


def sentence(case: Case, timed: "Timed", verdict: str) -> str:
    """The answer."""
    n = len(timed.decided)
    if not n:
        return (
            "No event of these runs marks a consent or a refusal, so before and after cannot be told apart. "
            "A scenario's step `consent` makes one."
        )
    early = timed.at_others(BEFORE)
    if len(early):
        told = listed([_sent_to(case, timed, host, BEFORE) for host in sorted(set(early["host"].dropna()))])
        return f"Before consent: {told}.{_late(case, timed)}"
    if verdict == "not observed":
        return (
            f"In {n} {counted(n, 'run')} nothing was sent to anybody but the app's maker before the person decided, "
            f"and everything that was sent could be read.{_late(case, timed)}"
        )
    contact = sorted(set(timed.at_others(BEFORE, read=False)["host"].dropna()))
    close = len(timed.at_others(AT))
    parts = []
    if contact:
        parts.append(f"{listed(contact)} was contacted before consent, and what was sent could not be read")
    if close:
        parts.append(
            f"{close} {counted(close, 'request')} fell into the band in which before and after look alike"
        )
    if not parts:
        parts.append(
            f"no readable request to others came before consent, but this was not read: {timed.book.figure()}"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}.{_late(case, timed)}"


def _sent_to(case: Case, timed: "Timed", host: str, phase: str) -> str:
    rows = timed.at_others(phase)
    here = rows[rows["host"] == host]
    kinds = [words for kind, words in NOUNS.items() if any(kind in found for found in here["kinds"])]
    runs = here["run"].nunique()
    of = len(timed.decided) if phase == BEFORE else sum(not one.accepted for one in timed.decided.values())
    what = f"{listed(kinds)} among " if kinds else ""
    asked = f"{len(here)} {counted(len(here), 'request')}"
    return f"{what}{asked} to {place(case, host)} in {runs} of {of} {counted(of, 'run')}"


def _late(case: Case, timed: "Timed") -> str:
    late = timed.at_others(AFTER_REFUSAL)
    if not len(late):
        return ""
    told = listed([_sent_to(case, timed, host, AFTER_REFUSAL) for host in sorted(set(late["host"].dropna()))])
    return f" After refusal: {told}."


def licence(case: Case, timed: "Timed", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(timed.decided)
    runs = f"{n} recorded {counted(n, 'run')}"
    if verdict == "supported":
        hosts = sorted(set(timed.at_others(BEFORE)["host"].dropna()))
        return (
            f"In {runs}, {app(case)} sent requests to {listed(hosts)} before the person had answered the consent "
            "dialog.",
            "“without consent” or “unlawfully”: whether these requests needed consent, and whether it was given "
            "elsewhere, is a question of law that no capture answers.",
        )
    if verdict == "not observed":
        return (
            f"In {runs}, no request to anybody but the app's maker was observed before the consent dialog was "
            f"answered; what happens in fewer than {upper_bound(n):.0f} % of runs could still be missed (95 % "
            "confidence).",
            "“It waits for consent”: another version, region or start can behave otherwise.",
        )
    return (
        f"The recorded traffic of {runs} does not settle what was sent before consent. Unread: {timed.book.figure()}.",
        "“Nothing was sent before consent”: not found is not the same as not sent.",
    )


def objections(timed: "Timed", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {check.control: f"{check.observed} ({check.result})" for check in checks}
    rows = [
        (
            "“Your clock is wrong.”",
            f"What lies in the band counts for neither side: {result['Clock']}.",
            "A clock that jumped in the middle of a run would not be noticed.",
        ),
        (
            "“Consent had been given before.”",
            f"The app started anew: {result['Fresh start']}.",
            "A consent given on the web or at purchase leaves no trace here.",
        ),
        (
            "“The system sent it, not the app.”",
            f"Nothing came before the app was started: {result['Start of the app']}.",
            "Software that wakes up with the app is not excluded.",
        ),
        (
            "“It was strictly necessary.”",
            "The table says what was in each request, and to whom it went.",
            "Necessity is for the law to judge.",
        ),
        (
            "“You did not see everything.”",
            f"Unread: {timed.book.figure()}.",
            "What was not read may hold more, never less.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
