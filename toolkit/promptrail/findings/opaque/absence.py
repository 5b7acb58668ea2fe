"""What may be written of one host whose volume was not found to follow the prompt's text, and what may not.

The other half of `opaque_words`: absence with its bounds, and what leaves the question open.
"""

from typing import TYPE_CHECKING

from promptrail.findings.words import listed
from promptrail.language import say

if TYPE_CHECKING:
    from promptrail.findings.opaque.words import Told
    from promptrail.infer.verdicts import HostVerdict


def trace(host: str, v: "HostVerdict", told: "Told") -> tuple[str, str]:
    if v.slope_high is None:
        changed = say(
            "The volume sent to the connection named {host} changed with the length of the prompt.", host=host
        )
    else:
        changed = say(
            "The volume sent to the connection named {host} changed with the length of the prompt by at most "
            "{most:.3f} bytes per character.",
            host=host,
            most=v.slope_high,
        )
    cause = say("A field that states the length would do that; the text would not.")
    return (
        f"{changed} {cause}",
        say(
            "“{host} learns nothing about the prompt”: a length, a category or a digest may be in it.",
            host=host,
        ),
    )


def absent(host: str, v: "HostVerdict", told: "Told") -> tuple[str, str]:
    found = say(
        "In {prompts} prompts of random length the volume sent to the connection named {host} was not found to depend "
        "on the length.",
        prompts=told.prompts,
        host=host,
    )
    return (
        " ".join([found, *_excluded(v), _ceiling(v)]),
        say(
            "“{host} was sent nothing of the prompt”: a digest, a category, a few characters, a rarer upload, one "
            "after the recording or from server to server are not excluded.",
            host=host,
        ),
    )


def _excluded(v: "HostVerdict") -> list[str]:
    if not v.excluded:
        return []
    return [
        say(
            "Had it been sent {uploads}, this test would have shown it with a probability of at least 95 % (such "
            "uploads were added to this recording).",
            uploads=_either([say(name) for name in v.excluded]),
        )
    ]


def _either(uploads: list[str]) -> str:
    """a; or b: uploads have commas of their own."""
    if len(uploads) == 1:
        return uploads[0]
    return say("{some}; or {last}", some="; ".join(uploads[:-1]), last=uploads[-1])


def _ceiling(v: "HostVerdict") -> str:
    if v.ceiling >= 1:
        return say("The bytes sent there would hold the whole text, so counting them excludes nothing.")
    return say(
        "All {bytes:,} bytes sent there could hold at most {share} of the text, however coded.",
        bytes=v.bytes,
        share=_percent(v.ceiling),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.0005 else "0.1 %"


def padded(host: str, v: "HostVerdict", told: "Told") -> tuple[str, str]:
    return (
        say(
            "The bursts sent to the connection named {host} after the shortest prompts were large enough to hold the "
            "longest one, so uploads that are filled up to one size would not show. This cannot be told.",
            host=host,
        ),
        _anything(host),
    )


def irregular(host: str, v: "HostVerdict", told: "Told") -> tuple[str, str]:
    if v.detectable is None:
        why = say(v.why)
        return (
            say("For the connection named {host} this cannot be told: {reason}.", host=host, reason=why),
            _anything(host),
        )
    return (
        say(
            "The traffic to the connection named {host} was too irregular for this plan: an upload of less than "
            "{least:.2g} bytes per character would have gone unnoticed.",
            host=host,
            least=v.detectable,
        ),
        _anything(host),
    )


def failed(host: str, v: "HostVerdict", told: "Told") -> tuple[str, str]:
    if told.failed:
        why = say("{controls} failed", controls=listed([say(name) for name in told.failed]))
    else:
        why = told.voided[v.why]
    return (
        say("Nothing can be said of the connection named {host}: {reason}.", host=host, reason=why),
        _anything(host),
    )


def _anything(host: str) -> str:
    return say("Anything about {host} and the prompt, in either direction.", host=host)
