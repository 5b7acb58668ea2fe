"""The frames of a case in, `sightings`, `undecoded` and `probes` out.

Bodies are taken batch by batch, each distinct one is read once for every message that carried it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from promptrail import frames
from promptrail.case import Case
from promptrail.decode.parts import Part, body_part, header_parts, url_part
from promptrail.model import EMPTY, Headers, Probe, Sighting
from promptrail.trace.decoys import decoys
from promptrail.trace.needles import needles
from promptrail.trace.search import Search
from promptrail.trace.walk import Hit, Walk

VERSION = 1
"""Raised when the same capture would give other sightings."""


class Traced(NamedTuple):
    sightings: pa.Table
    undecoded: pa.Table
    probes: pa.Table


def trace(case: Case) -> Traced:
    """Look for every probe and decoy of the case in everything that its captures hold."""
    given = case.declared_probes
    probes = [*given, *decoys(given)]
    search = Search(needles(probes))
    flows = {row.flow: row for row in frames.rows(case.flows)}
    order = {flow: n for n, flow in enumerate(flows)}
    found: list[Sighting] = []
    undecoded: list[dict[str, Any]] = []
    for flow, part in parts_of(case, flows):
        walk = Walk(search)
        for hit in walk.part(part):
            found.append(_sighting(flow, part, hit, probes[hit.needle.probe]))
        undecoded += [
            {
                "flow": flow.flow,
                "run": flow.run,
                "host": flow.host,
                "direction": part.direction,
                "part": part.part,
                "seq": part.seq,
                "reason": u.reason,
                "detail": u.detail,
                "length": u.length,
            }
            for u in walk.unread
        ]
    undecoded += _not_held(case, flows)
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
        key=lambda u: (order[u["flow"]], rank[u["direction"]], u["seq"] or 0, u["part"], u["detail"])
    )
    return Traced(
        frames.to_arrow("sightings", _distinct(found)),
        frames.to_arrow("undecoded", undecoded),
        frames.to_arrow("probes", probes),
    )


def headers_of(rows: Iterable[Any]) -> Headers:
    """A header column's value as pairs of bytes."""
    return [(row["name"], row["value"]) for row in rows] if rows is not None else []


def parts_of(case: Case, flows: dict[str, Any] | None = None) -> Iterator[tuple[Any, Part]]:
    """Every part of every message of the case, with its flow."""
    if flows is None:
        flows = {row.flow: row for row in frames.rows(case.flows)}
    for flow in flows.values():
        if isinstance(flow.url, str):
            for part in url_part(flow.url):
                yield flow, part
        for part in header_parts(headers_of(flow.request_headers), "request"):
            yield flow, part
        for part in header_parts(headers_of(flow.response_headers), "response"):
            yield flow, part
    carried: dict[str, list[Any]] = {}
    for message in frames.rows(case.messages):
        if isinstance(message.body, str) and message.body != EMPTY:
            carried.setdefault(message.body, []).append(message)
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as bodies:
        for batch in bodies.iter_batches(batch_size=256, columns=["sha256", "data"]):
            for sha256, data in zip(batch["sha256"].to_pylist(), batch["data"].to_pylist(), strict=True):
                for message in carried.get(sha256, ()):
                    yield flows[message.flow], message_part(flows[message.flow], message, data)


def message_part(flow: Any, message: Any, data: bytes) -> Part:
    """Where decoding of one message starts."""
    headers = headers_of(flow.request_headers if message.direction == "request" else flow.response_headers)
    return body_part(
        data,
        message.part,
        message.direction,
        headers,
        bool(flow.bodies_decoded),
        message.body,
        int(message.seq),
    )


def _not_held(case: Case, flows: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Messages that the capture does not hold, or not to their end."""
    for message in frames.rows(case.messages):
        missing = not isinstance(message.body, str)
        if missing or not message.complete:
            flow = flows[message.flow]
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


def _sighting(flow: Any, part: Part, hit: Hit, probe: Probe) -> Sighting:
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
        host=_text(flow.host),
        method=_text(flow.method),
        url=_text(flow.url),
        direction=part.direction,
        part=part.part,
        path=" > ".join(hit.layer.path),
        chain=[*hit.layer.chain, *hit.needle.steps],
        offset=hit.span[0],
        length=hit.span[1],
        raw_offset=hit.here[0],
        raw_length=hit.here[1],
        tier=hit.needle.tier,
        at=None if pd.isna(moment) else float(moment),
        body=part.body,
        seq=part.seq,
        simulated=bool(flow.simulated),
    )
    return replace(made, id=sighting_id(made))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


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
    return list({s.id: s for s in found}.values())
