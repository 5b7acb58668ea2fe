"""The sentences of finding 11: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.remote_controls import LEVEL, OWN
from promptrail.findings.remote_keys import CHANGED
from promptrail.findings.resampling import LEVEL as PER_CENT
from promptrail.findings.resampling import TOO_FEW, Interval, interval
from promptrail.findings.words import app, counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.remote import Studied


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer: who hands out settings, then how much is sent."""
    return f"{_settings(case, studied, verdict)}{_volume(studied)}"


def _volume(studied: "Studied") -> str:
    """Requests to others in the largest group of like runs, with the interval, and beside the runs without a prompt."""
    if studied.amounts is None or not any(studied.amounts.others.amounts["requests"]):
        return ""
    one = studied.amounts.others
    told = interval(one.amounts["requests"])
    against = one.against.get("requests")
    assert told
    more = ""
    if against:
        less = against.mean < 0
        size = (
            against
            if not less
            else against._replace(mean=-against.mean, low=_minus(against.high), high=_minus(against.low))
        )
        more = f", {size.mean:.1f} {'fewer' if less else 'more'} than where nothing was typed {_sure(size)}"
    prompts = studied.amounts.prompts
    typed = f" with {prompts} {counted(prompts, 'prompt')}" if prompts else ""
    whom = (
        "To others went"
        if studied.maker_stated
        else "In all (whose hosts are the maker's is not stated) went"
    )
    return f" {whom} {told.mean:.1f} requests a run{typed} {_sure(told)}{more}."


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _sure(told: Interval) -> str:
    if told.low is None or told.high is None:
        return f"({told.runs} {counted(told.runs, 'run')}: {TOO_FEW})"
    if told.low == told.high:
        return f"(the same in all {told.runs} runs)"
    return f"({PER_CENT} % interval {told.low:.1f} to {told.high:.1f}, {told.runs} runs)"


def _settings(case: Case, studied: "Studied", verdict: str) -> str:
    n = len(studied.runs)
    if not n:
        return "The case holds no run of this app."
    if studied.others:
        told = listed([_handed(case, studied, host) for host in studied.hosts()])
        lead = f"Settings came from {told}."
        pair = _pair(studied)
        return (
            f"{lead}{pair}"
            if verdict == "supported"
            else f"{lead} A control failed, so whose they are is open.{pair}"
        )
    if verdict == "not observed":
        own = listed(sorted({one.host for one in studied.own}))
        return (
            f"In {n} {counted(n, 'run')} nobody but the app's maker ({own}) handed out settings, and everything could "
            "be read."
        )
    if studied.unread:
        asked = listed(sorted({place(case, one.host) for one in studied.unread}))
        return f"Settings were asked for at {asked}, and no answer to that could be read."
    silent = f", and {studied.silent} answers of others could not be read" if studied.silent else ""
    own = "" if studied.own else " The words did not find the maker's own settings either."
    return (
        f"No settings from others were seen in {n} {counted(n, 'run')}, but this was not read: "
        f"{studied.book.figure()}{silent}.{own}"
    )


def _handed(case: Case, studied: "Studied", host: str) -> str:
    keys = [row for row in studied.keys if row["host"] == host]
    changed = sum(row["change"] == CHANGED for row in keys)
    n = len({one.run for one in studied.others if one.host == host})
    more = (
        f", {changed} of them with another value in some runs"
        if changed
        else ", all with the same values or new ones in every run"
    )
    return f"{place(case, host)} in {n} of {len(studied.runs)} runs: {len(keys)} {counted(len(keys), 'key')}{more}"


def _pair(studied: "Studied") -> str:
    """The surest pair, and that it is no more than that."""
    if not studied.pairs or studied.pairs[0].holm > LEVEL:
        return ""
    one = studied.pairs[0]
    return (
        f" Where {one.keys[0]} was “{one.value}”: {one.here:.1f} {one.behaviour} a run, else {one.elsewhere:.1f} "
        f"({one.runs[0]} and {one.runs[1]} runs, p = {one.p:.3f}, after Holm {one.holm:.3f}); they went together, "
        "which does not show that the one made the other."
    )


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    runs = f"{n} recorded {counted(n, 'run')}"
    if verdict == "supported":
        return (
            f"In {runs}, {app(case)} was handed settings by {listed(studied.hosts())}, which can be changed there "
            "without a new version of the app.",
            f"“{listed(studied.hosts())} controls the app” or “misuses it”: what the app does with a setting is shown "
            "only as pairs, and settings from a service are common.",
        )
    if verdict == "not observed":
        return (
            f"In {runs}, no settings from anybody but the app's maker were observed; what happens in fewer than "
            f"{upper_bound(n):.0f} % of runs could still be missed (95 % confidence).",
            "“Nobody else can change its behaviour”: the maker's own settings can be written by others, and settings "
            "can come with a name that the list does not know.",
        )
    return (
        f"The recorded traffic of {runs} does not settle whether others hand the app settings. Unread: "
        f"{studied.book.figure()}.",
        "“Nobody else can change its behaviour”: not found is not the same as not there.",
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {check.control: f"{check.observed} ({check.result})" for check in checks}
    rows = [
        (
            "“Feature flags are normal.”",
            "They are. The finding says who can set them, which keys there are and which changed, and no more.",
            "Whether the person should have been told is for the law to judge.",
        ),
        (
            "“The name says settings, but it is something else.”",
            f"Keys and values stand in the table. {result['Answers to what was typed']}; the maker's own: "
            f"{result[OWN]}.",
            "A service can hand out settings under a name that the list does not know.",
        ),
        (
            "“The setting did not cause it.”",
            f"It is never called a cause. Chance: {result['Chance']}.",
            "Only an experiment that sets the key itself, all else equal, would show a cause.",
        ),
        (
            "“It is the system or another app.”",
            f"The same places in another app: {result['C3, another app']}.",
            "Software that watches only this app is not excluded.",
        ),
        (
            "“You count retries and heartbeats as tracking.”",
            "What is counted stands with the number. Nothing is called a tracker by its number.",
            "Other definitions give other numbers.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
