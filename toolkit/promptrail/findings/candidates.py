"""Without a probe: long free text in requests, likely something that a person typed. Candidates, never sightings."""

import re
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.decode import expand
from promptrail.decode.layer import Layer
from promptrail.decode.parts import url_layers
from promptrail.decode.readable import is_text
from promptrail.findings.mask import Mask
from promptrail.trace.parts import parts_of

LONG, WORDS, MOST = 24, 4, 50
WORD = re.compile(r"[^\W\d_]{2,}")
DEPTH = 8


class Candidate(NamedTuple):
    run: str
    host: str
    part: str
    path: str
    text: str


def candidates(case: Case, show_values: bool = False) -> list[Candidate]:
    """Values of requests that read like sentences, longest first, each once; masked."""
    mask = Mask(case.declared_probes, show_values)
    found: dict[tuple[str, str], Candidate] = {}
    for flow, part, _ in parts_of(case):
        if part.direction != "request" or part.part in ("header", "cookie"):
            continue
        for layer in _leaves(part.layer, part.part == "url"):
            text = layer.data.decode("utf-8", "replace")
            if (
                len(text) >= LONG
                and len(WORD.findall(text)) >= WORDS
                and (" " in text or "\u3000" in text or any(ord(c) > 0x2E80 for c in text))
            ):
                found.setdefault(
                    (str(flow.host), text),
                    Candidate(flow.run, str(flow.host), part.part, " > ".join(layer.path), text),
                )
    ranked = sorted(found.values(), key=lambda c: (-len(c.text), c.host, c.text))[:MOST]
    return [c._replace(text=mask.text(c.text[:400]), path=mask.text(c.path)) for c in ranked]


def _leaves(layer: Layer, url: bool) -> Any:
    """The innermost readable layers."""
    if layer.depth > DEPTH:
        return
    children = list(url_layers(layer)) if url else list(expand(layer, []))
    for child in children:
        yield from _leaves(child, False)
    if layer.path and is_text(layer.data) and not children:
        yield layer
