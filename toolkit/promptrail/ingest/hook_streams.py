"""The streams of a hook log into connections and flows: what SSL_write and SSL_read saw, put back in order.

In: `stream`, `plaintext` and `streamend` records of one agent or several. Out: rows in the sink. Offsets tell what is
missing between two records of a direction; a stream that the recording outlived not is told as broken off there.
"""

from dataclasses import dataclass, field
from typing import Any

from promptrail.ingest.hook_record import Record
from promptrail.ingest.identity import HOOK, connection_id
from promptrail.ingest.plaintext.flows import Stream
from promptrail.ingest.plaintext.pieces import Carrier, Lost, Piece
from promptrail.ingest.rows import ConnectionRow, FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Direction

LATE = "the recording ended before the connection did"


@dataclass
class Known:
    """A stream that is being read. `client`, `server`: addresses, as far as a socket told them."""

    ref: str
    stream: Stream
    opened: float
    alpn: str | None
    tls_version: str | None
    client: tuple[str | None, int | None]
    server: tuple[str | None, int | None]
    offsets: dict[Direction, int] = field(default_factory=lambda: {"request": 0, "response": 0})
    simulated: bool = False


class Streams:
    """`simulated`: whether a flow so far carries the lab's mark. `strange`: records that fit no stream."""

    def __init__(self, run: str, sink: Sink) -> None:
        self.run, self.sink = run, sink
        self.simulated = False
        self.strange = 0
        self._open: dict[tuple[str, str], Known] = {}

    def connection(self, record: Record) -> str | None:
        """The id of the connection that a record is about."""
        if "stream" not in record:
            return None
        return connection_id(self.run, ref_of(record))

    def begin(self, record: Record) -> None:
        self._known(record)

    def piece(self, record: Record) -> None:
        """Bytes of one direction; a gap before them becomes a hole of its size."""
        direction, data, offset = record.get("direction"), record.get("data"), record.get("offset")
        if direction not in ("request", "response") or not isinstance(data, bytes):
            self.strange += 1
            return
        way: Direction = "request" if direction == "request" else "response"
        known, at, ref = self._known(record), float(record["t"]), str(record.get("seq"))
        if isinstance(offset, int) and offset != known.offsets[way]:
            missing = offset - known.offsets[way]
            what = "records are missing" if missing > 0 else "records are out of their order"
            self._add(known, Lost(at, way, missing if missing > 0 else None, what, ref))
            known.offsets[way] = offset
        known.offsets[way] += len(data)
        self._add(known, Piece(at, way, data, ref))

    def end(self, record: Record) -> None:
        """The target let go of the stream. `eof` false: it had not read to its end."""
        known = self._open.pop((str(record["agent"]), str(record.get("stream"))), None)
        if known is None:
            self.strange += 1
            return
        at = float(record["t"])
        if record.get("eof") is False:
            self._add(
                known, Lost(at, "response", None, "the app did not read to the end", str(record.get("seq")))
            )
        self._close(known, at)

    def close(self) -> None:
        """End of the log: what is still open was cut off by the recording."""
        for known in self._open.values():
            for way in known.offsets:
                self._add(known, Lost(None, way, None, LATE, "end"))
            self._close(known, None)
        self._open.clear()

    def _known(self, record: Record) -> Known:
        """The stream of a record; one whose own record is missing is known by its name alone."""
        key = (str(record["agent"]), str(record.get("stream")))
        if key not in self._open:
            self._open[key] = self._made(record)
        return self._open[key]

    def _made(self, record: Record) -> Known:
        local, peer = address(record.get("local")), address(record.get("peer"))
        client, server = (peer, local) if record.get("server") is True else (local, peer)
        carrier = Carrier(
            ref_of(record),
            True,
            host=word(record, "sni"),
            sni=word(record, "sni"),
            dest_ip=server[0],
            dest_port=server[1],
            alpn=word(record, "alpn"),
            unit="record",
        )
        return Known(
            carrier.ref,
            Stream(carrier, self.run, self.sink),
            float(record["t"]),
            carrier.alpn,
            word(record, "tls_version"),
            client,
            server,
        )

    def _add(self, known: Known, item: Piece | Lost) -> None:
        self._rows(known, known.stream.feed(item))

    def _rows(self, known: Known, built: list[tuple[FlowRow, list[MessageRow]]]) -> None:
        for flow, messages in built:
            self.sink.add(flow)
            for message in messages:
                self.sink.add(message)
            known.simulated |= flow.simulated
            self.simulated |= flow.simulated

    def _close(self, known: Known, at: float | None) -> None:
        self._rows(known, known.stream.end())
        carrier = known.stream.carrier
        self.sink.add(
            ConnectionRow(
                connection=connection_id(self.run, known.ref),
                run=self.run,
                host=carrier.sni or carrier.dest_ip,
                sni=carrier.sni,
                dest_ip=carrier.dest_ip,
                dest_port=carrier.dest_port,
                opened=known.opened,
                closed=at,
                alpn=known.alpn,
                tls_version=known.tls_version,
                outcome="read",
                simulated=known.simulated,
                transport="tcp",
                client_ip=known.client[0],
                client_port=known.client[1],
                witnesses=[HOOK],
                read_by=HOOK,
            )
        )


def ref_of(record: Record) -> str:
    """The stream's name in the log."""
    return f"{record['agent']} stream {record.get('stream')}"


def word(record: Record, name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def address(value: Any) -> tuple[str | None, int | None]:
    """An address as [ip, port]."""
    if isinstance(value, list) and len(value) == 2:
        ip, port = value
        if isinstance(ip, str) and isinstance(port, int) and 0 <= port < 65536:
            return ip, port
    return None, None
