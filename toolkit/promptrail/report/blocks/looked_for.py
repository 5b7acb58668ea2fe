"""What was looked for and where it was met, in full lists: probes, sightings, and long texts that may be prompts."""

from promptrail.findings.candidates import candidates as long_texts
from promptrail.language import say
from promptrail.report.html import Part, folded, paragraph, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View


def probes(view: View) -> Part:
    """What was looked for, so that a reader can judge whether it could be met by chance."""
    found = view.sightings.groupby("probe").size()
    return Part(
        table(
            view.probes.itertuples(),
            [
                (say("Probe"), "r", lambda r: r.probe),
                (say("Kind"), "", lambda r: say(r.kind)),
                (say("Value"), "h", lambda r: Html("<q>{}</q>").format(view.mask.text(r.text))),
                (say("Sightings"), "", lambda r: say("yes") if r.probe in found.index else say("none")),
            ],
            say("What was typed or held, and looked for."),
            none=say("No probe is declared, so nothing was looked for."),
        )
    )


def sightings(view: View) -> Part:
    """Every sighting in a request, folded: one line each, with the id under which it can be shown again."""
    rows = view.sightings
    if rows.empty:
        return Part(paragraph(say("No sighting."), "none"))
    text = view.mask.text
    inner = table(
        rows.itertuples(),
        [
            (say("Sighting"), "r id", lambda r: r.id),
            (say("Run"), "h", lambda r: wrap(r.run)),
            (
                say("Time, s"),
                "n",
                lambda r: f"{r.at - view.starts.get(r.run, r.at):.2f}" if r.at == r.at else "",
            ),
            (say("Probe"), "", lambda r: r.probe),
            (say("Host"), "h", lambda r: wrap(r.host)),
            (say("Path"), "h", lambda r: wrap(f"{say(r.part)} {text(r.path)}")),
            (say("Wrapped in"), "h", lambda r: wrap(" › ".join(text(s) for s in r.chain))),
            (say("Offset"), "n", lambda r: f"{r.offset}"),
            (say("Tier"), "", lambda r: say(r.tier)),
        ],
        say("Every sighting in a request, in order of run and time."),
    )
    return Part(folded(say("{n:,} rows", n=len(rows)), inner))


def candidates(view: View) -> Part | None:
    """Long free text in requests, never called sightings, and the command that makes one a probe; else None."""
    if len(view.probes):
        return None
    command = Html("<p>{} <code>promptrail probe add {} --kind prompt --text TEXT</code></p>").format(
        say("No probe is declared, so nothing can be told. Declare what was typed:"), view.case.path.name
    )
    found = table(
        long_texts(view.case, view.show_values),
        [
            (say("Host"), "r h", lambda c: wrap(view.mask.text(c.host))),
            (say("Where"), "h", lambda c: wrap(f"{say(c.part)} {c.path}")),
            (say("Text"), "h", lambda c: Html("<q>{}</q>").format(c.text)),
        ],
        say("Long free text that requests carried, longest first: candidates, not sightings."),
        none=say("No request carried text that reads like a sentence."),
    )
    return Part(join([command, found]))
