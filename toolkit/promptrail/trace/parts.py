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
from promptrail.trace.rows import FlowRow, MessageRow, Rows
from promptrail.trace.scout import NOTHING, Look, Scout, Unread
from promptrail.trace.streams import Streams

GROUP = 64
"""Short texts that are looked at together first."""


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
    plain = [raw for _, raw in given if b"?" not in raw]
    quiet = _quiet(plain, scout) if scout else set()
    for flow, raw in given:
        query = b"?" in raw
        if raw in quiet and not query:
            continue
        look = scout.look(raw, joins=True) if scout else None
        part = url_part(flow.url or "")
        if streams and query:
            streams.add(flow, part.direction, part.part, None, raw, partial(url_part, flow.url or ""))
        if look != NOTHING:
            yield Found(flow, part, look)


def _headers(rows: Rows, scout: Scout | None) -> Iterator[Found]:
    for direction in ("request", "response"):
        values = rows.values(direction)
        quiet = _quiet(values.distinct, scout) if scout else set()
        wanted = [n for n, value in enumerate(values.distinct) if value not in quiet]
        for place, name, value in values.lines(wanted):
            look = scout.look(value) if scout else None
            if look == NOTHING:
                continue
            for part in header_parts([(name, value)], direction):
                yield Found(rows.flows[place], part, look)


def _quiet(texts: Sequence[bytes], scout: Scout) -> set[bytes]:
    """Of some short texts, those in which nothing is, as far as looking at many of them together shows."""
    distinct = [text for text in dict.fromkeys(texts) if text.isascii()]
    quiet: set[bytes] = set()
    for start in range(0, len(distinct), GROUP):
        group = distinct[start : start + GROUP]
        if scout.look(b"\n".join(group)) == NOTHING:
            quiet.update(group)
    return quiet


def _bodies(case: Case, rows: Rows, scout: Scout | None, streams: Streams | None) -> Iterator[Found]:
    carried: dict[str, list[MessageRow]] = {}
    for message in rows.messages:
        if message.body is not None and message.body != EMPTY:
            carried.setdefault(message.body, []).append(message)
    for sha256, data in stored(case):
        yield from _one_body(data, carried.get(sha256, ()), rows, scout, streams)


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
    data: bytes, messages: Sequence[MessageRow], rows: Rows, scout: Scout | None, streams: Streams | None
) -> Iterator[Found]:
    looks: dict[str | None, tuple[bytes, Look]] = {}
    for message in messages:
        place = rows.place[message.flow]
        flow = rows.flows[place]

        def part(message: MessageRow = message, place: int = place) -> Part:
            grpc = (message.media or "").startswith(GRPC)
            return message_part(message, data, rows.headers(place, message.direction) if grpc else [])

        if scout is None:
            yield Found(flow, part(), None)
            continue
        if message.coding not in looks:
            looks[message.coding] = _look(scout, data, message.coding)
        plain, look = looks[message.coding]
        if streams:
            streams.add(flow, message.direction, message.part, message.seq, plain, part)
        if look != NOTHING:
            yield Found(flow, part(), look)


def _look(scout: Scout, data: bytes, coding: str | None) -> tuple[bytes, Look]:
    """A body with its content codings undone, as far as that goes, and what a scout sees there."""
    plain, faults = undone(data, body_part(data, "body", "request", None, coding).layer.encodings)
    shut = tuple(Unread(fault.reason, fault.detail, len(data)) for fault in faults)
    look = scout.look(plain, joins=True)
    return plain, look._replace(unread=(*shut, *look.unread)) if shut else look
