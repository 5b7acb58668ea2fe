"""The sentences of finding 01: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.ledger import Ledger
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import app, listed, place, upper_bound
from promptrail.language import say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.prompt.finding import Studied

CONTENT = ("prompt", "draft", "file-name")


def versions(studied: "Studied") -> list[tuple[str, list[str]]]:
    """(app and version, its runs), in order; one nameless entry where nobody said."""
    out: dict[str, list[str]] = {}
    for run, name, version in zip(*(studied.runs[c] for c in ("run", "app", "app_version")), strict=True):
        label = " ".join(str(v) for v in (name, version) if isinstance(v, str))
        out.setdefault(label, []).append(str(run))
    return sorted(out.items())


def in_runs(studied: "Studied", host: str) -> str:
    """4 of 4 runs of Parley 4.2.0 and 0 of 1 run of Parley 4.3.0."""
    with_host = set(studied.seen.loc[studied.seen["host"] == host, "run"])
    return listed([_share(len(with_host & set(runs)), len(runs), label) for label, runs in versions(studied)])


def _share(met: int, runs: int, label: str) -> str:
    if label:
        return say_n("{met} of {n} run of {app}", "{met} of {n} runs of {app}", runs, met=met, app=label)
    return say_n("{met} of {n} run", "{met} of {n} runs", runs, met=met)


def _recorded(n: int, labels: list[str]) -> str:
    if labels:
        return say_n("{n} recorded run of {app}", "{n} recorded runs of {app}", n, app=listed(labels))
    return say_n("{n} recorded run", "{n} recorded runs", n)


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer."""
    figure = studied.book.figure()
    if not len(studied.probes):
        return say(
            "No probe is declared, so nothing could be looked for. "
            "`promptrail probe add {case} --kind prompt --text …` declares one.",
            case=case.path.name,
        )
    if studied.others:
        return "; ".join(_reached(case, studied, host) for host in studied.others) + "."
    own = listed(studied.own)
    if studied.own and verdict == "not observed":
        return say(
            "In {runs} typed content was seen at the app's maker ({hosts}) and nowhere else, "
            "and everything that was sent could be read.",
            runs=say_n("{n} run", "{n} runs", len(studied.runs)),
            hosts=own,
        )
    if studied.own:
        return say(
            "Typed content was seen only at the app's maker ({hosts}), but not everything could be read: {unread}.",
            hosts=own,
            unread=figure,
        )
    return say_n(
        "None of {n} probe was seen in what could be read. Unread: {unread}.",
        "None of {n} probes was seen in what could be read. Unread: {unread}.",
        len(studied.probes),
        unread=figure,
    )


def failed(checks: list[Control]) -> str:
    """Which control takes the answer back, if one does."""
    names = [f"“{say(check.control)}”" for check in checks if check.result == "fail"]
    if not names:
        return ""
    told = say_n(
        "But the control {controls} failed, so nothing is concluded from it.",
        "But the controls {controls} failed, so nothing is concluded from it.",
        len(names),
        controls=listed(names),
    )
    return f" {told}"


def _reached(case: Case, studied: "Studied", host: str) -> str:
    here = studied.seen[studied.seen["host"] == host]
    parts = []
    for kind in CONTENT:
        asked = int((studied.probes["kind"] == kind).sum())
        found = here.loc[here["kind"] == kind, "probe"].nunique()
        if found:
            parts.append(_found(kind, found, asked))
    return say(
        "{content} reached {host} in {runs}",
        content=listed(parts),
        host=place(case, host),
        runs=in_runs(studied, host),
    )


def _found(kind: str, found: int, asked: int) -> str:
    if kind == "prompt":
        return say_n("{found} of {n} prompt", "{found} of {n} prompts", asked, found=found)
    if kind == "draft":
        return say_n(
            "{found} of {n} draft that was deleted unsent",
            "{found} of {n} drafts that were deleted unsent",
            asked,
            found=found,
        )
    return say_n("{found} of {n} file name", "{found} of {n} file names", asked, found=found)


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    labels = [label for label, _ in versions(studied) if label]
    runs = _recorded(n, labels)
    if verdict == "supported":
        return _supported(case, studied)
    if verdict == "not observed":
        return (
            say_n(
                "In {runs}, no transmission of the typed text to anybody but the app's maker was observed; with {n} "
                "run a transfer that happens in fewer than {share:.0f} % of runs could still be missed (95 % "
                "confidence).",
                "In {runs}, no transmission of the typed text to anybody but the app's maker was observed; with {n} "
                "runs a transfer that happens in fewer than {share:.0f} % of runs could still be missed (95 % "
                "confidence).",
                n,
                runs=runs,
                share=upper_bound(n),
            ),
            say(
                "“Prompts are not passed on” or “the transfer has ceased”: an app can behave otherwise at another "
                "time, place or version, and its maker can pass data on unseen."
            ),
        )
    return (
        say(
            "The recorded traffic of {runs} does not settle whether typed text reached anybody but the app's maker. "
            "Unread: {unread}.",
            runs=runs,
            unread=studied.book.figure(),
        ),
        say("“Prompts are not passed on”: not found is not the same as not sent."),
    )


def _supported(case: Case, studied: "Studied") -> tuple[str, str]:
    there = studied.seen[studied.seen["host"].isin(studied.others)]
    kinds = set(there["kind"])
    if "draft" in kinds:
        what = say("text typed into the message box, including text that was deleted before sending,")
    elif "prompt" in kinds:
        what = say("text typed into the message box")
    else:
        what = say("names of attached files")
    told, quiet = [], []
    for label, runs in versions(studied):
        n = len(set(runs) & set(there["run"]))
        if n:
            told.append(_recorded(n, [label] if label else []))
        elif label:
            quiet.append(label)
    licensed = say(
        "In {runs}, {content} was transmitted to {hosts}.",
        runs=listed(told),
        content=what,
        hosts=listed(studied.others),
    )
    if quiet:
        return licensed, say(
            "“{app} sells prompts”, “the recipient stores or uses them”, “{quiet} no longer does it”, or “nobody else "
            "received them”: use and storage cannot be seen in traffic, and this was not read: {unread}.",
            app=app(case),
            quiet=listed(quiet),
            unread=studied.book.figure(),
        )
    return licensed, say(
        "“{app} sells prompts”, “the recipient stores or uses them”, or “nobody else received them”: use and storage "
        "cannot be seen in traffic, and this was not read: {unread}.",
        app=app(case),
        unread=studied.book.figure(),
    )


def objections(checks: list[Control], book: Ledger) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“Your proxy put it there.”"),
            say(
                "The run without a prompt: {observed}. The recorder writes and changes no request.",
                observed=result["C0, no prompt"],
            ),
            say("A second, independent recorder was not used."),
        ),
        (
            say("“It is a chance match.”"),
            say("Decoys of the same shape that were never typed: {observed}.", observed=result["Decoys"]),
            say("A probe without a rare word of its own can still be met by chance."),
        ),
        (
            say("“The keyboard or the system sent it.”"),
            say("The same text in another app: {observed}.", observed=result["C3, another app"]),
            say("Software that watches only this app is not excluded."),
        ),
        (
            say("“The recipient only processes it for the maker.”"),
            say("The finding says who holds the host, each answer with its source, and no more."),
            say("Contracts, and what happens behind the host, cannot be seen in traffic."),
        ),
        (
            say("“You did not see everything.”"),
            say("Unread: {unread}.", unread=book.figure()),
            say("What was not read may hold more, never less."),
        ),
    ]
    return objection_rows(rows)
