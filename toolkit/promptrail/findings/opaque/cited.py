"""Evidence of finding 10: what was studied in, one row a host or field and run out, each with the plan it followed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from promptrail.findings.cited import Cited
from promptrail.language import say

if TYPE_CHECKING:
    from promptrail.findings.opaque.finding import Row, Studied
    from promptrail.findings.opaque.plans import Followed


def cited(studied: "Studied", rows: "Iterable[Row]") -> list[Cited]:
    """`rows`: the hosts that the answer rests on; fields that follow the input come with them."""
    found = [
        Cited(_volume(row), run, host, _where(one))
        for one in (studied.dose, studied.contrast)
        if one is not None
        for row in rows
        for host in row.members
        for run in one.runs
    ]
    if studied.differential is not None:
        found += [
            Cited(
                say(
                    "field {path} takes one value an input (p = {p:.2g})",
                    path=field["path"],
                    p=field["p_adjusted"],
                ),
                run,
                field["host"],
                _where(studied.differential),
            )
            for field in studied.fields_elsewhere()
            for run in studied.differential.runs
        ]
    return found


def _volume(row: "Row") -> str:
    slope, p = row.verdict.slope, row.verdict.p_adjusted
    if slope is None:
        return say("volume follows the text: p = {p:.2g} over the hosts of the plan", p=p)
    return say(
        "volume follows the text: {slope:.2f} bytes a character, p = {p:.2g} over the hosts of the plan",
        slope=slope,
        p=p,
    )


def _where(one: "Followed") -> str:
    return say("plan {digest}, packets of the run", digest=one.digest)
