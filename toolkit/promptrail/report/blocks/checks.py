"""What could prove the finding wrong: its controls, and the objections to it."""

from promptrail.language import say
from promptrail.report.html import Part, chip, small, table
from promptrail.report.text import Html, join
from promptrail.report.view import View


def controls(view: View) -> Part:
    """Each control with what was expected, what was observed, and whether it passed, failed or was not run."""
    found = view.finding.controls
    count = {r: sum(c.result == r for c in found) for r in ("pass", "fail", "not run")}
    caption = say(
        "{passed} of {all} controls passed, {failed} failed, {not_run} not run.",
        passed=count["pass"],
        all=len(found),
        failed=count["fail"],
        not_run=count["not run"],
    )
    return Part(
        table(
            found,
            [
                (say("Control"), "r", lambda c: join([Html.escape(say(c.control)), small(c.why)])),
                (say("Expected"), "", lambda c: c.expected),
                (say("Observed"), "", lambda c: c.observed),
                (say("Result"), "", lambda c: chip(c.result)),
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
                (say("Objection"), "r", lambda o: o.get("objection", "")),
                (say("What answers it"), "", lambda o: o.get("answer", "")),
                (say("What is left"), "", lambda o: o.get("left", "")),
            ],
            say("Objections, answers, and what they leave open."),
        )
    )
