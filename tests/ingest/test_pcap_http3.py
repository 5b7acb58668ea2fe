"""HTTP/3 streams into flows: what a hole, a cut or a damaged header block costs, and what it does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pylsqpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.http3 import Half, Http3
from promptrail.ingest.packets.spool import Entry
from promptrail.ingest.plaintext.exchange import Book, Built
from promptrail.ingest.plaintext.pieces import Carrier
from promptrail.ingest.sink import Sink

ASKED = [
    (b":method", b"POST"),
    (b":scheme", b"https"),
    (b":authority", b"chat.parley.test"),
    (b":path", b"/v1"),
]
ANSWERED = [(b":status", b"200"), (b"content-type", b"application/json")]
CAPACITY = 4096
CONTROL_BY_SERVER, ENCODER_BY_CLIENT = 3, 2
Sent = dict[tuple[int, int], bytes]


def varint(number: int) -> bytes:
    return bytes([number]) if number < 64 else (0x4000 | number).to_bytes(2)


def frame(kind: int, payload: bytes) -> bytes:
    return varint(kind) + varint(len(payload)) + payload


def conversation(dynamic: bool = False) -> Sent:
    """Bytes of each stream and side (0: client): two requests, the second with names that the first entered."""
    client, server, entered = pylsqpack.Encoder(), pylsqpack.Encoder(), b""
    streams: Sent = {}
    if dynamic:
        entered = client.apply_settings(CAPACITY, 16)
        streams[CONTROL_BY_SERVER, 1] = varint(0) + frame(4, varint(1) + varint(CAPACITY))
    for stream in (0, 4):
        said, block = client.encode(stream, [*ASKED, (b"x-device", b"kestrel-4417")])
        entered += said
        streams[stream, 0] = frame(1, block) + frame(0x21, b"grease") + frame(0, b"one ") + frame(0, b"two")
        early = frame(1, server.encode(stream, [(b":status", b"103")])[1])
        head = frame(1, server.encode(stream, ANSWERED)[1])
        streams[stream, 1] = (
            early + head + frame(0, b"yes") + frame(1, server.encode(stream, [(b"x-t", b"1")])[1])
        )
    if dynamic:
        streams[ENCODER_BY_CLIENT, 0] = varint(2) + entered
    return streams


def flows(
    folder: Path, streams: Sent, change: Callable[[list[Entry]], list[Entry]] = list, ended: bool = True
) -> list[Built]:
    """Each stream in pieces of 5 bytes, changed, through the reader."""

    def half(stream: int, side: int) -> Half:
        data = streams.get((stream, side), b"")
        entries = [Entry(float(n), n + 1, side, data[n : n + 5]) for n in range(0, len(data), 5)]
        return Half(change(entries) if stream == 0 else entries, ended)

    book = Book(Carrier("udp 7", True, "chat.parley.test"), "run", Sink(folder))
    return list(Http3(book, 0, half).read({stream for stream, _ in streams}))


@pytest.mark.parametrize("dynamic", [False, True])
def test_requests_and_answers_are_read(tmp_path: Path, dynamic: bool) -> None:
    """Headers, bodies over several frames, trailers; interim answers and unknown frames are passed over."""
    built = flows(tmp_path, conversation(dynamic))
    assert [flow.source_ref for flow, _ in built] == ["udp 7 frame 1 stream 0", "udp 7 frame 1 stream 4"]
    for flow, messages in built:
        assert (flow.method, flow.url, flow.status) == ("POST", "https://chat.parley.test/v1", 200)
        assert flow.request_headers == [(b"x-device", b"kestrel-4417")]
        assert (flow.request_length, flow.response_length, flow.error) == (7, 3, None)
        assert [m.part for m in messages] == ["body", "body", "trailer"] and flow.response_complete


def cut(entries: list[Entry]) -> list[Entry]:
    return entries[:-3]


def hole(entries: list[Entry]) -> list[Entry]:
    return [*entries[:-2], entries[-2]._replace(data=b"5 bytes are missing", missing=5), entries[-1]]


@pytest.mark.parametrize("change", [cut, hole])
def test_a_stream_is_read_up_to_what_is_missing(tmp_path: Path, change: Any) -> None:
    """Its flow says so; the other stream is whole."""
    (broken, _), (whole, _) = flows(tmp_path, conversation(), change)
    assert broken.url == whole.url and "the request is not whole" in str(broken.error)
    assert not broken.response_complete
    assert whole.error is None and whole.response_complete


def test_a_stream_whose_end_was_not_seen_is_not_whole(tmp_path: Path) -> None:
    """The connection broke off, or the capture."""
    assert all("not whole" in str(flow.error) for flow, _ in flows(tmp_path, conversation(), ended=False))


def test_headers_whose_entries_were_not_captured_are_not_guessed(tmp_path: Path) -> None:
    """The encoder's stream is missing: bodies stay, and the flow says why it has no URL."""
    streams = conversation(dynamic=True)
    del streams[ENCODER_BY_CLIENT, 0]
    flow, messages = flows(tmp_path, streams)[-1]
    assert "table entr" in str(flow.error) and flow.request_headers == [] and flow.method is None
    assert (flow.status, flow.request_length, messages[0].part) == (200, 7, "body")


def test_an_answer_whose_request_was_not_captured_is_told(tmp_path: Path) -> None:
    """With its body."""
    streams = {place: data for place, data in conversation().items() if place[1] == 1}
    for flow, _ in flows(tmp_path, streams):
        assert flow.error == "the request was not seen" and (flow.status, flow.response_length) == (200, 3)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6), st.booleans())
def test_no_damage_is_an_exception(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], dynamic: bool
) -> None:
    """Any bytes of any stream: every request stream is still one flow."""
    streams = conversation(dynamic)
    for n, (place, byte) in enumerate(changes):
        key = sorted(streams)[n % len(streams)]
        data = bytearray(streams[key])
        data[place % len(data)] = byte
        streams[key] = bytes(data)
    assert len(flows(tmp_path_factory.getbasetemp(), streams)) == 2
