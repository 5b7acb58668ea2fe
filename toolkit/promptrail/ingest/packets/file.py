"""Packets and TLS secrets out of a pcap or pcapng file, walked block by block, so that damage costs only itself.

In: the bytes of the file; both byte orders, micro- and nanoseconds, files put one behind the other. Out: packets,
secrets, remarks of the recorder, and a gap for every place that is no packet, by its byte offset. Refuses nothing.
"""

from collections.abc import Iterator

from promptrail.ingest.packets.blocks import blocks
from promptrail.ingest.packets.found import HEADS, Data, Found, Gap, begins, next_begin
from promptrail.ingest.packets.records import records


def walk(data: Data) -> Iterator[Found]:
    """Everything in the file, in its order."""
    at = 0
    while at < len(data):
        if not begins(data, at):
            end = next_begin(data, at + 1)
            yield Gap(at, end, "bytes that are neither pcap nor pcapng")
            at = end
        elif bytes(data[at : at + 4]) in HEADS:
            at = yield from records(data, at)
        else:
            at = yield from blocks(data, at)
