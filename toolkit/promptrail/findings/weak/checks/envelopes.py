"""Bodies in a vendor's own envelope that a published decoder opens: whoever has the format can read them, as we do."""

from promptrail.findings.weak.checks.carried import place_said
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.language import say, say_n


def look(material: Material) -> Answer:
    """Every message in which such an envelope was opened."""
    n = material.carried.messages
    if not len(material.flows):
        return not_testable(say("no exchange was read"))
    rows = [
        Row(
            one.run,
            one.host,
            say(
                "envelope `{name}` in {place}: its key follows from the message and a constant that every copy holds",
                name=name,
                place=place_said(place),
            ),
            (f"flow {one.flow}",),
            (one.flow,),
            OUTSIDE[material.tls[one.flow]],
        )
        for one in material.carried.met
        for name, place in one.seen.envelopes
    ]
    return answered(rows, say_n("{n:,} message", "{n:,} messages", n))
