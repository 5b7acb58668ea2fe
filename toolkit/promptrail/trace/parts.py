"""The parts of messages from which a walk starts: all of a case, or those in which a scout sees that something may be.

Header values and bodies that come again are looked at once, whoever sent them.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from promptrail.case import Case
from promptrail.decode.compressed import undone
from promptrail.decode.parts import GRPC, Part, body_part, header_parts, url_part
from promptrail.model import EMPTY
from promptrail.trace.look import NOTHING, WHOLE, Look, Unread
from promptrail.trace.pieces import may_join
from promptrail.trace.rows import FlowRow, MessageRow, Rows
from promptrail.trace.scout import Scout
from promptrail.trace.streams import Streams

SHORT = 1024
"""Bytes of bodies that are looked at together first, some dozens at once: most are messages of a socket."""
AT_ONCE = 64


class Found(NamedTuple):
    """A part, its flow, and what a scout saw in it (None: nobody looked)."""

    flow: FlowRow
    part: Part
    look: Look | None


def message_part(message: Any, data: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> Part:
    """Where decoding of one message starts; `headers`: its own, which gRPC needs."""
    return body_part(
        data,
        message.part,
        message.direction,
        message.media,
        message.coding,
        message.body,
        int(message.seq),
        headers,
    )


def parts_of(
    case: Case, scout: Scout | None = None, streams: Streams | None = None, rows: Rows | None = None
) -> Iterator[Found]:
    """Every part of every message; with a scout only parts that may hold a needle or hold something unreadable.

    `streams` is told of all of them, for what is cut over several messages.
    """
    rows = rows or Rows(case)
    yield from _urls(rows.flows, scout, streams)
    yield from _headers(rows, scout)
    yield from _bodies(case, rows, scout, streams)


def _urls(flows: Sequence[FlowRow], scout: Scout | None, streams: Streams | None) -> Iterator[Found]:
    given = [(flow, flow.url.encode("utf-8", "surrogateescape")) for flow in flows if flow.url is not None]
    quiet = scout.quiet(raw for _, raw in given if b"?" not in raw) if scout else set()
    for flow, raw in given:
        query = b"?" in raw
        if raw in quiet and not query:
            continue
        look = scout.look(raw, joins=True) if scout else None
        part = url_part(flow.url or "")
        if streams and query:
            streams.add(flow, part, raw, bool(look and look.holds & WHOLE), partial(url_part, flow.url or ""))
        if look != NOTHING:
            yield Found(flow, part, look)


def _headers(rows: Rows, scout: Scout | None) -> Iterator[Found]:
    for direction in ("request", "response"):
        values = rows.values(direction)
        quiet = scout.quiet(values.distinct) if scout else set()
        wanted = [n for n, value in enumerate(values.distinct) if value not in quiet]
        for place, name, value in values.lines(wanted):
            look = scout.look(value) if scout else None
            if look == NOTHING:
                continue
            for part in header_parts([(name, value)], direction):
                yield Found(rows.flows[place], part, look)


def _bodies(case: Case, rows: Rows, scout: Scout | None, streams: Streams | None) -> Iterator[Found]:
    carried: dict[str, list[MessageRow]] = {}
    for message in rows.messages:
        if message.body is not None and message.body != EMPTY:
            carried.setdefault(message.body, []).append(message)
    short: list[tuple[bytes, list[MessageRow]]] = []
    for sha256, data in stored(case):
        messages = carried.get(sha256, [])
        if scout and len(data) <= SHORT and not may_join(data) and not any(m.coding for m in messages):
            short.append((data, messages))
            if len(short) < AT_ONCE:
                continue
            yield from _together(short, rows, scout, streams)
            short = []
        else:
            yield from _one_body(data, messages, rows, scout, streams)
    if scout:
        yield from _together(short, rows, scout, streams)


def _together(
    bodies: Sequence[tuple[bytes, list[MessageRow]]], rows: Rows, scout: Scout, streams: Streams | None
) -> Iterator[Found]:
    quiet = scout.quiet((data for data, _ in bodies), arrays=True)
    for data, messages in bodies:
        yield from _one_body(data, messages, rows, scout, streams, NOTHING if data in quiet else None)


def stored(case: Case) -> Iterator[tuple[str, bytes]]:
    """(SHA-256, bytes) of every body, one row group in memory at a time; a body of several rows is put together."""
    held: list[bytes] = []
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as bodies:
        for number in range(bodies.num_row_groups):
            group = bodies.read_row_group(number)
            for sha256, length, at, data in zip(*(c.to_pylist() for c in group.columns), strict=True):
                if len(data) < length:
                    held.append(data)
                    if at + len(data) < length:
                        continue
                    data, held = b"".join(held), []
                yield sha256, data


def _one_body(
    data: bytes,
    messages: Sequence[MessageRow],
    rows: Rows,
    scout: Scout | None,
    streams: Streams | None,
    known: Look | None = None,
) -> Iterator[Found]:
    """The messages that carried one body; `known`: what a scout saw in it, where it has looked."""
    looks: dict[str | None, tuple[bytes, Look]] = {} if known is None else {None: (data, known)}
    for message in messages:
        place = rows.place[message.flow]
        flow = rows.flows[place]

        def part(message: MessageRow = message, place: int = place) -> Part:
            grpc = (message.media or "").startswith(GRPC)
            return message_part(message, data, rows.headers(place, message.direction) if grpc else [])

        if scout is None:
            yield Found(flow, part(), None)
            continue
        coding = message.coding or None
        if coding not in looks:
            looks[coding] = _look(scout, data, coding)
        plain, look = looks[coding]
        if streams:
            streams.add(flow, message, plain, bool(look.holds & WHOLE), part)
        if look != NOTHING:
            yield Found(flow, part(), look)


def _look(scout: Scout, data: bytes, coding: str | None) -> tuple[bytes, Look]:
    """A body with its content codings undone, as far as that goes, and what a scout sees there."""
    if coding is None:
        return data, scout.look(data, joins=True)
    plain, faults = undone(data, body_part(data, "body", "request", None, coding).layer.encodings)
    shut = tuple(Unread(fault.reason, fault.detail, len(data)) for fault in faults)
    look = scout.look(plain, joins=True)
    return plain, look._replace(unread=(*shut, *look.unread)) if shut else look
