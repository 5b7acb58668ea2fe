"""The first screen: question, answer, verdict, counts, grade on its scale, what may be written and what may not."""

from collections.abc import Callable

from promptrail.language import mark, say
from promptrail.model import GRADES
from promptrail.report.html import Part, chip, paragraph, small
from promptrail.report.text import Html, join, marked, phrase
from promptrail.report.view import TIERS, View

LONG = 260
"""Characters of the sentence beyond which it is set smaller, so that the first screen still holds the whole finding."""


def answer(view: View) -> Part:
    """The whole finding at a glance; everything after it is how we know."""
    finding = view.finding
    simulated = paragraph(say("SIMULATED: fictional app, companies and hosts."), "mark")
    parts = [
        simulated if finding.simulated else Html(""),
        paragraph(finding.question, "question"),
        Html('<p class="{}">{}</p>').format(
            "sentence long" if len(finding.sentence) > LONG else "sentence",
            _with_hosts(finding.sentence, view),
        ),
        _facts(view),
        _grade(finding.grade),
        Html('<div class="licence"><div class="yes"><h3>{}</h3>{}</div>').format(
            say("You may write"), paragraph(finding.licensed)
        ),
        Html('<div class="no"><h3>{}</h3>{}</div></div>').format(
            say("You may not write"), paragraph(finding.not_licensed)
        ),
    ]
    lead = say("SIMULATED: ") if finding.simulated else ""
    grade = finding.grade or say("no grade")
    plain = f"{lead}{say(finding.verdict)} ({grade}): {finding.sentence}"
    return Part(
        Html('<section class="answer" aria-label="{}">{}</section>').format(say("Answer"), join(parts)), plain
    )


def _with_hosts(sentence: str, view: View) -> Html:
    """The sentence with the hosts that it names set apart, and commands as code."""
    return marked(sentence, (host for host in view.hosts if "." in host))


def _facts(view: View) -> Html:
    """Verdict and the finding's counts; a count by tier stays a list of tiers."""
    boxes: list[tuple[str, object]] = [(say("Verdict"), chip(view.finding.verdict))]
    for name, show in FACTS:
        if (shown := show(view.finding.facts)) is not None:
            boxes.append((say(name), shown))
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
        return Html("<b>{}</b>{}").format(say("not known"), small(words))
    least = say("at least {share} %", share=share) if unknown else f"{share} %"
    return join([phrase("{share} of bytes", share=Html("<b>{}</b>").format(least)), small(words)])


def _decoys(facts: Facts) -> Html | None:
    if "decoys" not in facts:
        return None
    met = Html("<b>{}</b>").format(facts.get("decoys_matched", "?"))
    told = phrase("{found} of {all}", found=met, all=facts["decoys"])
    return join([told, small(say("never typed or held, same shape"))])


def _tiers(facts: Facts) -> Html | None:
    counts = facts.get("sightings_by_tier")
    if not isinstance(counts, dict):
        return None
    met = [t for t in TIERS if counts.get(t)]
    if not met:
        return phrase("{n} sightings", n=Html("<b>0</b>"))
    first = phrase("{n} {tier}", n=Html("<b>{}</b>").format(f"{counts[met[0]]:,}"), tier=say(met[0]))
    rest = [say("{n} {tier}", n=f"{counts[t]:,}", tier=say(t)) for t in met[1:]]
    return join([first, small(", ".join(rest))]) if rest else first


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
        say("yes") if facts["negative_allowed"] else say("no"),
        small(say("whether “not observed” may be said")),
    )


FACTS: tuple[tuple[str, Callable[[Facts], Html | None]], ...] = (
    (mark("Unseen"), _unseen),
    (mark("Negative finding allowed"), _allowed),
    (mark("Decoys matched"), _decoys),
    (mark("Sightings"), _tiers),
    (mark("Runs"), _number("runs")),
    (mark("Flows"), _number("flows")),
    (mark("Hosts"), _number("hosts")),
    (mark("Hosts whose holder nobody stated"), _number("holder_not_known")),
)


def _grade(grade: str | None) -> Html:
    if grade is None:
        return Html("")
    steps = []
    for name, words in GRADES.items():
        here = Html(' class="here" aria-current="true"') if name == grade else Html("")
        steps.append(Html("<li{}><b>{}</b> <span>{}</span></li>").format(here, name, say(words)))
    return Html('<div class="grade"><span>{}</span><ol>{}</ol></div>').format(
        phrase("Grade {grade}", grade=Html("<b>{}</b>").format(grade)), join(steps)
    )
