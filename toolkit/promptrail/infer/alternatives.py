"""Named ways in which a host could have been sent the text: what each adds to a recording, for spike-ins.

A verdict "not supported" lists those that would have been found. The words complete "had it been sent ...".
"""

from dataclasses import dataclass

from promptrail.language import mark

HEAD = 350
"""Bytes around the text of a simulated upload: method, headers, JSON. Its size does not matter to the statistics."""
FLOOR = 0.75
"""Bytes below which a character of the plan's text cannot be coded: one of 64, drawn evenly, holds 6 bits."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes added in the slot of a prompt: HEAD + slope * min(length, cap), for a share of the prompts."""

    slope: float
    """Bytes per character."""
    cap: int | None = None
    """Characters after which the text is cut off."""
    share: float = 1.0
    """Of the prompts, each drawn for itself."""


# 0.757 is what zlib level 6 makes of 8,192 characters drawn from 64 (tests/infer/test_alternatives.py measures it).
ALTERNATIVES: dict[str, Upload] = {
    mark("the whole text of every prompt, compressed"): Upload(0.757),
    mark("the first 1,024 characters of every prompt"): Upload(1.0, cap=1024),
    mark("the whole text of 3 prompts in 10"): Upload(1.0, share=0.3),
    mark("the whole text of 1 prompt in 10"): Upload(1.0, share=0.1),
}
