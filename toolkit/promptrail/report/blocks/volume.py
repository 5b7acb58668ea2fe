"""How much was sent when and to whom: the facts of finding 11 in, tables with intervals out, and what is counted."""

from typing import Any

from promptrail.findings.remote.volume import NOBODY, in_words
from promptrail.language import mark, say, say_n
from promptrail.report.html import Part, paragraph, small, table
from promptrail.report.text import Html, join
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

NOTHING = mark("The case holds no run of this app, so nothing can be counted.")
NOT_READ = mark("not read")


def holder(row: dict[str, Any]) -> str:
    """Which of the three stands behind an organisation."""
    return MAKER if row["own"] else UNKNOWN if row["organisation"] == NOBODY else OTHER


def not_read(row: dict[str, Any]) -> bool:
    """Contact of which nothing was read: how much was sent is not known, which is not 0."""
    return bool(row["unread"]) and not any(row["requests"]["values"])


def volume(view: View) -> Part:
    """Requests and bytes by organisation and phase, and the whole run beside runs without a prompt."""
    told: Any = view.finding.facts["volume"]
    if not told:
        return Part(paragraph(say(NOTHING), "none"), say(NOTHING))
    n = len(told["runs"])
    phases = table(
        [*told["by_phase"], *told["each_prompt"]],
        [
            (
                say("Organisation"),
                "r",
                lambda r: join([in_words(r["organisation"]), small(say(holder(r)))]),
            ),
            (say("Phase"), "", lambda r: say(r["phase"])),
            (say("Requests"), "n", lambda r: say(NOT_READ) if not_read(r) else _interval(r["requests"], 1)),
            (say("Bytes"), "n", lambda r: say(NOT_READ) if not_read(r) else _interval(r["bytes"], 0)),
            (say("Unread connections"), "n", lambda r: f"{r['unread']:,}"),
        ],
        say(
            "A run, over {n} like runs: mean, and its 95 % interval (bootstrap over runs). {definition}",
            n=n,
            definition=told["definition"],
        ),
        none=say("Nothing was seen to be sent in these runs."),
    )
    quiet = len(told["quiet"])
    whole = table(
        [*told["whole"], told["others"]],
        [
            (
                say("Organisation"),
                "r",
                lambda r: join(
                    [
                        in_words(r["organisation"]),
                        small(say(holder(r)) if r is not told["others"] else say("together")),
                    ]
                ),
            ),
            (
                say("Requests a run"),
                "n",
                lambda r: say(NOT_READ) if not_read(r) else _interval(r["requests"], 1),
            ),
            (
                say("More than without a prompt"),
                "n",
                lambda r: say(NOT_READ) if not_read(r) else _against(r["requests_against"], 1),
            ),
            (say("Bytes a run"), "n", lambda r: say(NOT_READ) if not_read(r) else _interval(r["bytes"], 0)),
            (
                say("More than without a prompt"),
                "n",
                lambda r: say(NOT_READ) if not_read(r) else _against(r["bytes_against"], 0),
            ),
        ],
        say_n(
            "The whole run beside {n} run of the same steps with nothing typed (C0). An interval that holds 0 shows no "
            "difference.",
            "The whole run beside {n} runs of the same steps with nothing typed (C0). An interval that holds 0 shows "
            "no difference.",
            quiet,
        ),
    )
    return Part(join([phases, whole]))


def _interval(told: dict[str, Any], digits: int) -> Html:
    mean = f"{told['mean']:,.{digits}f}"
    if told["low"] is None:
        return join([mean, small(say("too few runs"))])
    return join([mean, small(_ends(f"{told['low']:,.{digits}f}", f"{told['high']:,.{digits}f}"))])


def _against(told: dict[str, Any] | None, digits: int) -> Html:
    if told is None:
        return Html.escape(say("no such run"))
    mean = f"{told['mean']:+,.{digits}f}"
    if told["low"] is None:
        return join([mean, small(say("too few runs"))])
    return join([mean, small(_ends(f"{told['low']:+,.{digits}f}", f"{told['high']:+,.{digits}f}"))])


def _ends(low: str, high: str) -> str:
    return say("{low} to {high}", low=low, high=high)


def colour(row: dict[str, Any]) -> str:
    """Of the holder."""
    return COLOURS[holder(row)]
