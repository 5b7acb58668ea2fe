"""Hosts of a randomised experiment with numbers and sentences, fields of differential runs: facts in, tables out.

Numbers are those of the finding; nothing is computed here. A host without a number says why in words.
"""

from typing import Any

from promptrail.findings.opaque_words import p_of
from promptrail.findings.words import counted
from promptrail.report.html import Part, chip, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NO_PLAN = "No run of this case followed a plan of lengths, so there are no volumes to compare."
MOST = 8
"""Hosts named in one cell."""
NO_FIELDS = "No run of this case followed a differential plan, so no decoded field was tested."
SIGN = {
    "control": ("supported", "positive control"),
    "content": ("supported", "depends on length and content"),
    "length": ("cannot tell", "depends on length; content not shown"),
    "length, content not tested": ("cannot tell", "depends on length; content not tested"),
    "trace": ("not observed", "a trace of the length"),
    "absent": ("not observed", "no dependence found"),
    "padded": ("cannot tell", "may be padded"),
    "irregular": ("cannot tell", "too irregular"),
    "failed": ("cannot tell", "a control failed"),
}
"""By what a host's verdict comes to: the word of the house, and what it means here."""


def volumes(view: View) -> Part:
    """One row a host: outcome, p, slope, carriers, ceiling, what is excluded."""
    rows: Any = view.finding.facts["volumes"]
    if not rows:
        return Part(paragraph(NO_PLAN), NO_PLAN)
    about: Any = view.finding.facts["plan"]
    body = table(
        rows,
        [
            (
                "Connection named",
                "r h",
                lambda r: join([wrap(r["host"]), small(view.holder(r["members"][0]))]),
            ),
            ("Outcome", "", lambda r: _outcome(r)),
            ("p, corrected", "n", lambda r: _p(r)),
            ("Bytes a character", "n", lambda r: _slope(r)),
            ("Prompts with a burst", "n", lambda r: _carriers(r)),
            ("Bytes sent", "n", lambda r: f"{r['bytes']:,}"),
            ("Could hold of the text", "n", lambda r: _ceiling(r["ceiling"])),
            ("Excluded, or why not", "", lambda r: _excluded(r)),
        ],
        f"{view.finding.facts['hosts']} hosts{_sums(rows)} in {about['prompts']} prompts of random length and "
        f"{about['controls']} slots without one. p is corrected for all {about['family']} rows; second lines are 99 % "
        "intervals.",
    )
    return Part(body)


def sentences(view: View) -> Part:
    """What may be written of each host, and what may not."""
    rows: Any = view.finding.facts["volumes"]
    if not rows:
        return Part(paragraph(NO_PLAN), NO_PLAN)
    body = table(
        rows,
        [
            ("Connection named", "r h", lambda r: wrap(r["host"])),
            ("You may write", "", lambda r: r["licensed"]),
            ("You may not write", "", lambda r: r["not_licensed"]),
        ],
        "By host. Each sentence is followed by the recording, the plan and the app's version, as in the answer above.",
    )
    return Part(body)


def fields(view: View) -> Part:
    """Decoded fields that follow the input, and those that came nearest."""
    about: Any = view.finding.facts["fields"]
    if about is None:
        return Part(paragraph(NO_FIELDS), NO_FIELDS)
    body = table(
        about["rows"],
        [
            ("Field", "r h", lambda r: wrap(r["path"])),
            ("In", "", lambda r: r["part"]),
            ("Host", "h", lambda r: join([wrap(r["host"]), small(view.holder(r["host"]))])),
            ("Outcome", "", lambda r: _follows(r)),
            ("Pairs that agree", "n", lambda r: f"{r['agree']} of {r['inputs']}"),
            ("Values", "n", lambda r: f"{r['values']:,}"),
            ("p, corrected", "n", lambda r: _bare(r["p_adjusted"])),
        ],
        f"{about['inputs']} inputs, each typed in two runs. Of {about['fields']:,} decoded fields "
        f"{about['tested']:,} took values that can answer; those that follow the input, and the nearest others.",
        none=f"{about['fields']:,} decoded fields were collected, and none took values that can answer: always the "
        "same, or always another one.",
    )
    return Part(body)


def uncounted(view: View) -> Part:
    """The ledger of what was not read in these runs, what no packets counted, and if "not observed" may be said."""
    told: Any = view.finding.facts["uncounted"]
    runs: Any = view.finding.facts["runs"]
    if not runs:
        return Part(paragraph(NO_PLAN), NO_PLAN)
    unread: Any = view.finding.unseen
    body = table(
        unread,
        [
            ("Not read", "r", lambda r: r["words"]),
            ("Hosts", "h", lambda r: _hosts(view, r["hosts"])),
            ("How many", "n", lambda r: f"{r['count']:,} {r['unit']}"),
            ("Bytes sent", "n", lambda r: "not known" if r["bytes_out"] is None else f"{r['bytes_out']:,}"),
        ],
        f"What these {runs} runs sent and nobody read. It need not be read here; it has to be counted.",
        none="Everything that these runs sent was read.",
    )
    words = (
        f"Not counted: {'; '.join(told)}. So a negative finding is not allowed."
        if told
        else f"In all {runs} runs the sizes of everything that left are known, so a negative finding is allowed, with "
        "the bounds in the table of the hosts."
    )
    return Part(join([body, paragraph(words, "allowance")]))


def _hosts(view: View, hosts: list[str]) -> Html:
    more = [f"and {len(hosts) - MOST} more"] if len(hosts) > MOST else []
    return lines([*(wrap(view.host_name(host)) for host in hosts[:MOST]), *more])


def _sums(rows: list[dict[str, Any]]) -> str:
    n = sum(len(row["members"]) > 1 for row in rows)
    return f", and {n} {counted(n, 'operator')} of several of them," if n else ""


def _outcome(row: dict[str, Any]) -> Html:
    word, meaning = SIGN[row["kind"]]
    return join([chip(word), small(meaning)])


def _p(row: dict[str, Any]) -> Html:
    second = "" if row["p_stage2"] is None else small(f"content: {_bare(row['p_stage2'])}")
    return join([_bare(row["p_adjusted"]), second])


def _bare(p: float) -> str:
    return p_of(p).removeprefix("p ").removeprefix("= ")


def _slope(row: dict[str, Any]) -> Html:
    if row["slope"] is None:
        return Html("–")
    between = "" if row["slope_low"] is None else small(f"{row['slope_low']:.2f} to {row['slope_high']:.2f}")
    cap = small(f"up to {row['cap']:,} characters") if row["cap"] else ""
    return join([f"{row['slope']:.2f}", between, cap])


def _carriers(row: dict[str, Any]) -> Html:
    if not row["eligible"]:
        return Html("–")
    between = (
        ""
        if row["share_low"] is None
        else small(f"{100 * row['share_low']:.0f} to {100 * row['share_high']:.0f} %")
    )
    return join([f"{row['carriers']} of {row['eligible']}", between])


def _ceiling(share: float) -> str:
    return "all of it" if share >= 1 else f"at most {100 * share:.1f} %"


def _excluded(row: dict[str, Any]) -> Html:
    if row["excluded"]:
        return Html.escape("; ".join(row["excluded"]))
    return Html.escape(row["why"])


def _follows(row: dict[str, Any]) -> Html:
    if row["outcome"] == "supported":
        return join([chip("supported"), small("depends on the prompt; E3, decoded")])
    return join([chip("cannot tell"), small("does not repeat with it; may be encrypted or salted")])
