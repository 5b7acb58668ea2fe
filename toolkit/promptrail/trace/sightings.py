"""The frames of a case in, `sightings`, `undecoded` and `probes` out.

Bodies are taken batch by batch, each distinct one is read once for every message that carried it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pyarrow as pa

from promptrail import frames
from promptrail.case import Case
from promptrail.decode.layer import Span
from promptrail.decode.parts import Part
from promptrail.model import Probe, Sighting
from promptrail.trace.ciphertexts import Ciphertexts, known
from promptrail.trace.decoys import decoys
from promptrail.trace.join import reassemble
from promptrail.trace.look import OPENED, Unread
from promptrail.trace.parts import parts_of
from promptrail.trace.rows import FlowRow, Rows
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search
from promptrail.trace.streams import Sent, Streams
from promptrail.trace.walk import Hit, Walk

VERSION = 5
"""Raised when the same capture would give other sightings."""
UNJOINED = "so long that it was searched by itself, not joined with the others of its kind"


class Traced(NamedTuple):
    sightings: pa.Table
    undecoded: pa.Table
    probes: pa.Table


def trace(case: Case) -> Traced:
    """Look for every probe and decoy of the case in everything that its captures hold."""
    given = case.declared_probes
    probes = [*given, *decoys(given)]
    search = Search(probes, Ciphertexts(known(case)))
    scout = Scout(search.needles)
    rows = Rows(case)
    order = rows.place
    found: list[Sighting] = []
    undecoded: list[dict[str, Any]] = []
    streams = Streams(scout)
    for flow, part, look in parts_of(case, scout, streams, rows):
        if look is None or look.holds:
            walk = Walk(search, scout)
            found += [_sighting(flow, part, hit, probes[hit.needle.probe]) for hit in walk.part(part)]
            every = look is not None and look.holds & OPENED  # the scout did not see what a ciphertext holds
            cut = {u for u in walk.unread if every or u.reason == "limit"}
            cut -= set(look.unread if look else ())
            undecoded += [_shut(flow, part, u) for u in sorted(cut)]
        if look is None or look.joined or (look.holds and part.part == "sse"):
            found += _reassembled([(flow, part)], search, scout, probes, look.joined if look else ())
        undecoded += [_shut(flow, part, shut) for shut in (look.unread if look else ())]
    for members in streams.suspicious():
        found += _reassembled(members, search, scout, probes)
    undecoded += [
        _shut(left.flow, left.message, Unread("limit", UNJOINED, left.size)) for left in streams.left()
    ]
    undecoded += _not_held(rows)
    rank = {"request": 0, "response": 1}
    found.sort(
        key=lambda s: (
            order[s.flow],
            rank[s.direction],
            s.seq or 0,
            s.part,
            s.raw_offset,
            s.path,
            s.offset,
            s.probe,
        )
    )
    undecoded.sort(
        key=lambda u: (
            order[u["flow"]],
            rank[u["direction"]],
            u["seq"] or 0,
            u["part"],
            u["detail"],
            u["length"] or 0,
        )
    )
    return Traced(
        frames.to_arrow("sightings", _distinct(found)),
        frames.to_arrow("undecoded", undecoded),
        frames.to_arrow("probes", probes),
    )


def _shut(flow: FlowRow, part: Sent, shut: Unread) -> dict[str, Any]:
    """A row of `undecoded`."""
    return {
        "flow": flow.flow,
        "run": flow.run,
        "host": flow.host,
        "direction": part.direction,
        "part": part.part,
        "seq": part.seq,
        "reason": shut.reason,
        "detail": shut.detail,
        "length": shut.length,
    }


def _not_held(rows: Rows) -> Iterator[dict[str, Any]]:
    """Messages that the capture does not hold, or not to their end."""
    for message in rows.messages:
        missing = message.body is None
        if missing or not message.complete:
            flow = rows.flows[rows.place[message.flow]]
            yield {
                "flow": flow.flow,
                "run": flow.run,
                "host": flow.host,
                "direction": message.direction,
                "part": message.part,
                "seq": int(message.seq),
                "reason": "missing" if missing else "incomplete",
                "detail": "the capture does not hold this body"
                if missing
                else "the stream broke off, or was still open",
                "length": None,
            }


def _sighting(flow: FlowRow, part: Part, hit: Hit, probe: Probe) -> Sighting:
    moment = flow.started if part.direction == "request" else flow.response_started
    made = Sighting(
        id="",
        probe=probe.probe,
        text=probe.text,
        kind=probe.kind,
        decoy=probe.decoy,
        run=flow.run,
        flow=flow.flow,
        source_ref=flow.source_ref,
        host=flow.host,
        method=flow.method,
        url=flow.url,
        direction=part.direction,
        part=part.part,
        path=" > ".join(hit.layer.path),
        chain=[*hit.layer.chain, *hit.needle.steps],
        offset=hit.span[0],
        length=hit.span[1],
        raw_offset=hit.here[0],
        raw_length=hit.here[1],
        tier=hit.needle.tier,
        at=moment,
        body=part.body,
        seq=part.seq,
        share=hit.share,
        simulated=bool(flow.simulated),
    )
    return replace(made, id=sighting_id(made))


def _reassembled(
    parts: list[tuple[Any, Part]],
    search: Search,
    scout: Scout,
    probes: list[Probe],
    within: tuple[Span, ...] = (),
) -> list[Sighting]:
    """Sightings of what these parts hold only together: told of the first piece's message, with every piece's place.

    `within`: stretches of the message where they are; empty: anywhere.
    """
    out = []
    for one in reassemble(parts, search, scout, within or None):
        first = one.pieces[0]
        made = _sighting(first.flow, first.part, one.hit, probes[one.hit.needle.probe])
        whole = sum(p.raw[1] for p in one.pieces if p.flow is first.flow and p.part is first.part)
        pieces = [
            {
                "flow": p.flow.flow,
                "seq": p.part.seq,
                "path": p.path,
                "raw_offset": p.raw[0],
                "raw_length": p.raw[1],
            }
            for p in one.pieces
        ]
        tier = "reassembled" if made.tier in ("exact", "normalised") else made.tier
        last = one.pieces[-1]
        if last.part is first.part:
            whole = last.raw[0] + last.raw[1] - first.raw[0]
        path = " > ".join((one.path, *one.hit.layer.path[1:])).strip()
        made = replace(made, path=path, tier=tier, pieces=pieces, raw_offset=first.raw[0], raw_length=whole)
        out.append(replace(made, id=sighting_id(made)))
    return out


def sighting_id(s: Sighting) -> str:
    """S- and 12 hex digits over what makes a sighting this one."""
    facts = (
        s.run,
        s.source_ref,
        s.probe,
        s.decoy,
        s.direction,
        s.part,
        s.seq,
        s.path,
        s.chain,
        s.offset,
        s.raw_offset,
        s.tier,
    )
    return "S-" + hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _distinct(found: list[Sighting]) -> list[Sighting]:
    """Each once: long groups of messages overlap, and the same pieces are joined in two of them."""
    return list({s.id: s for s in found}.values())
