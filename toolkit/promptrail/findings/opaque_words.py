"""What may be written of one host of a randomised experiment, and what may not: its verdict in, two sentences out.

A sentence speaks of a connection's name and of volume. What was in it, and who runs the host, are other findings.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from promptrail.findings.words import counted, listed

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
    (0.757, "as the compressed text would"),
    (1.0, "as the text would at one byte a character"),
    (1.035, "as the text would at one byte a character, with the frames around it"),
    (4 / 3, "as base64 of the text would"),
    (2.0, "as the text would at two bytes a character"),
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
        TRACE: _trace,
        ABSENT: _absent,
        PADDED: _padded,
        IRREGULAR: _irregular,
        FAILED: _failed,
    }[what](host, v, told)


def p_of(p: float) -> str:
    """Below a ten-thousandth the digits say nothing more."""
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"


def volume(host: str, v: "HostVerdict", told: Told) -> str:
    """How the volume to a host followed the length, without a full stop."""
    proof = (
        f"({p_of(v.p_adjusted)} after correction for {told.hosts} {counted(told.hosts, 'host')}; the lengths of "
        f"{told.prompts} prompts were drawn at random)"
    )
    place = f"to the connection named {host}"
    if v.slope is None or v.padded:
        return f"The volume that the device sent {place} followed the length of the submitted prompt {proof}"
    rate = f"{v.slope:.2f} bytes{_interval(v)} per character of the submitted prompt"
    cap = f" up to about {v.cap:,} characters and not beyond" if v.cap else ""
    if _sampled(v):
        return (
            f"After {v.carriers} of {v.eligible} prompts long enough to show it{_share(v)} the device sent a burst of "
            f"{rate}{cap} {place}; after the others none was found {proof}"
        )
    return f"The volume that the device sent {place} rose by {rate}{cap} {proof}{_like(v)}"


def _interval(v: "HostVerdict") -> str:
    if v.slope_low is None or v.slope_high is None:
        return ""
    return f" (99 % interval {v.slope_low:.2f} to {v.slope_high:.2f})"


def _share(v: "HostVerdict") -> str:
    if v.share_low is None or v.share_high is None:
        return ""
    return f" (99 % interval {100 * v.share_low:.0f} to {100 * v.share_high:.0f} %)"


def _sampled(v: "HostVerdict") -> bool:
    return bool(v.eligible) and v.share_high is not None and v.share_high < SOME


def _like(v: "HostVerdict") -> str:
    if v.slope_low is None or v.slope_high is None:
        return ""
    near = [words for slope, words in LIKE if v.slope_low <= slope <= v.slope_high]
    return f", {near[0]}" if len(near) == 1 else ""


def _size(v: "HostVerdict") -> str:
    """How much of the text the volume corresponds to; never which part."""
    if v.padded or v.slope_low is None or v.slope_low < WHOLE:
        return "of a size that grows with it"
    return f"about as large as {v.cap:,} characters of it" if v.cap else "about as large as all of it"


def _control(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        f"Positive control: {volume(host, v, told)}. The method finds the channel that carries the prompt.",
        f"“{host} received the prompt” as a result: that it does is presupposed.",
    )


def _content(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    with_some = " with some prompts" if _sampled(v) else ""
    return (
        f"{volume(host, v, told)}.{_drafts(v)} In a second experiment the number of characters was the same and only "
        f"their kind was drawn: the volume was larger where a character takes two bytes in UTF-8{_p2(v)}. What is "
        "counted by character, line or key does not do that. No other cause is known to us than that data made from "
        f"the text of the prompt, {_size(v)}, was sent{with_some}.",
        f"“{host} received the prompt”, “the text was sent in clear”, “it is read or stored”, or that the company "
        "behind the name has it: no byte of it was read, and who runs the host is another finding."
        + (" Nor which characters were sent." if v.cap else ""),
    )


def _length(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    if v.p_stage2 is not None and v.p_stage2 <= told.alpha2:
        why = (
            f"with as many characters of another kind the volume changed{_p2(v)}, but so did the answers of the first "
            "party, and a longer wait is another cause."
        )
    else:
        why = (
            f"with as many characters of another kind the volume was not found to change{_p2(v)}. A count of "
            "characters, lines or layout would do that."
        )
    return (
        f"{volume(host, v, told)}.{_drafts(v)} Whether it depends on the content was not shown: {why}",
        f"“The traffic to {host} depends on what was written”, or the opposite: neither was shown.",
    )


def _untested(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        f"{volume(host, v, told)}.{_drafts(v)} Whether it depends on the content was not tested.",
        f"“The traffic to {host} depends on what was written”: a counter of characters or lines grows as well.",
    )


def _trace(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    most = "" if v.slope_high is None else f" by at most {v.slope_high:.3f} bytes per character"
    return (
        f"The volume sent to the connection named {host} changed with the length of the prompt{most}. A field that "
        "states the length would do that; the text would not.",
        f"“{host} learns nothing about the prompt”: a length, a category or a digest may be in it.",
    )


def _absent(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        f"In {told.prompts} prompts of random length the volume sent to the connection named {host} was not found to "
        f"depend on the length.{_excluded(v)}{_ceiling(v)}",
        f"“{host} was sent nothing of the prompt”: a digest, a category, a few characters, a rarer upload, one after "
        "the recording or from server to server are not excluded.",
    )


def _excluded(v: "HostVerdict") -> str:
    if not v.excluded:
        return ""
    return (
        f" Had it been sent {_either(v.excluded)}, this "
        "test would have shown it with a probability of at least 95 % (such uploads were added to this recording)."
    )


def _either(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{'; '.join(names[:-1])}; or {names[-1]}"


def _ceiling(v: "HostVerdict") -> str:
    if v.ceiling >= 1:
        return " The bytes sent there would hold the whole text, so counting them excludes nothing."
    return f" All {v.bytes:,} bytes sent there could hold at most {_percent(v.ceiling)} of the text, however coded."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.0005 else "0.1 %"


def _padded(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    return (
        f"The bursts sent to the connection named {host} after the shortest prompts were large enough to hold the "
        "longest one, so uploads that are filled up to one size would not show. This cannot be told.",
        f"Anything about {host} and the prompt, in either direction.",
    )


def _irregular(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    if v.detectable is None:
        return (
            f"For the connection named {host} this cannot be told: {v.why}.",
            f"Anything about {host} and the prompt, in either direction.",
        )
    return (
        f"The traffic to the connection named {host} was too irregular for this plan: an upload of less than "
        f"{v.detectable:.2g} bytes per character would have gone unnoticed.",
        f"Anything about {host} and the prompt, in either direction.",
    )


def _failed(host: str, v: "HostVerdict", told: Told) -> tuple[str, str]:
    why = f"{listed(list(told.failed))} failed" if told.failed else told.voided[v.why]
    return (
        f"Nothing can be said of the connection named {host}: {why}.",
        f"Anything about {host} and the prompt, in either direction.",
    )


def _drafts(v: "HostVerdict") -> str:
    """Text that was deleted before it was sent; a burst of its size is told, and not judged."""
    if not v.drafts:
        return ""
    slots = "one slot" if v.drafts == 1 else f"{v.drafts} slots"
    return f" In {slots} in which the text was pasted and deleted unsent, a burst of that text's size was sent too."


def _p2(v: "HostVerdict") -> str:
    return "" if v.p_stage2 is None else f" ({p_of(v.p_stage2)})"


def field_sentences(row: dict[str, Any], tested: int) -> tuple[str, str]:
    """The same of a decoded field that repeats with the input; `tested`: the fields that the correction is for."""
    where = f"{row['path']} ({row['part']} of requests to {row['host']})"
    return (
        f"The field {where} took the same value in both runs with the same prompt for {row['agree']} of "
        f"{row['inputs']} prompts of one length, {row['values']} {counted(row['values'], 'value')} in all ("
        f"{p_of(row['p_adjusted'])} after correction for {tested} {counted(tested, 'field')}): it depends on which "
        "prompt was typed.",
        f"“{row['path']} contains the prompt”: it may be a digest, a category or a count.",
    )
