"""Opaque bytes whose blocks repeat inside one message, as ECB makes them: opaque values in, rows with their chance out.

Without hooks neither key nor algorithm is known: a format that happens to repeat on borders of 16 bytes looks the same,
and the row says how likely that is.
"""

from promptrail.findings.weak.checks.carried import Met, Opaque, place_said
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.findings.weak.checks.repeats import SIZES
from promptrail.language import say, say_n


def look(material: Material) -> Answer:
    """Blocks that come again inside one message, as ECB makes them."""
    opaque = [(one, value) for one in material.carried.met for value in one.seen.opaque]
    if not len(material.flows):
        return not_testable(say("no exchange was read"))
    rows = [
        Row(
            one.run,
            one.host,
            say(
                "{again} of {blocks} blocks of {size} bytes had come before in {place}, on borders of blocks: as in "
                "ECB",
                again=value.repeats.again,
                blocks=value.repeats.blocks,
                size=value.repeats.size,
                place=place_said(value.place),
            ),
            (f"flow {one.flow}",),
            (one.flow,),
            OUTSIDE[material.tls[one.flow]],
            chance=value.repeats.chance,
        )
        for one, value in opaque
        if value.repeats
    ]
    return answered(rows, _looked(opaque), sum(1 for _, v in opaque if fits(v) and not v.repeats))


def fits(value: Opaque) -> bool:
    """Whether a block cipher could have made it."""
    return value.length % SIZES[-1] == 0


def _looked(opaque: list[tuple[Met, Opaque]]) -> str:
    n, whole = len(opaque), sum(fits(value) for _, value in opaque)
    return say_n(
        "{n:,} opaque value, of which {whole:,} fit whole blocks",
        "{n:,} opaque values, of which {whole:,} fit whole blocks",
        n,
        whole=whole,
    )
