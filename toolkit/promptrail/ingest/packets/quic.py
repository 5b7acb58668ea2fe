"""What a QUIC connection of a packet capture carried, where tshark decrypted it, and what became of it.

In: the connection and its streams in the spool. Out: flows of HTTP/3, one of raw bytes a stream for other protocols,
none for what stayed encrypted, and the outcome with its reason.
"""

from collections.abc import Iterator

from promptrail.ingest.identity import connection_id, flow_id, marked
from promptrail.ingest.packets import tshark
from promptrail.ingest.packets.http3 import Half, Http3
from promptrail.ingest.packets.outcome import ECH, FRONTS
from promptrail.ingest.packets.spool import Entry, Spool
from promptrail.ingest.packets.udp import Udp
from promptrail.ingest.plaintext.exchange import Book, Built
from promptrail.ingest.plaintext.pieces import Carrier
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Direction


def quic_flows(connection: Udp, spool: Spool, run: str, sink: Sink) -> Iterator[Built]:
    """The flows of a connection that tshark decrypted."""
    if not connection.streams:
        return
    client = connection.asker
    server = connection.ends[1 - client]
    tls = connection.tls
    sni = connection.hello.sni if connection.hello else None
    carrier = Carrier(
        connection.ref,
        True,
        sni,
        None,
        sni,
        *server,
        alpn=tls.alpn,
        cert_names=tls.names,
        cert_issuer=tls.issuer,
    )
    if (tls.alpn or "h3").startswith("h3"):

        def half(stream: int, side: int) -> Half:
            mine = (one for one in spool.entries((connection.key, stream)) if one.side == side)
            return Half(mine, (stream, side) in connection.finished)

        yield from Http3(Book(carrier, run, sink), client, half).read(connection.streams)
    else:
        for stream in connection.streams:
            entries = list(spool.entries((connection.key, stream)))
            yield _raw(carrier, run, sink, stream, entries, client)


def _raw(carrier: Carrier, run: str, sink: Sink, stream: int, entries: list[Entry], client: int) -> Built:
    """A stream of a protocol that is not HTTP/3."""
    ref = f"{carrier.ref} frame {entries[0].frame} stream {stream}"
    flow = FlowRow(
        flow=flow_id(run, ref),
        run=run,
        source_ref=ref,
        kind="udp",
        host=carrier.sni or carrier.dest_ip,
        port=carrier.dest_port,
        started=entries[0].at,
        ended=entries[-1].at,
        sni=carrier.sni,
        dest_ip=carrier.dest_ip,
        dest_port=carrier.dest_port,
        cert_names=carrier.cert_names,
        cert_issuer=carrier.cert_issuer,
        connection=connection_id(run, carrier.ref),
        simulated=marked([], carrier.cert_issuer),
    )
    rows = []
    for seq, entry in enumerate(entries):
        way: Direction = "request" if entry.side == client else "response"
        if entry.missing is None:
            body = sink.body(entry.data)
            rows.append(MessageRow(flow.flow, run, seq, way, "raw", body, len(entry.data), entry.at, True))
        else:
            rows.append(MessageRow(flow.flow, run, seq, way, "raw", None, entry.missing, entry.at, False))
    return flow, rows


def quic_outcome(connection: Udp, keyed: bool) -> tuple[str, str | None]:
    """`read` only where tshark decrypted it."""
    hello = connection.hello
    if connection.streams:
        left = connection.unopened
        return "read", f"{left} of its packets could not be decrypted" if left else None
    if not connection.count[1 - connection.asker]:
        return "not-reached", "the client asked for QUIC and the capture holds no answer"
    if connection.sealed:
        return "quic", "it looks like QUIC, and the capture does not hold its beginning"
    if hello and hello.sni in FRONTS:
        return (
            "ech",
            f"encrypted client hello: {hello.sni} is the name of a front, the host behind it is encrypted",
        )
    ech = ECH if hello and hello.ech else ""
    if keyed:
        version = tshark.version(tshark.program())
        return "quic", f"QUIC: the key log holds no keys for it, or none that tshark {version} can use{ech}"
    return "quic", f"QUIC, and there is no key log{ech}"
