"""What may be written of one host of a randomised experiment, and what may not: its verdict in, two sentences out.

A sentence speaks of a connection's name and of volume. What was in it, and who runs the host, are other findings.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from promptrail.findings.opaque.absence import absent, failed, irregular, padded, trace
from promptrail.language import mark, say, say_n

if TYPE_CHECKING:
    from promptrail.infer.verdicts import HostVerdict

CONTROL, CONTENT, LENGTH, UNTESTED = "control", "content", "length", "length, content not tested"
TRACE, ABSENT, PADDED, IRREGULAR, FAILED = "trace", "absent", "padded", "irregular", "failed"
"""What a verdict comes to. Only `CONTENT` supports the claim, only `TRACE` and `ABSENT` speak against it."""
KINDS = (CONTROL, CONTENT, LENGTH, UNTESTED, PADDED, IRREGULAR, TRACE, ABSENT, FAILED)
"""In the order of a page: what is open stands before what was settled."""

SOME = 0.75
"""Upper limit of the share of prompts below which only some carried a burst; merged bursts hide up to a fifth."""
WHOLE = 0.7
"""Bytes a character from which a volume could hold all of the text: random text is not compressed below 0.75."""
LIKE = (
    (0.757, mark("as the compressed text would")),
    (1.0, mark("as the text would at one byte a character")),
    (1.035, mark("as the text would at one byte a character, with the frames around it")),
    (4 / 3, mark("as base64 of the text would")),
    (2.0, mark("as the text would at two bytes a character")),
)
"""Bytes a character of ways to send text; two of them inside one interval say nothing."""


class Told(NamedTuple):
    """What every sentence about a host needs from its experiment."""

    prompts: int
    hosts: int
    alpha: float
    """Of the first experiment."""
    alpha2: float = 0.01
    """Of the second."""
    failed: tuple[str, ...] = ()
    """Controls that failed and void everything: then nothing is said of any host."""
    voided: Mapping[str, str] = {}
    """A verdict's `why` -> the control that took the verdict back, as a clause."""


def kind(v: "HostVerdict", told: Told, control: bool = False) -> str:
    """Which of the words above a verdict comes to; `control`: it is the host that is known to be sent every prompt."""
    if told.failed or v.why in told.voided:
        return FAILED
    if v.outcome == "supported":
        return CONTROL if control else {"content": CONTENT, "not shown": LENGTH}.get(v.stage2 or "", UNTESTED)
    if v.outcome == "not supported":
        return TRACE if v.p_adjusted <= told.alpha else ABSENT
    return PADDED if v.padded else IRREGULAR


def sentences(host: str, v: "HostVerdict", what: str, told: Told) -> tuple[str, str]:
    """The sentence that may be written of this host, and the one that may not."""
    return {
        CONTROL: _control,
        CONTENT: _content,
        LENGTH: _length,
        UNTESTED: _untested,
        TRACE: trace,
        ABSENT: absent,
        PADDED: padded,
        IRREGULAR: irregular,
        FAILED: failed,
    }[what](host, v, told)


def p_of(p: float) -> str:
    """Below a ten-thousandth the digits say nothing more."""
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"


def volume(host: str, v: "HostVerdict", told: Told) -> str:
    """How the volume to a host followed the length, without a full stop."""
    proof = say_n(
        "({p} after correction for {n} host; the lengths of {prompts} prompts were drawn at random)",
        "({p} after correction for {n} hosts; the lengths of {prompts} prompts were drawn at random)",
        told.hosts,
        p=p_of(v.p_adjusted),
        prompts=told.prompts,
    )
    if v.slope is None or v.padded:
        return say(
            "The volume that the device sent to the connection named {host} followed the length of the submitted "
            "prompt {proof}",
            host=host,
            proof=proof,
        )
    if _sampled(v):
        return say(
            "After {some} the device sent a burst of {rate} to the connection named {host}; after the others none was "
            "found {proof}",
            some=_some(v),
            rate=_rate(v, v.slope),
            host=host,
            proof=proof,
        )
    rose = say(
        "The volume that the device sent to the connection named {host} rose by {rate} {proof}",
        host=host,
        rate=_rate(v, v.slope),
        proof=proof,
    )
    return f"{rose}{_like(v)}"


def _rate(v: "HostVerdict", slope: float) -> str:
    """Bytes a character, with their interval and where they end."""
    if v.slope_low is None or v.slope_high is None:
        rate = say("{slope:.2f} bytes per character of the submitted prompt", slope=slope)
    else:
        rate = say(
            "{slope:.2f} bytes (99 % interval {low:.2f} to {high:.2f}) per character of the submitted prompt",
            slope=slope,
            low=v.slope_low,
            high=v.slope_high,
        )
    return (
        say("{rate} up to about {cap:,} characters and not beyond", rate=rate, cap=v.cap) if v.cap else rate
    )


def _some(v: "HostVerdict") -> str:
    """The prompts that carried a burst, of those that could show it."""
    some = say(
        "{carriers} of {eligible} prompts long enough to show it", carriers=v.carriers, eligible=v.eligible
    )
    if v.share_low is None or v.share_high is None:
        return some
    return say(
        "{some} (99 % interval {low:.0f} to {high:.0f} %)",
        some=some,
        low=100 * v.share_low,
        high=100 * v.share_high,
    )


def _sampled(v: "HostVerdict") -> bool:
    return bool(v.eligible) and v.share_high is not None and v.share_high < SOME


def _like(v: "HostVerdict") -> str:
    if v.slope_low is None or v.slope_high is None:
        return ""
    near = [words for slope, words in LIKE if v.slope_low <= slope <= v.slope_high]
    return f", {say(near[0])}" if len(near) == 1 else ""


def _size(v: "HostVerdict") -> str:
    """How much of the text the volume corresponds to; never which part."""
    if v.padded or v.slope_low is None or v.slope_low < WHOLE:
        return say("of a size that grows with it")
    return (
        say("about as large as {cap:,} characters of it", cap=v.cap)
        if v.cap
        else say("about as large as all of it")
    )


def _control(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        say(
            "Positive control: {volume}. The method finds the channel that carries the prompt.",
            volume=volume(host, v, told),
        ),
        say("“{host} received the prompt” as a result: that it does is presupposed.", host=host),
    )


def _content(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    second = say(
        "In a second experiment the number of characters was the same and only their kind was drawn: the volume was "
        "larger where a character takes two bytes in UTF-8"
    )
    if _sampled(v):
        cause = say(
            "No other cause is known to us than that data made from the text of the prompt, {size}, was sent with some "
            "prompts.",
            size=_size(v),
        )
    else:
        cause = say(
            "No other cause is known to us than that data made from the text of the prompt, {size}, was sent.",
            size=_size(v),
        )
    no_count = say("What is counted by character, line or key does not do that.")
    never = say(
        "“{host} received the prompt”, “the text was sent in clear”, “it is read or stored”, or that the company "
        "behind the name has it: no byte of it was read, and who runs the host is another finding.",
        host=host,
    )
    return (
        f"{_followed(host, v, told)} {second}{_p2(v)}. {no_count} {cause}",
        f"{never} {say('Nor which characters were sent.')}" if v.cap else never,
    )


def _length(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    if v.p_stage2 is not None and v.p_stage2 <= told.alpha2:
        why = say(
            "with as many characters of another kind the volume changed ({p}), but so did the answers of the first "
            "party, and a longer wait is another cause.",
            p=p_of(v.p_stage2),
        )
    else:
        same = say("with as many characters of another kind the volume was not found to change")
        why = f"{same}{_p2(v)}. {say('A count of characters, lines or layout would do that.')}"
    open_ = say("Whether it depends on the content was not shown: {reason}", reason=why)
    return (
        f"{_followed(host, v, told)} {open_}",
        say(
            "“The traffic to {host} depends on what was written”, or the opposite: neither was shown.",
            host=host,
        ),
    )


def _untested(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        f"{_followed(host, v, told)} {say('Whether it depends on the content was not tested.')}",
        say(
            "“The traffic to {host} depends on what was written”: a counter of characters or lines grows as well.",
            host=host,
        ),
    )


def _followed(host: str, v: "HostVerdict", told: Told) -> str:
    """How the volume followed the length, as a sentence; then text that was deleted before it was sent: a burst of
    its size is told, and not judged."""
    followed = f"{volume(host, v, told)}."
    if not v.drafts:
        return followed
    drafts = say_n(
        "In one slot in which the text was pasted and deleted unsent, a burst of that text's size was sent too.",
        "In {n} slots in which the text was pasted and deleted unsent, a burst of that text's size was sent too.",
        v.drafts,
    )
    return f"{followed} {drafts}"


def _p2(v: "HostVerdict") -> str:
    return "" if v.p_stage2 is None else f" ({p_of(v.p_stage2)})"


def field_sentences(row: dict[str, Any], tested: int) -> tuple[str, str]:
    """The same of a decoded field that repeats with the input; `tested`: the fields that the correction is for."""
    said = say(
        "The field {field} took the same value in both runs with the same prompt for {agree} of {inputs} prompts of "
        "one length, {values} ({proof}): it depends on which prompt was typed.",
        field=say(
            "{path} ({part} of requests to {host})", path=row["path"], part=say(row["part"]), host=row["host"]
        ),
        agree=row["agree"],
        inputs=row["inputs"],
        values=say_n("{n} value in all", "{n} values in all", row["values"]),
        proof=say_n(
            "{p} after correction for {n} field",
            "{p} after correction for {n} fields",
            tested,
            p=p_of(row["p_adjusted"]),
        ),
    )
    return (
        said,
        say("“{path} contains the prompt”: it may be a digest, a category or a count.", path=row["path"]),
    )
