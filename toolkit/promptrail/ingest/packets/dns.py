"""DNS messages in their wire form (RFC 1035, 4) into flows: a question and its answer, as for a flow file's DNS.

In: the messages of a connection, and who sent them. Out: rows of the kind dns. A message that is none is counted; names
may point anywhere (RFC 1035, 4.1.4), so a pointer must point backwards. mDNS (RFC 6762) answers without a question.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from promptrail.ingest.dns_text import lines
from promptrail.ingest.identity import connection_id, flow_id
from promptrail.ingest.packets.frames import Address
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.ingest.tnetstring import Damage

PORTS = {53, 5353, 5355}
"""DNS, mDNS, LLMNR (RFC 4795)."""
NAMED = {2, 5, 12}
"""Types whose data is a name: NS, CNAME, PTR."""
MOST = 64
"""So many questions or answers of a message are read."""


class Asked(NamedTuple):
    at: float
    frame: int
    message: dict[str, Any]


class Dns:
    """The DNS of one connection. `odd` counts what is no DNS message."""

    def __init__(self, ref: str, server: Address, run: str, sink: Sink) -> None:
        self.ref, self.server, self.run, self.sink = ref, server, run, sink
        self.odd = 0
        self.first: str | None = None
        """The first name that was asked for."""
        self._open: dict[int, list[Asked]] = {}

    def add(self, at: float, frame: int, data: bytes) -> Iterator[tuple[FlowRow, list[MessageRow]]]:
        """A message; the flows that it ends."""
        try:
            message = parse(data)
        except (ValueError, IndexError, struct.error):
            self.odd += 1
            return
        if not message["response"]:
            self._open.setdefault(message["id"], []).append(Asked(at, frame, message))
            return
        known = self._open.get(message["id"], [])
        asked = next((one for one in known if one.message["questions"] == message["questions"]), None)
        if asked:
            known.remove(asked)
        yield from self._flow(asked or Asked(at, frame, message), Asked(at, frame, message))

    def end(self) -> Iterator[tuple[FlowRow, list[MessageRow]]]:
        """What nobody answered."""
        left = [one for known in self._open.values() for one in known]
        for asked in sorted(left, key=lambda one: one.frame):
            yield from self._flow(asked, None)

    def _flow(self, asked: Asked, answered: Asked | None) -> Iterator[tuple[FlowRow, list[MessageRow]]]:
        try:
            question, answers = lines(asked.message, answered.message if answered else None)
        except Damage:
            self.odd += 1
            return
        if question is None and answered and answered.message["answers"]:
            question = answered.message["answers"][0]["name"]
        self.first = self.first or question
        ref = f"{self.ref} frame {asked.frame}"
        flow = FlowRow(
            flow=flow_id(self.run, ref),
            run=self.run,
            source_ref=ref,
            kind="dns",
            host=question,
            started=asked.at,
            ended=answered.at if answered else None,
            dest_ip=self.server[0],
            dest_port=self.server[1],
            connection=connection_id(self.run, self.ref),
        )
        said = "\n".join([f"? {question}", *answers]).encode("utf-8", "surrogatepass")
        body = self.sink.body(said)
        yield flow, [MessageRow(flow.flow, self.run, 0, "request", "dns", body, len(said), asked.at)]


def parse(data: bytes) -> dict[str, Any]:
    """Questions and answers, in the form that flow files have them. ValueError where this is no DNS message."""
    number, flags, asked, answered = struct.unpack_from("!HHHH", data)
    if flags & 0x7800 not in (0, 0x2000, 0x2800) or asked > MOST or answered > MOST or not asked + answered:
        raise ValueError("no query")
    at, questions, answers = 12, [], []
    for _ in range(asked):
        name, at = _name(data, at)
        kind, group = struct.unpack_from("!HH", data, at)
        questions.append({"name": name, "type": kind, "class": group})
        at += 4
    for _ in range(answered):
        name, at = _name(data, at)
        kind, group, ttl, size = struct.unpack_from("!HHIH", data, at)
        at += 10
        content = data[at : at + size]
        if len(content) < size:
            raise ValueError("an answer is cut short")
        if kind in NAMED:
            content = _wire(data, at)
        answers.append({"name": name, "type": kind, "class": group, "ttl": ttl, "data": content})
        at += size
    return {"id": number, "response": bool(flags & 0x8000), "questions": questions, "answers": answers}


def _labels(data: bytes, at: int) -> tuple[list[bytes], int]:
    """The labels of a name, and the offset behind it."""
    labels: list[bytes] = []
    end, limit, total = None, at, 0
    while size := data[at]:
        if size & 0xC0 == 0xC0:
            target = struct.unpack_from("!H", data, at)[0] & 0x3FFF
            end = at + 2 if end is None else end
            if target >= limit:
                raise ValueError("a pointer that does not point back")
            at = limit = target
            continue
        total += size + 1
        label = data[at + 1 : at + 1 + size]
        if size > 63 or len(label) < size or total > 255:
            raise ValueError("no name")
        labels.append(label)
        at += 1 + size
    return labels, at + 1 if end is None else end


def _name(data: bytes, at: int) -> tuple[str, int]:
    labels, end = _labels(data, at)
    try:
        return ".".join(label.decode("idna") for label in labels), end
    except UnicodeError:
        return ".".join(label.decode("utf-8", "surrogateescape") for label in labels), end


def _wire(data: bytes, at: int) -> bytes:
    """A name in data, without pointers."""
    labels, _ = _labels(data, at)
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def in_stream(data: bytes) -> Iterator[bytes]:
    """The messages of one direction of DNS over TCP, each behind its length (RFC 1035, 4.2.2)."""
    at = 0
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2])
        yield data[at + 2 : at + 2 + size]
        at += 2 + size
