"""The sentences of finding 01: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.ledger import Ledger
from promptrail.findings.words import app, counted, listed, place, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.prompt_to_host import Studied

CONTENT = ("prompt", "draft", "file-name")
NOUN = {"prompt": "prompt", "draft": "draft that was deleted unsent", "file-name": "file name"}


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
    return listed(
        [
            f"{len(with_host & set(runs))} of {len(runs)} {counted(len(runs), 'run')}{f' of {label}' if label else ''}"
            for label, runs in versions(studied)
        ]
    )


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer."""
    figure = studied.book.figure()
    if not len(studied.probes):
        return (
            "No probe is declared, so nothing could be looked for. "
            f"`promptrail probe add {case.path.name} --kind prompt --text …` declares one."
        )
    if studied.others:
        return "; ".join(_reached(case, studied, host) for host in studied.others) + "."
    own = listed(studied.own)
    if studied.own and verdict == "not observed":
        n = len(studied.runs)
        return (
            f"In {n} {counted(n, 'run')} typed content was seen at the app's maker ({own}) and nowhere else, "
            "and everything that was sent could be read."
        )
    if studied.own:
        return f"Typed content was seen only at the app's maker ({own}), but not everything could be read: {figure}."
    n = len(studied.probes)
    return f"None of {n} {counted(n, 'probe')} was seen in what could be read. Unread: {figure}."


def failed(checks: list[Control]) -> str:
    """Which control takes the answer back, if one does."""
    names = [f"“{check.control}”" for check in checks if check.result == "fail"]
    if not names:
        return ""
    return (
        f" But the {counted(len(names), 'control')} {listed(names)} failed, so nothing is concluded from it."
    )


def _reached(case: Case, studied: "Studied", host: str) -> str:
    here = studied.seen[studied.seen["host"] == host]
    parts = []
    for kind in CONTENT:
        asked = int((studied.probes["kind"] == kind).sum())
        found = here.loc[here["kind"] == kind, "probe"].nunique()
        if found:
            parts.append(f"{found} of {asked} {counted(asked, NOUN[kind])}")
    return f"{listed(parts)} reached {place(case, host)} in {in_runs(studied, host)}"


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    n = len(studied.runs)
    labels = [label for label, _ in versions(studied) if label]
    runs = f"{n} recorded {counted(n, 'run')}{f' of {listed(labels)}' if labels else ''}"
    if verdict == "supported":
        return _supported(case, studied)
    if verdict == "not observed":
        return (
            f"In {runs}, no transmission of the typed text to anybody but the app's maker was observed; with {n} "
            f"{counted(n, 'run')} a transfer that happens in fewer than {upper_bound(n):.0f} % of runs could still "
            "be missed (95 % confidence).",
            "“Prompts are not passed on” or “the transfer has ceased”: an app can behave otherwise at another time, "
            "place or version, and its maker can pass data on unseen.",
        )
    return (
        f"The recorded traffic of {runs} does not settle whether typed text reached anybody but the app's maker. "
        f"Unread: {studied.book.figure()}.",
        "“Prompts are not passed on”: not found is not the same as not sent.",
    )


def _supported(case: Case, studied: "Studied") -> tuple[str, str]:
    there = studied.seen[studied.seen["host"].isin(studied.others)]
    kinds = set(there["kind"])
    what = "text typed into the message box" if kinds & {"prompt", "draft"} else "names of attached files"
    if "draft" in kinds:
        what += ", including text that was deleted before sending,"
    told, quiet = [], []
    for label, runs in versions(studied):
        n = len(set(runs) & set(there["run"]))
        if n:
            told.append(f"{n} recorded {counted(n, 'run')}{f' of {label}' if label else ''}")
        elif label:
            quiet.append(label)
    stopped = f"“{listed(quiet)} no longer does it”, " if quiet else ""
    return (
        f"In {listed(told)}, {what} was transmitted to {listed(studied.others)}.",
        f"“{app(case)} sells prompts”, “the recipient stores or uses them”, {stopped}or “nobody else received them”: "
        f"use and storage cannot be seen in traffic, and this was not read: {studied.book.figure()}.",
    )


def objections(checks: list[Control], book: Ledger) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {c.control: f"{c.observed} ({c.result})" for c in checks}
    rows = [
        (
            "“Your proxy put it there.”",
            f"The run without a prompt: {result['C0, no prompt']}. The recorder writes and changes no request.",
            "A second, independent recorder was not used.",
        ),
        (
            "“It is a chance match.”",
            f"Decoys of the same shape that were never typed: {result['Decoys']}.",
            "A probe without a rare word of its own can still be met by chance.",
        ),
        (
            "“The keyboard or the system sent it.”",
            f"The same text in another app: {result['C3, another app']}.",
            "Software that watches only this app is not excluded.",
        ),
        (
            "“The recipient only processes it for the maker.”",
            "The finding says who holds the host, each answer with its source, and no more.",
            "Contracts, and what happens behind the host, cannot be seen in traffic.",
        ),
        (
            "“You did not see everything.”",
            f"Unread: {book.figure()}.",
            "What was not read may hold more, never less.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
