"""The datagrams of a UDP conversation that is neither DNS nor QUIC, as messages of a flow of the kind udp.

In: a conversation and its datagrams in the spool. Out: one flow, none where nothing was kept.
"""

from collections.abc import Iterator

from promptrail.ingest.identity import connection_id, flow_id
from promptrail.ingest.packets.spool import Spool
from promptrail.ingest.packets.udp import Udp
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Direction


def datagrams(
    connection: Udp, spool: Spool, run: str, sink: Sink
) -> Iterator[tuple[FlowRow, list[MessageRow]]]:
    """At most one flow."""
    ref = f"{connection.ref} frame {connection.frame}"
    flow, rows, last = flow_id(run, ref), [], None
    for seq, entry in enumerate(spool.entries(connection.key)):
        way: Direction = "request" if entry.side == connection.asker else "response"
        body, last = sink.body(entry.data), entry.at
        rows.append(MessageRow(flow, run, seq, way, "raw", body, len(entry.data), entry.at, True))
    if rows:
        server = connection.ends[1 - connection.asker]
        yield (
            FlowRow(
                flow=flow,
                run=run,
                source_ref=ref,
                kind="udp",
                host=server[0],
                port=server[1],
                started=connection.opened,
                ended=last,
                dest_ip=server[0],
                dest_port=server[1],
                connection=connection_id(run, connection.ref),
            ),
            rows,
        )
