"""What could prove the finding wrong: its controls, and the objections to it."""

from promptrail.report.html import Part, chip, small, table
from promptrail.report.text import Html, join
from promptrail.report.view import View


def controls(view: View) -> Part:
    """Each control with what was expected, what was observed, and whether it passed, failed or was not run."""
    found = view.finding.controls
    count = {r: sum(c.result == r for c in found) for r in ("pass", "fail", "not run")}
    caption = f"{count['pass']} of {len(found)} controls passed, {count['fail']} failed, {count['not run']} not run."
    return Part(
        table(
            found,
            [
                ("Control", "r", lambda c: join([Html.escape(c.control), small(c.why)])),
                ("Expected", "", lambda c: c.expected),
                ("Observed", "", lambda c: c.observed),
                ("Result", "", lambda c: chip(c.result)),
            ],
            caption,
        )
    )


def attacks(view: View) -> Part:
    """Objections, what answers them, and what they leave open."""
    return Part(
        table(
            view.finding.objections,
            [
                ("Objection", "r", lambda o: o.get("objection", "")),
                ("What answers it", "", lambda o: o.get("answer", "")),
                ("What is left", "", lambda o: o.get("left", "")),
            ],
            "Objections, answers, and what they leave open.",
        )
    )
