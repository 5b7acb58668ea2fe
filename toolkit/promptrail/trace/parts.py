"""The parts of messages from which a walk starts: all of a case, or those in which a scout sees that something may be.

Header values and bodies that come again are looked at once, whoever sent them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from promptrail import frames
from promptrail.case import Case
from promptrail.decode.compressed import undo
from promptrail.decode.layer import Undecodable
from promptrail.decode.parts import Part, body_part, header_parts, url_part
from promptrail.model import EMPTY, Headers
from promptrail.trace.scout import Look, Scout, Unread
from promptrail.trace.streams import Streams

BATCH = 256


class Found(NamedTuple):
    """A part, its flow, and what a scout saw in it (None: nobody looked)."""

    flow: Any
    part: Part
    look: Look | None


def headers_of(rows: Iterable[Any] | None) -> Headers:
    """A header column's value as pairs of bytes."""
    return [(row["name"], row["value"]) for row in rows] if rows is not None else []


def message_part(message: Any, data: bytes) -> Part:
    """Where decoding of one message starts."""
    return body_part(
        data, message.part, message.direction, message.media, message.coding, message.body, int(message.seq)
    )


def parts_of(case: Case, scout: Scout | None = None, streams: Streams | None = None) -> Iterator[Found]:
    """Every part of every message; with a scout only parts that may hold a needle or hold something unreadable.

    `streams` is told of all of them, for what is cut over several messages.
    """
    flows = {row.flow: row for row in frames.rows(case.flows)}
    yield from _heads(flows.values(), scout, streams)
    yield from _bodies(case, flows, scout, streams)


def _heads(flows: Iterable[Any], scout: Scout | None, streams: Streams | None) -> Iterator[Found]:
    quiet: set[bytes] = set()
    for flow in flows:
        if isinstance(flow.url, str):
            raw = flow.url.encode("utf-8", "surrogateescape")
            look = scout.look(raw, joins=True) if scout else None
            for part in url_part(flow.url):
                if streams and "?" in flow.url:
                    streams.add(flow, part)
                if look != QUIET:
                    yield Found(flow, part, look)
        for direction, rows in (("request", flow.request_headers), ("response", flow.response_headers)):
            pairs = headers_of(rows)
            if scout:
                pairs = [pair for pair in pairs if pair[1] not in quiet]
            for pair in pairs:
                look = scout.look(pair[1]) if scout else None
                if look == QUIET:
                    quiet.add(pair[1])
                    continue
                for part in header_parts([pair], "request" if direction == "request" else "response"):
                    yield Found(flow, part, look)


QUIET = Look(0, False, ())


def _bodies(
    case: Case, flows: dict[str, Any], scout: Scout | None, streams: Streams | None
) -> Iterator[Found]:
    carried: dict[str, list[Any]] = {}
    for message in frames.rows(case.messages):
        if isinstance(message.body, str) and message.body != EMPTY:
            carried.setdefault(message.body, []).append(message)
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as bodies:
        for batch in bodies.iter_batches(batch_size=BATCH, columns=["sha256", "data"]):
            for sha256, data in zip(batch["sha256"].to_pylist(), batch["data"].to_pylist(), strict=True):
                looks: dict[Any, Look] = {}
                for message in carried.get(sha256, ()):
                    part = message_part(message, data)
                    if streams:
                        streams.add(flows[message.flow], part)
                    look = None
                    if scout:
                        codings = part.layer.encodings
                        look = looks.get(codings) or looks.setdefault(codings, _look(scout, data, codings))
                        if look == QUIET:
                            continue
                    yield Found(flows[message.flow], part, look)


def _look(scout: Scout, data: bytes, codings: tuple[str, ...]) -> Look:
    """What a scout sees in a body once its content codings are undone."""
    shut: list[Unread] = []
    for name in reversed(codings):
        try:
            plain, whole = undo(name, data)
        except Undecodable as fault:
            shut.append(Unread(fault.reason, fault.detail, len(data)))
            break
        if not whole:
            shut.append(Unread("incomplete", f"the {name} stream ends early", len(data)))
        data = plain
    look = scout.look(data, joins=True)
    return look._replace(unread=(*shut, *look.unread)) if shut else look
