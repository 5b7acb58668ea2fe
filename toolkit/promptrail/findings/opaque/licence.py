"""What finding 10 licenses and what not, the recording that every sentence names, and a sceptic's objections."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.findings.opaque.answer import MOST, excluded, silenced, without
from promptrail.findings.opaque.words import ABSENT, CONTENT, LENGTH, TRACE, UNTESTED
from promptrail.findings.stating import objection_rows
from promptrail.findings.words import app, listed
from promptrail.language import say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.opaque.finding import Studied


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    never = say("“No channel carries the prompt”, or “one does”: neither was shown.")
    if without(case, studied):
        return say("The recorded traffic says nothing about channels that could not be read."), never
    if silenced(studied):
        controls = [say(name) for name in studied.told.failed]
        if controls:
            nothing = say("Nothing can be said of any host: {controls} failed.", controls=listed(controls))
        else:
            nothing = say("Nothing can be said of any host: what was measured there failed its own check.")
        return f"{nothing} {source(case, studied)}", never
    rows = studied.those(CONTENT) if verdict == "supported" else studied.those(LENGTH, UNTESTED)
    texts = [row.licensed for row in rows[:MOST]]
    forbidden = [row.not_licensed for row in rows[:MOST]]
    if len(rows) > MOST:
        texts.append(say("For {n} more the table has the sentences.", n=len(rows) - MOST))
    for field in studied.fields_elsewhere()[:MOST]:
        texts.append(field["licensed"])
        forbidden.append(field["not_licensed"])
    if verdict == "not observed":
        texts, forbidden = _absence(studied)
    texts = texts or [say("The sizes that were recorded do not settle it.")]
    return f"{' '.join(texts)} {source(case, studied)}", " ".join(dict.fromkeys(forbidden)) or never


def _absence(studied: "Studied") -> tuple[list[str], list[str]]:
    """Of all hosts at once only what holds for each of them."""
    rows = studied.those(TRACE, ABSENT)
    if not rows:
        return (
            [say("In these runs the device sent nothing to any host but the first party's.")],
            [
                say(
                    "“Nobody else gets anything of it”: not from this device in these runs is all that was seen."
                )
            ],
        )
    if len(rows) == 1:
        return [rows[0].licensed], [rows[0].not_licensed]
    texts = [
        say(
            "In {prompts} prompts of random length the volumes sent to {n} hosts besides the first party's were not "
            "found to follow the text.",
            prompts=studied.told.prompts,
            n=len(rows),
        )
    ]
    if common := excluded(rows):
        texts.append(
            say(
                "Had one of them been sent {uploads}, this test would have shown it with a probability of at least "
                "95 % (such uploads were added to this recording).",
                uploads=say("; or ").join(common),
            )
        )
    if (bound := max(row.verdict.ceiling for row in rows)) < 1:
        texts.append(
            say("No one of them was sent bytes for more than {share:.1f} % of the text.", share=100 * bound)
        )
    never = say(
        "“Nobody else was sent anything of the prompt”: a digest, a category, a few characters, a rarer upload, one "
        "after the recording or from server to server are not excluded."
    )
    return texts, [never]


def source(case: Case, studied: "Studied") -> str:
    """Recording, plan and version, which every sentence names."""
    used = [one for one in (studied.dose, studied.contrast, studied.differential) if one is not None]
    runs = [run for one in used for run in one.runs]
    version = "" if case.app["version"] == NOT_STATED else f" {case.app['version']}"
    if len(runs) <= MOST:
        named = listed(runs)
    else:
        named = say("{first} to {last}, {n} runs", first=runs[0], last=runs[-1], n=len(runs))
    return say_n(
        "({app}; {runs}; plan {plans}.)",
        "({app}; {runs}; plans {plans}.)",
        len(used),
        app=f"{app(case)}{version}",
        runs=named,
        plans=listed([f"{one.digest[:12]} ({say(one.plan.kind)})" for one in used]),
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result: dict[str, str] = {check.control: f"{check.observed} ({say(check.result)})" for check in checks}
    rows: list[tuple[str, str, str]] = [
        (
            say("“Longer prompts simply take longer to type and to answer.”"),
            say(
                "Text was pasted, a slot has one length of time, and answers were kept alike; the controls test the "
                "bytes received and the time of the last answer for the same dependence."
            ),
            say("A host that is told how long the server worked grows a little with the length."),
        ),
        (
            say("“It counts characters or lines; it does not send them.”"),
            say("A second experiment draws only the kind of the characters, at one length."),
            say(
                "Something that grows with the bytes of the text, and is not made from it, is not known to us, nor "
                "excluded."
            ),
        ),
        (
            say("“You looked at many hosts and many statistics.”"),
            say(
                "All {n} hosts of the recording are corrected for together, and the statistics are combined inside the "
                "test.",
                n=studied.told.hosts,
            ),
            say("A chance of one false alarm in a hundred experiments is left, by design."),
        ),
        (
            say("“You drew until it fitted.”"),
            "; ".join(result[name] for name in ("Plan before recording", "Plans followed") if name in result)
            or say("Nothing was drawn."),
            say("A recording that was deleted leaves no trace here."),
        ),
        (
            say("“The keyboard or the system sent it.”"),
            say("Nothing in sizes tells one program's bytes from another's."),
            say("Repeat with another keyboard, and with the text set without the clipboard."),
        ),
        (
            say("“It uploads rarely, later, or through a server.”"),
            say(
                "The table says which uploads would have been found, and how much of the text all bytes could hold."
            ),
            say(
                "Rarer uploads, digests, categories and transfers between servers are not seen by this method."
            ),
        ),
    ]
    return objection_rows(rows)
