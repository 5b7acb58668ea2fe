"""Connections of a packet capture into rows, and what they carried into flows, once all of it is known.

In: a connection and its entries in the spool. Out: its row, its flows and messages, in the sink.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from promptrail.ingest.identity import PACKETS, connection_id, marked
from promptrail.ingest.packets.bursts import bursts, tls_pieces
from promptrail.ingest.packets.datagrams import datagrams
from promptrail.ingest.packets.dns import PORTS, Dns, in_stream
from promptrail.ingest.packets.outcome import outcome_of
from promptrail.ingest.packets.proxied import asked
from promptrail.ingest.packets.quic import quic_flows, quic_outcome
from promptrail.ingest.packets.sent import Piece as Counted
from promptrail.ingest.packets.spool import Entry, Spool
from promptrail.ingest.packets.tcp import Tcp
from promptrail.ingest.packets.udp import Udp
from promptrail.ingest.plaintext.flows import flows_of
from promptrail.ingest.plaintext.pieces import Carrier, Lost, Piece
from promptrail.ingest.rows import ConnectionRow, FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Direction

Built = tuple[FlowRow, list[MessageRow]]
PREFIX = 65_536
"""So much of what a client sent before its TLS began is looked at for a proxy's request."""


class Rows:
    """`keyed`: there are TLS keys of some kind. `simulated`: something carried the lab's mark."""

    def __init__(self, run: str, sink: Sink, keyed: bool) -> None:
        self.run, self.sink, self.keyed = run, sink, keyed
        self.simulated = False
        self.odd_frames = self.odd_certificates = self.odd_dns = 0
        self.holes = self.holed = self.unopened = 0

    def add(self, connection: Tcp | Udp, spool: Spool) -> None:
        if isinstance(connection, Tcp):
            self._tcp(connection, spool)
        else:
            self._udp(connection, spool)

    def remark(self, where: str) -> None:
        """Tell what was met on the way."""
        told = [
            (self.odd_frames, "frames that tshark described in a way that cannot be read"),
            (
                self.odd_certificates,
                "server certificates that cannot be read; names and issuer are missing there",
            ),
            (self.unopened, "TLS records that could not be decrypted, in connections whose keys are there"),
            (self.odd_dns, "messages on a port of DNS that are no DNS messages"),
        ]
        for count, what in told:
            if count:
                self.sink.problem("warning", where, "", f"holds {count} {what}")
        if self.holes:
            connections = "one connection" if self.holed == 1 else f"{self.holed} connections"
            what = f"lacks bytes of {connections}, {self.holes} times in all: packets that were not captured"
            self.sink.problem("warning", where, "", what)

    def _tcp(self, connection: Tcp, spool: Spool) -> None:
        tls, client = connection.tls, connection.asker
        hello = tls.hello if tls else None
        entries = spool.entries(connection.key)
        before = [next(entries) for _ in range(connection.prefix)] if tls else []
        proxied = asked(b"".join(e.data for e in before if e.side == client)[:PREFIX]) if before else None
        if proxied:
            before = []
        server = connection.ends[1 - client]
        sni = hello.sni if hello else None
        opened = tls is None or tls.opened
        carrier = Carrier(
            ref=connection.ref,
            tls=tls is not None and tls.opened,
            host=sni or (proxied[0] if proxied else None),
            port=proxied[1] if proxied else None,
            sni=sni,
            dest_ip=server[0],
            dest_port=server[1],
            alpn=tls.alpn if tls else None,
            cert_names=tls.names if tls else [],
            cert_issuer=tls.issuer if tls else None,
        )
        first = None
        if tls is None and server[1] in PORTS:
            first = self._write(self._dns_over_tcp(connection, entries))
        elif opened or before:
            kept = chain(before, entries) if opened else iter(before)
            pieces = _pieces(kept, client, [side for side in (0, 1) if not connection.over(side)])
            first = self._write(flows_of(carrier, pieces, self.run, self.sink))
        outcome, reason = outcome_of(connection, self.keyed)
        if sum(connection.holes):
            self.holes += sum(connection.holes)
            self.holed += 1
        if tls:
            self.odd_certificates += tls.odd_certificate
            self.unopened += sum(tls.unopened) if tls.opened else 0
            ours, theirs = connection.lengths[client], connection.lengths[1 - client]
            version = "middle" if tls.middle else tls.version
            self._bursts(connection, carrier.host, tls_pieces(ours, theirs, version))
        over = connection.reset is not None or connection.ended
        self._connection(
            connection,
            host=carrier.host or first,
            sni=sni,
            closed=connection.closed if over else None,
            alpn=carrier.alpn,
            tls_version=tls.version if tls else None,
            cipher=tls.cipher if tls else None,
            names=carrier.cert_names,
            issuer=carrier.cert_issuer,
            outcome=outcome,
            reason=reason,
            sent=[side.count for side in connection.sides],
            ja3=hello.ja3() if hello else None,
            ja4=hello.ja4() if hello else None,
        )

    def _dns_over_tcp(self, connection: Tcp, entries: Iterator[Entry]) -> Iterator[Built]:
        kept = list(entries)
        dns = Dns(connection.ref, connection.ends[1 - connection.asker], self.run, self.sink)
        for side in (connection.asker, 1 - connection.asker):
            mine = [e for e in kept if e.side == side and e.missing is None]
            for message in in_stream(b"".join(e.data for e in mine)):
                yield from dns.add(mine[0].at, mine[0].frame, message)
        yield from dns.end()
        self.odd_dns += dns.odd

    def _udp(self, connection: Udp, spool: Spool) -> None:
        client = connection.asker
        server = connection.ends[1 - client]
        hello = connection.hello
        tls = connection.tls
        first, outcome, reason = None, "read", None
        if connection.quic or connection.sealed:
            flows = quic_flows(connection, spool, self.run, self.sink)
            outcome, reason = quic_outcome(connection, self.keyed)
            pieces = connection.sent[client].pieces, connection.sent[1 - client].pieces
            self._bursts(connection, hello.sni if hello else None, pieces)
        elif server[1] in PORTS:
            flows = self._dns_over_udp(connection, spool)
        else:
            flows = datagrams(connection, spool, self.run, self.sink)
            if connection.dtls and not spool.holds(connection.key):
                outcome, reason = "no-keys", "DTLS, which nobody decrypted"
        first = self._write(flows)
        self.odd_certificates += tls.odd_certificate
        self._connection(
            connection,
            host=(hello.sni if hello else None) or first,
            sni=hello.sni if hello else None,
            closed=connection.closed,
            alpn=tls.alpn,
            tls_version=connection.version,
            cipher=tls.cipher,
            names=tls.names,
            issuer=tls.issuer,
            outcome=outcome,
            reason=reason,
            sent=connection.count,
            ja3=hello.ja3() if hello else None,
            ja4=hello.ja4("q") if hello else None,
        )

    def _dns_over_udp(self, connection: Udp, spool: Spool) -> Iterator[Built]:
        dns = Dns(connection.ref, connection.ends[1 - connection.asker], self.run, self.sink)
        for entry in spool.entries(connection.key):
            yield from dns.add(entry.at, entry.frame, entry.data)
        yield from dns.end()
        self.odd_dns += dns.odd

    def _bursts(
        self, connection: Tcp | Udp, host: str | None, pieces: tuple[list[Counted], list[Counted]]
    ) -> None:
        for burst in bursts(self.run, host, connection_id(self.run, connection.ref), *pieces):
            self.sink.add(burst)

    def _write(self, flows: Iterable[Built]) -> str | None:
        """Flows into the sink; the host that the first of them names."""
        host = None
        for flow, messages in flows:
            self.sink.add(flow)
            self.simulated |= flow.simulated
            host = host or flow.host
            for message in messages:
                self.sink.add(message)
        return host

    def _connection(self, connection: Tcp | Udp, sent: list[int], names: list[str], **known: Any) -> None:
        """The row of a connection; its id is the one that its flows name."""
        client = connection.asker
        here, there = connection.ends[client], connection.ends[1 - client]
        issuer = known.pop("issuer")
        simulated = marked([], issuer)
        self.simulated |= simulated
        self.sink.add(
            ConnectionRow(
                connection=connection_id(self.run, connection.ref),
                run=self.run,
                dest_ip=there[0],
                dest_port=there[1],
                opened=connection.opened,
                cert_names=names,
                cert_issuer=issuer,
                bytes_out=sent[client],
                bytes_in=sent[1 - client],
                simulated=simulated,
                transport="udp" if connection.udp else "tcp",
                client_ip=here[0],
                client_port=here[1],
                witnesses=[PACKETS],
                read_by=PACKETS if known["outcome"] == "read" else None,
                **known,
            )
        )


def _pieces(entries: Iterable[Entry], client: int, unended: list[int]) -> Iterator[Piece | Lost]:
    """Entries as pieces of plaintext; a side whose end was not seen ends in a hole of unknown length."""
    at, frame = None, 0
    for entry in entries:
        at, frame = entry.at, entry.frame
        way: Direction = "request" if entry.side == client else "response"
        if entry.missing is None:
            yield Piece(at, way, entry.data, str(frame))
        else:
            missing = None if entry.missing < 0 else entry.missing
            yield Lost(at, way, missing, entry.data.decode(), str(frame))
    if at is not None:
        for side in unended:
            last: Direction = "request" if side == client else "response"
            yield Lost(at, last, None, "the capture does not hold the end of this stream", str(frame))
