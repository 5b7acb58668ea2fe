"""Hosts of a randomised experiment with numbers and sentences, fields of differential runs: facts in, tables out.

Numbers are those of the finding; nothing is computed here. A host without a number says why in words.
"""

from typing import Any

from promptrail.findings.opaque.words import p_of
from promptrail.language import mark, say, say_n
from promptrail.report.blocks.before_after import MANY
from promptrail.report.html import Part, chip, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NO_PLAN = mark("No run of this case followed a plan of lengths, so there are no volumes to compare.")
MOST = 8
"""Hosts named in one cell."""
NO_FIELDS = mark("No run of this case followed a differential plan, so no decoded field was tested.")
SIGN = {
    "control": ("supported", mark("positive control")),
    "content": ("supported", mark("depends on length and content")),
    "length": ("cannot tell", mark("depends on length; content not shown")),
    "length, content not tested": ("cannot tell", mark("depends on length; content not tested")),
    "trace": ("not observed", mark("a trace of the length")),
    "absent": ("not observed", mark("no dependence found")),
    "padded": ("cannot tell", mark("may be padded")),
    "irregular": ("cannot tell", mark("too irregular")),
    "failed": ("cannot tell", mark("a control failed")),
}
"""By what a host's verdict comes to: the word of the house, and what it means here."""


def volumes(view: View) -> Part:
    """One row a host: outcome, p, slope, carriers, ceiling, what is excluded."""
    rows: Any = view.finding.facts["volumes"]
    if not rows:
        return Part(paragraph(say(NO_PLAN)), say(NO_PLAN))
    about: Any = view.finding.facts["plan"]
    body = table(
        rows,
        [
            (
                say("Connection named"),
                "r h",
                lambda r: join([wrap(r["host"]), small(say(view.holder(r["members"][0])))]),
            ),
            (say("Outcome"), "", lambda r: _outcome(r)),
            (say("p, corrected"), "n", lambda r: _p(r)),
            (say("Bytes a character"), "n", lambda r: _slope(r)),
            (say("Prompts with a burst"), "n", lambda r: _carriers(r)),
            (say("Bytes sent"), "n", lambda r: f"{r['bytes']:,}"),
            (say("Could hold of the text"), "n", lambda r: _ceiling(r["ceiling"])),
            (say("Excluded, or why not"), "", lambda r: _excluded(r)),
        ],
        say(
            "{hosts} in {prompts} prompts of random length and {slots} slots without one. p is corrected for all "
            "{family} rows; second lines are 99 % intervals.",
            hosts=_hosts_and_sums(view.finding.facts["hosts"], rows),
            prompts=about["prompts"],
            slots=about["controls"],
            family=about["family"],
        ),
    )
    return Part(body)


def sentences(view: View) -> Part:
    """What may be written of each host, and what may not."""
    rows: Any = view.finding.facts["volumes"]
    if not rows:
        return Part(paragraph(say(NO_PLAN)), say(NO_PLAN))
    body = table(
        rows,
        [
            (say("Connection named"), "r h", lambda r: wrap(r["host"])),
            (say("You may write"), "", lambda r: r["licensed"]),
            (say("You may not write"), "", lambda r: r["not_licensed"]),
        ],
        say(
            "By host. Each sentence is followed by the recording, the plan and the app's version, as in the answer "
            "above."
        ),
    )
    return Part(body)


def fields(view: View) -> Part:
    """Decoded fields that follow the input, and those that came nearest."""
    about: Any = view.finding.facts["fields"]
    if about is None:
        return Part(paragraph(say(NO_FIELDS)), say(NO_FIELDS))
    body = table(
        about["rows"],
        [
            (say("Field"), "r h", lambda r: wrap(r["path"])),
            (say("In"), "", lambda r: say(r["part"])),
            (say("Host"), "h", lambda r: join([wrap(r["host"]), small(say(view.holder(r["host"])))])),
            (say("Outcome"), "", lambda r: _follows(r)),
            (
                say("Pairs that agree"),
                "n",
                lambda r: say("{agree} of {inputs}", agree=r["agree"], inputs=r["inputs"]),
            ),
            (say("Values"), "n", lambda r: f"{r['values']:,}"),
            (say("p, corrected"), "n", lambda r: _bare(r["p_adjusted"])),
        ],
        say(
            "{inputs} inputs, each typed in two runs. Of {fields:,} decoded fields {tested:,} took values that can "
            "answer; those that follow the input, and the nearest others.",
            inputs=about["inputs"],
            fields=about["fields"],
            tested=about["tested"],
        ),
        none=say(
            "{fields:,} decoded fields were collected, and none took values that can answer: always the same, or "
            "always another one.",
            fields=about["fields"],
        ),
    )
    return Part(body)


def uncounted(view: View) -> Part:
    """The ledger of what was not read in these runs, what no packets counted, and if "not observed" may be said."""
    told: Any = view.finding.facts["uncounted"]
    runs: Any = view.finding.facts["runs"]
    if not runs:
        return Part(paragraph(say(NO_PLAN)), say(NO_PLAN))
    unread: Any = view.finding.unseen
    body = table(
        unread,
        [
            (say("Not read"), "r", lambda r: r["words"]),
            (say("Hosts"), "h", lambda r: _hosts(view, r["hosts"])),
            (say("How many"), "n", lambda r: say(MANY[r["unit"]], n=r["count"])),
            (
                say("Bytes sent"),
                "n",
                lambda r: say("not known") if r["bytes_out"] is None else f"{r['bytes_out']:,}",
            ),
        ],
        say(
            "What these {runs} runs sent and nobody read. It need not be read here; it has to be counted.",
            runs=runs,
        ),
        none=say("Everything that these runs sent was read."),
    )
    if told:
        words = say(
            "Not counted: {uncounted}. So a negative finding is not allowed.", uncounted="; ".join(told)
        )
    else:
        words = say(
            "In all {runs} runs the sizes of everything that left are known, so a negative finding is allowed, with "
            "the bounds in the table of the hosts.",
            runs=runs,
        )
    return Part(join([body, paragraph(words, "allowance")]))


def _hosts(view: View, hosts: list[str]) -> Html:
    more = [say("and {n} more", n=len(hosts) - MOST)] if len(hosts) > MOST else []
    return lines([*(wrap(view.host_name(host)) for host in hosts[:MOST]), *more])


def _hosts_and_sums(hosts: object, rows: list[dict[str, Any]]) -> str:
    operators = sum(len(row["members"]) > 1 for row in rows)
    if not operators:
        return say("{hosts} hosts", hosts=hosts)
    return say_n(
        "{hosts} hosts, and {n} operator of several of them,",
        "{hosts} hosts, and {n} operators of several of them,",
        operators,
        hosts=hosts,
    )


def _outcome(row: dict[str, Any]) -> Html:
    word, meaning = SIGN[row["kind"]]
    return join([chip(word), small(say(meaning))])


def _p(row: dict[str, Any]) -> Html:
    second = "" if row["p_stage2"] is None else small(say("content: {p}", p=_bare(row["p_stage2"])))
    return join([_bare(row["p_adjusted"]), second])


def _bare(p: float) -> str:
    return p_of(p).removeprefix("p ").removeprefix("= ")


def _slope(row: dict[str, Any]) -> Html:
    if row["slope"] is None:
        return Html("–")
    between = (
        ""
        if row["slope_low"] is None
        else small(say("{low:.2f} to {high:.2f}", low=row["slope_low"], high=row["slope_high"]))
    )
    cap = small(say("up to {cap:,} characters", cap=row["cap"])) if row["cap"] else ""
    return join([f"{row['slope']:.2f}", between, cap])


def _carriers(row: dict[str, Any]) -> Html:
    if not row["eligible"]:
        return Html("–")
    between = (
        ""
        if row["share_low"] is None
        else small(say("{low:.0f} to {high:.0f} %", low=100 * row["share_low"], high=100 * row["share_high"]))
    )
    some = say("{carriers} of {prompts}", carriers=row["carriers"], prompts=row["eligible"])
    return join([some, between])


def _ceiling(share: float) -> str:
    return say("all of it") if share >= 1 else say("at most {share:.1f} %", share=100 * share)


def _excluded(row: dict[str, Any]) -> Html:
    if row["excluded"]:
        return Html.escape("; ".join(say(name) for name in row["excluded"]))
    return Html.escape(say(row["why"]))


def _follows(row: dict[str, Any]) -> Html:
    if row["outcome"] == "supported":
        return join([chip("supported"), small(say("depends on the prompt; E3, decoded"))])
    return join([chip("cannot tell"), small(say("does not repeat with it; may be encrypted or salted"))])
