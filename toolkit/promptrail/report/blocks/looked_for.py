"""What was looked for and where it was met, in full lists: probes, sightings, and long texts that may be prompts."""

from promptrail.findings.candidates import candidates as long_texts
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
                ("Probe", "r", lambda r: r.probe),
                ("Kind", "", lambda r: r.kind),
                ("Value", "h", lambda r: Html("<q>{}</q>").format(view.mask.text(r.text))),
                ("Sightings", "", lambda r: "yes" if r.probe in found.index else "none"),
            ],
            "What was typed or held, and looked for.",
            none="No probe is declared, so nothing was looked for.",
        )
    )


def sightings(view: View) -> Part:
    """Every sighting, folded: one line each, with the id under which it can be shown again."""
    rows = view.sightings
    if rows.empty:
        return Part(paragraph("No sighting.", "none"))
    text = view.mask.text
    inner = table(
        rows.itertuples(),
        [
            ("Sighting", "r id", lambda r: r.id),
            ("Run", "h", lambda r: wrap(r.run)),
            ("Time, s", "n", lambda r: f"{r.at - view.starts.get(r.run, r.at):.2f}" if r.at == r.at else ""),
            ("Probe", "", lambda r: r.probe),
            ("Host", "h", lambda r: wrap(r.host)),
            ("Path", "h", lambda r: wrap(f"{r.part} {text(r.path)}")),
            ("Wrapped in", "h", lambda r: wrap(" › ".join(text(s) for s in r.chain))),
            ("Offset", "n", lambda r: f"{r.offset}"),
            ("Tier", "", lambda r: r.tier),
        ],
        "Every sighting, in order of run and time.",
    )
    return Part(folded(f"{len(rows):,} rows", inner))


def candidates(view: View) -> Part | None:
    """Long free text in requests, never called sightings, and the command that makes one a probe; else None."""
    if len(view.probes):
        return None
    command = Html("<p>{} <code>promptrail probe add {} --kind prompt --text TEXT</code></p>").format(
        "No probe is declared, so nothing can be told. Declare what was typed:", view.case.path.name
    )
    found = table(
        long_texts(view.case, view.show_values),
        [
            ("Host", "r h", lambda c: wrap(view.mask.text(c.host))),
            ("Where", "h", lambda c: wrap(f"{c.part} {c.path}")),
            ("Text", "h", lambda c: Html("<q>{}</q>").format(c.text)),
        ],
        "Long free text that requests carried, longest first: candidates, not sightings.",
        none="No request carried text that reads like a sentence.",
    )
    return Part(join([command, found]))
