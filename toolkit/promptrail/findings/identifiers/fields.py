"""Every readable field of every message of some runs: a case in, its messages with path, value and chain out.

What the decoders reach is told, inside as many layers as they open; short numbers too, which no probe could be and
which the decoders leave out. A value longer than `LONGEST` is text, not a field, and is passed over.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.decode import expand
from promptrail.decode.json_text import SHORTEST, escape
from promptrail.decode.layer import Layer
from promptrail.decode.limits import Budget
from promptrail.decode.parts import Part, url_layers
from promptrail.decode.readable import is_text
from promptrail.findings.delivered import delivered
from promptrail.trace.parts import parts_of

LONGEST = 512
"""Bytes of a field."""
KEPT = 4096
"""Bytes of a part that is decoded once, whoever sends it again: headers repeat from flow to flow."""


class Field(NamedTuple):
    path: str
    text: str
    chain: tuple[str, ...]
    outer: bool
    """False: the same field once more, with what stands in it undone."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One part of a message."""

    run: str
    flow: str
    host: str
    direction: str
    part: str
    at: float | None
    fields: list[Field]


def messages(case: Case, runs: list[str]) -> Iterator[Sent]:
    """Requests that reached their server, and responses; in the order of the frames."""
    wanted, reached = set(runs), delivered(case)
    known: dict[Any, list[Field]] = {}
    for flow, part, _ in parts_of(case):
        if flow.run not in wanted or flow.host is None or flow.flow not in reached:
            continue
        layer = part.layer
        key = (part.part == "url", layer.data, layer.path, layer.media, layer.encodings)
        if (found := known.get(key)) is None:
            found = _fields(part)
            if len(layer.data) <= KEPT:
                known[key] = found
        if found:
            asked = part.direction == "request"
            at = flow.started if asked or flow.response_started is None else flow.response_started
            yield Sent(flow.run, flow.flow, flow.host, part.direction, part.part, at, found)


def _fields(part: Part) -> list[Field]:
    budget = Budget(len(part.layer.data))
    return list(_leaves(part.layer, budget, part.part == "url"))


def _leaves(layer: Layer, budget: Budget, url: bool = False, outer: bool = True) -> Iterator[Field]:
    """Fields inside a layer, in its order, and the layer itself where it is one."""
    if not budget.spend(len(layer.data), layer.depth):
        return
    children = list(url_layers(layer)) if url else list(expand(layer, []))
    # JSON of short numbers alone has no child: its values are told nevertheless.
    if any(child.chain[-1:] == ("json",) for child in children) or (
        not children and layer.data.lstrip()[:1] in (b"{", b"[")
    ):
        yield from _short(layer)
    apart = any(len(child.path) > len(layer.path) for child in children)
    if layer.path and not apart and len(layer.data) <= LONGEST and is_text(layer.data):
        path = " > ".join(layer.path)
        if not path.endswith(" (name)"):
            yield Field(path, layer.data.decode("utf-8", "replace"), layer.chain, outer)
    for child in children:
        yield from _leaves(child, budget, outer=len(child.path) > len(layer.path))


def _short(layer: Layer) -> Iterator[Field]:
    """Numbers of fewer digits than the JSON decoder tells, true and false."""
    try:
        whole = json.loads(layer.data)
    except (ValueError, RecursionError):
        return
    stack: list[tuple[str, Any]] = [("", whole)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{pointer}/{escape(name)}", inner) for name, inner in value.items()]
        elif isinstance(value, list):
            stack += [(f"{pointer}/{n}", inner) for n, inner in enumerate(value)]
        elif isinstance(value, bool | int | float):
            text = json.dumps(value)
            if isinstance(value, bool) or len(text) < SHORTEST:
                yield Field(" > ".join((*layer.path, pointer)), text, (*layer.chain, "json"), True)
