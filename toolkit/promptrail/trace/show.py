"""A sighting back to its bytes: the message as sent, each layer that was undone, and where the hit stands in each."""

from typing import Any, NamedTuple

from promptrail import frames
from promptrail.case import Case
from promptrail.decode.layer import Layer
from promptrail.decode.parts import Part, header_parts, url_part
from promptrail.decode.readable import is_text
from promptrail.errors import CaseError
from promptrail.model import Probe
from promptrail.trace.ciphertexts import Ciphertexts, known
from promptrail.trace.parts import message_part
from promptrail.trace.rows import headers_of
from promptrail.trace.search import Search
from promptrail.trace.walk import Hit, Walk


class Shown(NamedTuple):
    """One layer of a sighting, from the message as sent inwards."""

    step: str
    """What was undone to get here; for the first: which part of the message it is."""
    path: str
    data: bytes
    offset: int
    length: int
    binary: bool


def layers(case: Case, row: Any, most: int = 8) -> list[Shown]:
    """The layers of one row of the frame `sightings`. CaseError if the case no longer leads to it.

    A reassembled one has no layers of its own: its pieces are given, `most` of them, each in its message as sent.
    """
    pieces = getattr(row, "pieces", None)
    if pieces is not None and hasattr(pieces, "__len__"):
        return [_piece(case, n, piece) for n, piece in enumerate(list(pieces)[:most], 1)]
    flow = next(f for f in frames.rows(case.flows) if f.flow == row.flow)
    search = Search([Probe(row.probe, row.kind, row.text)], Ciphertexts(known(case)))
    for part in _candidates(case, flow, row):
        for hit in Walk(search).part(part):
            same = (" > ".join(hit.layer.path), [*hit.layer.chain, *hit.needle.steps], *hit.span, *hit.here)
            if same == (row.path, list(row.chain), row.offset, row.length, row.raw_offset, row.raw_length):
                return _inwards(hit, row.part)
    raise CaseError(
        f"{case.path}: the sighting {row.id} is not found again: run `promptrail trace {case.path}`."
    )


def _piece(case: Case, number: int, piece: Any) -> Shown:
    """One piece in its message as sent; pieces of a URL are shown in the URL."""
    flow = next(f for f in frames.rows(case.flows) if f.flow == piece["flow"])
    if piece["seq"] is None:
        data = str(flow.url).encode("utf-8", "surrogateescape")
    else:
        messages = case.messages[
            (case.messages["flow"] == flow.flow) & (case.messages["seq"] == piece["seq"])
        ]
        data = case.bytes_of(messages["body"].iloc[0])
    return Shown(
        f"piece {number}", piece["path"], data, piece["raw_offset"], piece["raw_length"], not is_text(data)
    )


def _candidates(case: Case, flow: Any, row: Any) -> list[Part]:
    if row.part == "url":
        return [url_part(flow.url)]
    if row.part in ("header", "cookie"):
        headers = flow.request_headers if row.direction == "request" else flow.response_headers
        return [p for p in header_parts(headers_of(headers), row.direction) if p.part == row.part]
    messages = case.messages[(case.messages["flow"] == row.flow) & (case.messages["seq"] == row.seq)]
    return [message_part(m, case.bytes_of(m.body)) for m in frames.rows(messages)]


def _inwards(hit: Hit, part: str) -> list[Shown]:
    out: list[Shown] = []
    layer: Layer | None = hit.layer
    span = hit.span
    while layer is not None:
        step = layer.chain[-1] if layer.parent and len(layer.chain) > len(layer.parent.chain) else ""
        own = (
            layer.path[-1]
            if layer.path and (layer.parent is None or len(layer.path) > len(layer.parent.path))
            else ""
        )
        out.append(Shown(step or part, own, layer.data, *span, not is_text(layer.data)))
        span, layer = layer.outwards(span), layer.parent
    return out[::-1]
