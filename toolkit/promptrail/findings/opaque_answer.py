"""The sentences of finding 10 as a whole: its answer, what may be written, what not, and a sceptic's objections."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.findings.opaque_words import (
    ABSENT,
    CONTENT,
    FAILED,
    IRREGULAR,
    LENGTH,
    PADDED,
    TRACE,
    UNTESTED,
)
from promptrail.findings.words import answer as said
from promptrail.findings.words import app, counted, listed, place
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.opaque import Row, Studied

MOST = 3
"""Hosts named in one sentence; the table has all."""
SHORT = {
    LENGTH: "followed the length of the prompt, but was not shown to follow its content",
    UNTESTED: "followed the length of the prompt, and was not tested for its content",
    PADDED: "may be filled up to one size, which would hide the text",
    IRREGULAR: "was not regular enough to tell",
}
"""What is said of a host that leaves the question open: "the volume sent to H ..."."""


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if reason := without(case, studied):
        return reason
    failed = "; ".join(f"{check.control}: {check.observed}" for check in checks if check.result == "fail")
    if silenced(studied):
        return f"The measurement failed its own check, so nothing is said of any host. {failed}."
    parts = []
    if content := studied.those(CONTENT):
        parts.append(
            f"The volume sent to {_places(case, content)} followed the length and the kind of the prompt's characters, "
            "as data made from its text do; what was in it is not known."
        )
    if told := _fields(case, studied):
        parts.append(told)
    open_ones = [
        f"that to {_hosts(rows)} {words}" for kind, words in SHORT.items() if (rows := studied.those(kind))
    ]
    if open_ones:
        text = "; ".join(open_ones).removeprefix("that to ")
        parts.append(f"The volume sent to {text}.")
    if quiet := studied.those(TRACE, ABSENT):
        parts.append(_quiet(studied, quiet) + (_bounds(quiet) if verdict == "not observed" else ""))
    elif not studied.others() and studied.experiment is not None:
        parts.append("No host but the first party's was sent anything in these runs.")
    if voided := studied.those(FAILED):
        parts.append(f"Of that to {_hosts(voided)} nothing is said.")
    if failed:
        parts.append(f"A control failed: {failed}.")
    if verdict == "cannot tell" and studied.uncounted:
        parts.append(f"Not counted: {'; '.join(studied.uncounted)}.")
    return " ".join(parts) or "No plan of lengths was followed, so sizes say nothing here."


def silenced(studied: "Studied") -> bool:
    """Whether failed controls leave no host of which anything may be said."""
    if studied.told.failed:
        return True
    others = studied.others()
    return any(row.kind == FAILED for row in studied.rows) and all(row.kind == FAILED for row in others)


def _quiet(studied: "Studied", quiet: list["Row"]) -> str:
    n, prompts = len(quiet), studied.told.prompts
    subject = (
        f"the volume sent to {quiet[0].host} was" if n == 1 else f"the volumes sent to {n} other hosts were"
    )
    return f"In {prompts} prompts of random length {subject} not found to follow the length."


def _bounds(rows: list["Row"]) -> str:
    """What absence is worth: what is excluded for each of the hosts, and the most that any one's bytes could hold."""
    common, most = excluded(rows), max(row.verdict.ceiling for row in rows)
    held = f"all bytes of one of them could hold at most {100 * most:.1f} % of the text" if most < 1 else ""
    told = "; ".join([*([f"excluded: {'; '.join(common)}"] if common else []), *([held] if held else [])])
    return f" {told[0].upper()}{told[1:]}." if told else " What that excludes, the table says."


def excluded(rows: list["Row"]) -> list[str]:
    """Uploads that would have been found at each of these hosts."""
    return [name for name in rows[0].verdict.excluded if all(name in row.verdict.excluded for row in rows)]


def _fields(case: Case, studied: "Studied") -> str:
    found = studied.fields_elsewhere()
    if not found:
        return ""
    told = listed([f"{row['path']} of requests to {place(case, row['host'])}" for row in found[:MOST]])
    more = f", and {len(found) - MOST} more," if len(found) > MOST else ""
    verb = "depends" if len(found) == 1 else "depend"
    return f"The decoded {counted(len(found), 'field')} {told}{more} {verb} on which prompt was typed."


def without(case: Case, studied: "Studied") -> str:
    """Why there is nothing to analyse, and the command that helps; empty where there is."""
    if studied.plans.faults:
        return (
            f"{'; '.join(studied.plans.faults)[0].upper()}{'; '.join(studied.plans.faults)[1:]} A plan that was "
            "changed after the recording proves nothing."
        )
    doses = studied.plans.of("dose")
    if len(doses) > 1 and studied.dose is None:
        return (
            f"{len(doses)} plans of lengths were followed, and each is an experiment of its own. Name one with the "
            f"parameter `plan`: {listed([one.digest[:12] for one in doses])}."
        )
    if studied.dose is None and studied.fields is None:
        drawn = studied.plans.files
        lead = (
            f"{drawn} {counted(drawn, 'plan')} {'was' if drawn == 1 else 'were'} drawn and no run followed "
            f"{'it' if drawn == 1 else 'them'}"
            if drawn
            else "No run of this case followed a plan of random lengths"
        )
        return (
            f"{lead}, so sizes say nothing here. `promptrail plan {case.path.name} dose` draws one before anything is "
            "typed."
        )
    return ""


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    never = "“No channel carries the prompt”, or “one does”: neither was shown."
    if without(case, studied):
        return "The recorded traffic says nothing about channels that could not be read.", never
    if silenced(studied):
        why = listed(list(studied.told.failed)) or "a control"
        return f"Nothing can be said of any host: {why} failed. {source(case, studied)}", never
    rows = studied.those(CONTENT) if verdict == "supported" else studied.those(LENGTH, UNTESTED)
    texts = [row.licensed for row in rows[:MOST]]
    forbidden = [row.not_licensed for row in rows[:MOST]]
    if len(rows) > MOST:
        texts.append(f"For {len(rows) - MOST} more the table has the sentences.")
    for field in studied.fields_elsewhere()[:MOST]:
        texts.append(field["licensed"])
        forbidden.append(field["not_licensed"])
    if verdict == "not observed":
        texts, forbidden = _absence(studied)
    texts = texts or ["The sizes that were recorded do not settle it."]
    return f"{' '.join(texts)} {source(case, studied)}", " ".join(dict.fromkeys(forbidden)) or never


def _absence(studied: "Studied") -> tuple[list[str], list[str]]:
    """Of all hosts at once only what holds for each of them."""
    rows = studied.those(TRACE, ABSENT)
    if not rows:
        return (
            ["In these runs the device sent nothing to any host but the first party's."],
            ["“Nobody else gets anything of it”: not from this device in these runs is all that was seen."],
        )
    if len(rows) == 1:
        return [rows[0].licensed], [rows[0].not_licensed]
    common = excluded(rows)
    bound = max(row.verdict.ceiling for row in rows)
    shown = (
        f" Had one of them been sent {'; or '.join(common)}, this test would have shown it with a probability of at "
        "least 95 % (such uploads were added to this recording)."
        if common
        else ""
    )
    counted_bytes = (
        f" No one of them was sent bytes for more than {100 * bound:.1f} % of the text." if bound < 1 else ""
    )
    return (
        [
            f"In {studied.told.prompts} prompts of random length the volumes sent to {len(rows)} hosts besides the "
            f"first party's were not found to follow the text.{shown}{counted_bytes}"
        ],
        [
            "“Nobody else was sent anything of the prompt”: a digest, a category, a few characters, a rarer upload, "
            "one after the recording or from server to server are not excluded."
        ],
    )


def source(case: Case, studied: "Studied") -> str:
    """Recording, plan and version, which every sentence names."""
    used = [one for one in (studied.dose, studied.contrast, studied.differential) if one is not None]
    runs = [run for one in used for run in one.runs]
    version = "" if case.app["version"] == NOT_STATED else f" {case.app['version']}"
    many = listed(runs) if len(runs) <= MOST else f"{runs[0]} to {runs[-1]}, {len(runs)} runs"
    plans = listed([f"{one.digest[:12]} ({one.plan.kind})" for one in used])
    return f"({app(case)}{version}; {many}; {counted(len(used), 'plan')} {plans}.)"


def _hosts(rows: list["Row"]) -> str:
    names = [row.host for row in rows]
    return listed(names if len(names) <= MOST else [*names[:MOST], f"{len(names) - MOST} more"])


def _places(case: Case, rows: list["Row"]) -> str:
    names = [_place(case, row) for row in rows[:MOST]]
    return listed(names + ([f"{len(rows) - MOST} more"] if len(rows) > MOST else []))


def _place(case: Case, row: "Row") -> str:
    """With its holder; hosts that are added up have the same operator."""
    if len(row.members) == 1:
        return place(case, row.verdict.host)
    return f"{row.host} ({said(case, row.members[0], 'service_operator') or 'holder not known'})"


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result: dict[str, str] = {check.control: f"{check.observed} ({check.result})" for check in checks}
    told = studied.told
    rows: list[tuple[str, str, str]] = [
        (
            "“Longer prompts simply take longer to type and to answer.”",
            "Text was pasted, a slot has one length of time, and answers were kept alike; the controls test the bytes "
            "received and the time of the last answer for the same dependence.",
            "A host that is told how long the server worked grows a little with the length.",
        ),
        (
            "“It counts characters or lines; it does not send them.”",
            "A second experiment draws only the kind of the characters, at one length.",
            "Something that grows with the bytes of the text, and is not made from it, is not known to us, nor "
            "excluded.",
        ),
        (
            "“You looked at many hosts and many statistics.”",
            f"All {told.hosts} hosts of the recording are corrected for together, and the statistics are combined "
            "inside the test.",
            "A chance of one false alarm in a hundred experiments is left, by design.",
        ),
        (
            "“You drew until it fitted.”",
            "; ".join(result[name] for name in ("Plan before recording", "Plans followed") if name in result)
            or "Nothing was drawn.",
            "A recording that was deleted leaves no trace here.",
        ),
        (
            "“The keyboard or the system sent it.”",
            "Nothing in sizes tells one program's bytes from another's.",
            "Repeat with another keyboard, and with the text set without the clipboard.",
        ),
        (
            "“It uploads rarely, later, or through a server.”",
            "The table says which uploads would have been found, and how much of the text all bytes could hold.",
            "Rarer uploads, digests, categories and transfers between servers are not seen by this method.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
