"""The sentences of finding 11: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.ledger import shown
from promptrail.findings.remote.controls import LEVEL, OWN, TYPED
from promptrail.findings.remote.keys import CHANGED, in_words
from promptrail.findings.resampling import LEVEL as PER_CENT
from promptrail.findings.resampling import TOO_FEW, Interval, interval
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import app, listed, place, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.remote.finding import Studied

NOT_FOUND = mark("The words did not find the maker's own settings either.")


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer: who hands out settings, then how much is sent."""
    return " ".join(part for part in (_settings(case, studied, verdict), _volume(studied)) if part)


def _volume(studied: "Studied") -> str:
    """Requests to others in the largest group of like runs, with the interval, and beside the runs without a prompt."""
    if studied.amounts is None or not any(studied.amounts.others.amounts["requests"]):
        return ""
    one = studied.amounts.others
    told = interval(one.amounts["requests"])
    against = one.against.get("requests")
    assert told
    if prompts := studied.amounts.prompts:
        requests = say_n(
            "{mean:.1f} requests a run with {n} prompt {interval}",
            "{mean:.1f} requests a run with {n} prompts {interval}",
            prompts,
            mean=told.mean,
            interval=_sure(told),
        )
    else:
        requests = say("{mean:.1f} requests a run {interval}", mean=told.mean, interval=_sure(told))
    if against:
        requests = _beside_quiet(requests, against)
    if studied.maker_stated:
        return say("To others went {requests}.", requests=requests)
    return say("In all (whose hosts are the maker's is not stated) went {requests}.", requests=requests)


def _beside_quiet(requests: str, against: Interval) -> str:
    """The requests, and how many more or fewer they are than in runs without a prompt."""
    if against.mean < 0:
        less = Interval(-against.mean, _minus(against.high), _minus(against.low), against.runs)
        return say(
            "{requests}, {less:.1f} fewer than where nothing was typed {interval}",
            requests=requests,
            less=less.mean,
            interval=_sure(less),
        )
    return say(
        "{requests}, {more:.1f} more than where nothing was typed {interval}",
        requests=requests,
        more=against.mean,
        interval=_sure(against),
    )


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _sure(told: Interval) -> str:
    if told.low is None or told.high is None:
        return say_n("({n} run: {why})", "({n} runs: {why})", told.runs, why=say(TOO_FEW))
    if told.low == told.high:
        return say("(the same in all {runs} runs)", runs=told.runs)
    return say(
        "({level} % interval {low:.1f} to {high:.1f}, {runs} runs)",
        level=PER_CENT,
        low=told.low,
        high=told.high,
        runs=told.runs,
    )


def _settings(case: Case, studied: "Studied", verdict: str) -> str:
    n = len(studied.runs)
    if not n:
        return say("The case holds no run of this app.")
    if studied.others:
        told = listed([_handed(case, studied, host) for host in studied.hosts()])
        failed = "" if verdict == "supported" else say("A control failed, so whose they are is open.")
        parts = [say("Settings came from {sources}.", sources=told), failed, _pair(studied)]
        return " ".join(part for part in parts if part)
    if verdict == "not observed":
        return say_n(
            "In {n} run settings were seen to come from the app's maker ({own}) alone, and everything could be read.",
            "In {n} runs settings were seen to come from the app's maker ({own}) alone, and everything could be read.",
            n,
            own=listed(sorted({shown(one.host) for one in studied.own})),
        )
    if studied.unread:
        asked = listed(sorted({place(case, shown(one.host)) for one in studied.unread}))
        return say("Settings were asked for at {hosts}, and no answer to that could be read.", hosts=asked)
    unread = studied.book.figure()
    if studied.silent:
        told = say_n(
            "No settings from others were seen in {n} run, but this was not read: {unread}, and {answers}.",
            "No settings from others were seen in {n} runs, but this was not read: {unread}, and {answers}.",
            n,
            unread=unread,
            answers=say_n("{n} answer of others", "{n} answers of others", studied.silent),
        )
    else:
        told = say_n(
            "No settings from others were seen in {n} run, but this was not read: {unread}.",
            "No settings from others were seen in {n} runs, but this was not read: {unread}.",
            n,
            unread=unread,
        )
    return told if studied.own else f"{told} {say(NOT_FOUND)}"


def _handed(case: Case, studied: "Studied", host: str) -> str:
    keys = [row for row in studied.keys if row["host"] == host]
    changed = sum(row["change"] == CHANGED for row in keys)
    told = {
        "host": place(case, shown(host)),
        "runs": len({one.run for one in studied.others if one.host == host}),
        "all": len(studied.runs),
    }
    if changed:
        return say_n(
            "{host} in {runs} of {all} runs: {n} key, {changed} of them with another value in some runs",
            "{host} in {runs} of {all} runs: {n} keys, {changed} of them with another value in some runs",
            len(keys),
            changed=changed,
            **told,
        )
    return say_n(
        "{host} in {runs} of {all} runs: {n} key, all with the same values or new ones in every run",
        "{host} in {runs} of {all} runs: {n} keys, all with the same values or new ones in every run",
        len(keys),
        **told,
    )


def _pair(studied: "Studied") -> str:
    """The surest pair, and that it is no more than that."""
    if not studied.pairs or studied.pairs[0].holm > LEVEL:
        return ""
    one = studied.pairs[0]
    return say(
        "Where {key} was “{value}”: {here:.1f} {behaviour} a run, else {elsewhere:.1f} ({first} and {second} runs, "
        "p = {p:.3f}, after Holm {holm:.3f}); they went together, which does not show that the one made the other.",
        key=one.keys[0],
        value=one.value,
        here=one.here,
        behaviour=in_words(one.behaviour),
        elsewhere=one.elsewhere,
        first=one.runs[0],
        second=one.runs[1],
        p=one.p,
        holm=one.holm,
    )


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    runs = say_n("{n} recorded run", "{n} recorded runs", n)
    if verdict == "supported":
        hosts = listed([shown(host) for host in studied.hosts()])
        return (
            say(
                "In {runs}, {app} was handed settings by {hosts}, which can be changed there without a new version of "
                "the app.",
                runs=runs,
                app=app(case),
                hosts=hosts,
            ),
            say(
                "“{hosts} controls the app” or “misuses it”: what the app does with a setting is shown only as pairs, "
                "and settings from a service are common.",
                hosts=hosts,
            ),
        )
    if verdict == "not observed":
        return (
            say(
                "In {runs}, no settings from anybody but the app's maker were observed; what happens in fewer than "
                "{bound:.0f} % of runs could still be missed (95 % confidence).",
                runs=runs,
                bound=upper_bound(n),
            ),
            say(
                "“Nobody else can change its behaviour”: the maker's own settings can be written by others, and "
                "settings can come with a name that the list does not know."
            ),
        )
    if studied.others:
        hosts = listed([shown(host) for host in studied.hosts()])
        return (
            say(
                "In {runs}, answers that look like settings came from {hosts}; a control failed, so the recorded "
                "traffic does not settle whether they are.",
                runs=runs,
                hosts=hosts,
            ),
            say("“{hosts} can change its behaviour”, or “nobody else can”: a control failed.", hosts=hosts),
        )
    return (
        say(
            "The recorded traffic of {runs} does not settle whether others hand the app settings. Unread: {unread}.",
            runs=runs,
            unread=studied.book.figure(),
        ),
        say("“Nobody else can change its behaviour”: not found is not the same as not there."),
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“Feature flags are normal.”"),
            say(
                "They are. The finding says who can set them, which keys there are and which changed, and no more."
            ),
            say("Whether the person should have been told is for the law to judge."),
        ),
        (
            say("“The name says settings, but it is something else.”"),
            say(
                "Keys and values stand in the table. {typed}; the maker's own: {own}.",
                typed=result[TYPED],
                own=result[OWN],
            ),
            say("A service can hand out settings under a name that the list does not know."),
        ),
        (
            say("“The setting did not cause it.”"),
            say("It is never called a cause. Chance: {result}.", result=result["Chance"]),
            say("Only an experiment that sets the key itself, all else equal, would show a cause."),
        ),
        (
            say("“It is the system or another app.”"),
            say("The same places in another app: {result}.", result=result["C3, another app"]),
            say("Software that watches only this app is not excluded."),
        ),
        (
            say("“You count retries and heartbeats as tracking.”"),
            say("What is counted stands with the number. Nothing is called a tracker by its number."),
            say("Other definitions give other numbers."),
        ),
    ]
    return objection_rows(rows)
