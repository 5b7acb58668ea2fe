"""Evidence of finding 10: what was studied in, one row a host or field and run out, each with the plan it followed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from promptrail.findings.cited import Cited

if TYPE_CHECKING:
    from promptrail.findings.opaque import Row, Studied
    from promptrail.findings.opaque_plans import Followed


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
                f"field {field['path']} takes one value an input (p = {field['p_adjusted']:.2g})",
                run,
                field["host"],
                _where(studied.differential),
            )
            for field in studied.fields_elsewhere()
            for run in studied.differential.runs
        ]
    return found


def _volume(row: "Row") -> str:
    slope = "" if row.verdict.slope is None else f" {row.verdict.slope:.2f} bytes a character,"
    return f"volume follows the text:{slope} p = {row.verdict.p_adjusted:.2g} over the hosts of the plan"


def _where(one: "Followed") -> str:
    return f"plan {one.digest}, packets of the run"
