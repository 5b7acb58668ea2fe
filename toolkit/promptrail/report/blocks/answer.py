"""The first screen: question, answer, verdict, counts, grade on its scale, what may be written and what may not."""

from collections.abc import Callable

from promptrail.model import GRADES
from promptrail.report.html import Part, chip, paragraph, small
from promptrail.report.text import Html, join, marked
from promptrail.report.view import TIERS, View

LONG = 260
"""Characters of the sentence beyond which it is set smaller, so that the first screen still holds the whole finding."""


def answer(view: View) -> Part:
    """The whole finding at a glance; everything after it is how we know."""
    finding = view.finding
    mark = (
        paragraph("SIMULATED: fictional app, companies and hosts.", "mark") if finding.simulated else Html("")
    )
    parts = [
        mark,
        paragraph(finding.question, "question"),
        Html('<p class="{}">{}</p>').format(
            "sentence long" if len(finding.sentence) > LONG else "sentence",
            _with_hosts(finding.sentence, view),
        ),
        _facts(view),
        _grade(finding.grade),
        Html('<div class="licence"><div class="yes"><h3>You may write</h3>{}</div>').format(
            paragraph(finding.licensed)
        ),
        Html('<div class="no"><h3>You may not write</h3>{}</div></div>').format(
            paragraph(finding.not_licensed)
        ),
    ]
    lead = f"{'SIMULATED: ' if finding.simulated else ''}{finding.verdict} ({finding.grade or 'no grade'})"
    plain = f"{lead}: {finding.sentence}"
    return Part(Html('<section class="answer" aria-label="Answer">{}</section>').format(join(parts)), plain)


def _with_hosts(sentence: str, view: View) -> Html:
    """The sentence with the hosts that it names set apart, and commands as code."""
    return marked(sentence, (host for host in view.hosts if "." in host))


def _facts(view: View) -> Html:
    """Verdict and the finding's counts; a count by tier stays a list of tiers."""
    boxes: list[tuple[str, object]] = [("Verdict", chip(view.finding.verdict))]
    for name, show in FACTS:
        if (shown := show(view.finding.facts)) is not None:
            boxes.append((name, shown))
    return Html('<dl class="facts">{}</dl>').format(
        join(Html("<div><dt>{}</dt><dd>{}</dd></div>").format(n, v) for n, v in boxes)
    )


Facts = dict[str, object]


def _unseen(facts: Facts) -> Html | None:
    """The figure that every finding carries: per cent where it is known, else the words."""
    if "unseen" not in facts:
        return None
    words = str(facts["unseen"])
    share, unknown = facts.get("unseen_share"), facts.get("unseen_unknown")
    if share is None or (unknown and not share):
        return Html("<b>not known</b>{}").format(small(words))
    return Html("<b>{}{} %</b> of bytes{}").format("at least " if unknown else "", share, small(words))


def _decoys(facts: Facts) -> Html | None:
    if "decoys" not in facts:
        return None
    lead = Html("<b>{}</b> of {}{}")
    return lead.format(
        facts.get("decoys_matched", "?"), facts["decoys"], small("never typed or held, same shape")
    )


def _tiers(facts: Facts) -> Html | None:
    counts = facts.get("sightings_by_tier")
    if not isinstance(counts, dict):
        return None
    shown = [f"{counts[t]:,} {t}" for t in TIERS if counts.get(t)] or ["0 sightings"]
    number, _, word = shown[0].partition(" ")
    return Html("<b>{}</b> {}{}").format(number, word, small(", ".join(shown[1:])) if shown[1:] else "")


def _number(name: str) -> Callable[[Facts], Html | None]:
    def shown(facts: Facts) -> Html | None:
        value = facts.get(name)
        return (
            Html("<b>{}</b>").format(f"{value:,}")
            if isinstance(value, int) and not isinstance(value, bool)
            else None
        )

    return shown


def _allowed(facts: Facts) -> Html | None:
    if "negative_allowed" not in facts:
        return None
    return Html("<b>{}</b>{}").format(
        "yes" if facts["negative_allowed"] else "no", small("whether “not observed” may be said")
    )


FACTS: tuple[tuple[str, Callable[[Facts], Html | None]], ...] = (
    ("Unseen", _unseen),
    ("Negative finding allowed", _allowed),
    ("Decoys matched", _decoys),
    ("Sightings", _tiers),
    ("Runs", _number("runs")),
    ("Flows", _number("flows")),
    ("Hosts", _number("hosts")),
    ("Hosts whose holder nobody stated", _number("holder_not_known")),
)


def _grade(grade: str | None) -> Html:
    if grade is None:
        return Html("")
    steps = []
    for name, words in GRADES.items():
        here = Html(' class="here" aria-current="true"') if name == grade else Html("")
        steps.append(Html("<li{}><b>{}</b> <span>{}</span></li>").format(here, name, words))
    return Html('<div class="grade"><span>Grade <b>{}</b></span><ol>{}</ol></div>').format(grade, join(steps))
