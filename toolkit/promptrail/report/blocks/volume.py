"""How much was sent when and to whom: the facts of finding 11 in, tables with intervals out, and what is counted."""

from typing import Any

from promptrail.report.html import Part, paragraph, small, table
from promptrail.report.text import Html, join
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

NOTHING = "The case holds no run of this app, so nothing can be counted."
NOBODY, NOT_READ = "not known who", Html("not read")


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
        return Part(paragraph(NOTHING, "none"), NOTHING)
    n = len(told["runs"])
    phases = table(
        [*told["by_phase"], *told["each_prompt"]],
        [
            ("Organisation", "r", lambda r: join([r["organisation"], small(holder(r))])),
            ("Phase", "", lambda r: r["phase"]),
            ("Requests", "n", lambda r: NOT_READ if not_read(r) else _interval(r["requests"], 1)),
            ("Bytes", "n", lambda r: NOT_READ if not_read(r) else _interval(r["bytes"], 0)),
            ("Unread connections", "n", lambda r: f"{r['unread']:,}"),
        ],
        f"A run, over {n} like runs: mean, and its 95 % interval (bootstrap over runs). {told['definition']}",
        none="Nothing was sent in these runs.",
    )
    quiet = len(told["quiet"])
    whole = table(
        [*told["whole"], told["others"]],
        [
            (
                "Organisation",
                "r",
                lambda r: join(
                    [r["organisation"], small(holder(r) if r is not told["others"] else "together")]
                ),
            ),
            ("Requests a run", "n", lambda r: NOT_READ if not_read(r) else _interval(r["requests"], 1)),
            (
                "More than without a prompt",
                "n",
                lambda r: NOT_READ if not_read(r) else _against(r["requests_against"], 1),
            ),
            ("Bytes a run", "n", lambda r: NOT_READ if not_read(r) else _interval(r["bytes"], 0)),
            (
                "More than without a prompt",
                "n",
                lambda r: NOT_READ if not_read(r) else _against(r["bytes_against"], 0),
            ),
        ],
        f"The whole run beside {quiet} {'run' if quiet == 1 else 'runs'} of the same steps with nothing typed (C0). An "
        "interval that holds 0 shows no difference.",
    )
    return Part(join([phases, whole]))


def _interval(told: dict[str, Any], digits: int) -> Html:
    mean = f"{told['mean']:,.{digits}f}"
    if told["low"] is None:
        return join([mean, small("too few runs")])
    return join([mean, small(f"{told['low']:,.{digits}f} to {told['high']:,.{digits}f}")])


def _against(told: dict[str, Any] | None, digits: int) -> Html:
    if told is None:
        return Html("no such run")
    mean = f"{told['mean']:+,.{digits}f}"
    if told["low"] is None:
        return join([mean, small("too few runs")])
    return join([mean, small(f"{told['low']:+,.{digits}f} to {told['high']:+,.{digits}f}")])


def colour(row: dict[str, Any]) -> str:
    """Of the holder."""
    return COLOURS[holder(row)]
