"""HTTP/2 out of plaintext streams, made by the library h2; header tables that were not seen; frames that were lost."""

import hpack
import pytest
import wsproto
from h2.config import H2Configuration
from h2.connection import H2Connection
from hypothesis import given
from hypothesis import strategies as st
from wsproto.events import TextMessage

from ingest.talks import CARRIER, DAMAGES, Damage, Talk, cut, damaged, told
from promptrail.ingest.plaintext.header_table import BlockFault, Headers
from promptrail.ingest.plaintext.pieces import Carrier, Lost

URL = "https://chat.parley.test"
ASKED = [(":method", "POST"), (":scheme", "https"), (":authority", "chat.parley.test"), (":path", "/chat")]
OTHER = Carrier("tcp 3", True, host="chat.parley.test")


class Peers(Talk):
    """A client and a server of h2 that talk to each other; each `pass_on` is a piece each way."""

    def __init__(self) -> None:
        super().__init__()
        self.client = H2Connection(H2Configuration(client_side=True, header_encoding=False))
        self.server = H2Connection(H2Configuration(client_side=False, header_encoding=False))
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.pass_on()
        self.pass_on()

    def pass_on(self) -> "Peers":
        if sent := self.client.data_to_send():
            self.asks(sent)
            self.server.receive_data(sent)
        if said := self.server.data_to_send():
            self.answers(said)
            self.client.receive_data(said)
        return self

    def ask(self, stream: int, body: bytes = b"", more: list[tuple[str, str]] | None = None) -> "Peers":
        self.client.send_headers(stream, ASKED + (more or []), end_stream=not body)
        if body:
            self.client.send_data(stream, body, end_stream=True)
        return self.pass_on()

    def answer(self, stream: int, body: bytes, trailers: list[tuple[str, str]] | None = None) -> "Peers":
        self.server.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
        self.server.send_data(stream, body, end_stream=not trailers)
        if trailers:
            self.server.send_headers(stream, trailers, end_stream=True)
        return self.pass_on()


def exchange(number: int = 2) -> Peers:
    talk = Peers()
    for n in range(number):
        talk.ask(2 * n + 1, b"hello", [("cookie", "a=1"), ("cookie", "b=2")]).answer(2 * n + 1, b'{"a": 1}')
    return talk


LINE = ("POST", URL + "/chat", b"hello", 200, b'{"a": 1}')


def test_streams_become_flows() -> None:
    """One a stream: headers without the pseudo headers, as sent; source_ref with the stream."""
    first, second = told(exchange().items)
    assert first.line == second.line == LINE
    assert first.flow["request_headers"] == [(b"cookie", b"a=1"), (b"cookie", b"b=2")]
    assert first.flow["http_version"] == "HTTP/2.0" and first.flow["error"] is None
    assert first.flow["source_ref"].endswith(" stream 1") and second.flow["source_ref"].endswith(" stream 3")
    times = [first.flow[n] for n in ("started", "request_ended", "response_started", "ended")]
    assert times == sorted(times) and None not in times


def test_interleaved_streams_padding_and_trailers() -> None:
    """Streams do not wait for each other; padding is no content; trailers stand behind the bodies."""
    talk = Peers().ask(1).ask(3, b"second")
    talk.server.send_headers(3, [(":status", "200")])
    talk.server.send_headers(1, [(":status", "103"), ("link", "</x>")])
    talk.server.send_headers(1, [(":status", "200")])
    talk.server.send_data(3, b"one ", pad_length=7)
    talk.server.send_data(1, b"first", end_stream=True)
    talk.server.send_data(3, b"two")
    talk.server.send_headers(3, [("x-sum", "9")], end_stream=True)
    first, second = told(talk.pass_on().items)
    assert (first.line[4], second.line[2], second.line[4]) == (b"first", b"second", b"one two")
    assert second.messages[-1][:3] == ("response", "trailer", b"x-sum: 9\r\n")
    assert first.flow["status"] == 200


def test_headers_in_several_frames() -> None:
    """CONTINUATION belongs to its HEADERS."""
    long = [(f"x-{n}", "v" * 900) for n in range(40)]
    (one,) = told(Peers().ask(1, b"b", long).answer(1, b"ok").items)
    assert len(one.flow["request_headers"]) == 40 and one.line[4] == b"ok"


def test_a_reset_stream_keeps_what_came() -> None:
    """The flow says who reset it and why; the body as far as it came."""
    talk = Peers().ask(1)
    talk.server.send_headers(1, [(":status", "200")])
    talk.server.send_data(1, b"half")
    talk.server.reset_stream(1, 8)
    (one,) = told(talk.pass_on().items)
    assert one.line[3:] == (200, b"half") and not one.flow["response_complete"]
    assert "reset by the server (CANCEL)" in one.flow["error"]


def test_a_websocket_on_a_stream() -> None:
    """RFC 8441: asked with CONNECT and :protocol; its messages are read, other streams beside it too."""
    talk = Peers()
    opened = [(":method", "CONNECT"), (":protocol", "websocket"), *ASKED[1:3], (":path", "/ws")]
    talk.client.send_headers(1, opened)
    talk.pass_on()
    talk.server.send_headers(1, [(":status", "200")])
    talk.pass_on().ask(3, b"hello").answer(3, b'{"a": 1}')
    talk.client.send_data(1, wsproto.Connection(wsproto.ConnectionType.CLIENT).send(TextMessage("draft")))
    talk.server.send_data(1, wsproto.Connection(wsproto.ConnectionType.SERVER).send(TextMessage("reply")))
    other, socket = told(talk.pass_on().items)
    assert other.line == LINE
    assert (socket.flow["kind"], socket.flow["url"], socket.flow["status"]) == ("websocket", URL + "/ws", 200)
    assert socket.messages == [
        ("request", "ws", b"draft", True, True),
        ("response", "ws", b"reply", True, True),
    ]
    assert socket.flow["error"] is None and socket.flow["response_complete"]


def test_a_pushed_answer() -> None:
    """What the server promised is an exchange of its own, and the header tables stay in step."""
    talk = Peers()
    talk.client.send_headers(1, ASKED, end_stream=True)
    talk.pass_on()
    pushed = [(":method", "GET"), *ASKED[1:3], (":path", "/pushed"), ("x-new", "1")]
    talk.server.push_stream(1, 2, pushed)
    talk.server.send_headers(2, [(":status", "200"), ("x-also", "2")])
    talk.server.send_data(2, b"unasked", end_stream=True)
    talk.pass_on()
    one, two = told(talk.answer(1, b"asked").items)
    assert (one.flow["method"], one.flow["url"], one.line[4]) == ("GET", URL + "/pushed", b"unasked")
    assert one.flow["request_headers"] == [(b"x-new", b"1")]
    assert (two.flow["url"], two.line[4], two.flow["error"]) == (URL + "/chat", b"asked", None)


@pytest.mark.parametrize("carrier", [CARRIER, OTHER], ids=["same host", "no port known"])
def test_open_ends(carrier: Carrier) -> None:
    """A request without an answer has no status."""
    (one,) = told(Peers().ask(1, b"hello").items, carrier)
    assert one.line == ("POST", URL + "/chat", b"hello", None, b"") and one.flow["port"] == 443


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_any_cut_gives_the_same_flows(sizes: list[int]) -> None:
    """However the stream was cut."""
    items = exchange(3).items
    assert told(cut(items, sizes)) == told(items)


def test_a_capture_that_begins_in_the_middle() -> None:
    """What is known is told, what stood in the unseen table is counted; the body is there; nothing is made up."""
    talk = exchange()
    (one,) = told(talk.items[-2:])
    assert (one.flow["method"], one.flow["url"]) == ("POST", None)
    assert one.line[2] == b"hello" and one.line[4] == b'{"a": 1}'
    assert "headers of the request are not known" in one.flow["error"]


def test_a_hole_in_data_of_known_size() -> None:
    """The stream goes on behind it; the body says that it is not whole."""
    talk = Peers().ask(1)
    talk.server.send_headers(1, [(":status", "200")])
    talk.pass_on()
    talk.server.send_data(1, b"0123456789", end_stream=True)
    data = talk.server.data_to_send()
    talk.answers(data[:12]).loses("response", 4).answers(data[16:])
    talk.client.receive_data(data)
    first, second = told(talk.ask(3, b"hello").answer(3, b'{"a": 1}').items)
    assert first.line[3:] == (200, b"012789") and "not whole" in first.flow["error"]
    assert second.line == LINE


@pytest.mark.parametrize("length", [None, 10_000])
@pytest.mark.parametrize("direction", ["request", "response"])
def test_frames_are_found_again(direction: str, length: int | None) -> None:
    """Behind a hole over frames the next ones are read; a header that is told was really sent."""
    talk = exchange(6)
    items = list(talk.items)
    places = [n for n, item in enumerate(items) if item.direction == direction]
    hole = places[len(places) // 2]
    item = items[hole]
    items[hole] = Lost(item.at, item.direction, length, "gone", item.ref)
    found = told(items)
    assert [one.line for one in found].count(LINE) >= 2
    for one in found:
        assert {n for n, _ in one.flow["request_headers"]} <= {b"cookie"}
        assert one.flow["url"] in (None, URL + "/chat") and one.flow["status"] in (None, 200)
    assert any(one.flow["error"] for one in found)


NAMES = st.sampled_from([b"accept", b"x-a", b"x-b", b"x-c", b":path"])
VALUES = st.sampled_from([b"", b"1", b"two", b"\xff\x00", b"a much longer value " * 3])
BLOCKS = st.lists(st.lists(st.tuples(NAMES, VALUES), max_size=8), min_size=1, max_size=12)


@given(BLOCKS, st.integers(0, 12), st.sampled_from([4096, 100, 0]))
def test_no_header_is_made_up(blocks: list[list[tuple[bytes, bytes]]], missed: int, size: int) -> None:
    """Some block was not seen: each name and value that is still told is the one that was sent in its place."""
    encoder, table = hpack.Encoder(), Headers()
    for n, block in enumerate(blocks):
        if n == 1:
            encoder.header_table_size = size
        coded = encoder.encode(block)
        if n == missed:
            table.forget()
            continue
        fields = table.decode(coded)
        assert len(fields) == len(block)
        for (name, value), (sent_name, sent_value) in zip(fields, block, strict=True):
            assert name in (None, sent_name) and value in (None, sent_value)
        if missed > n:
            assert fields == block


@given(st.binary(max_size=60))
def test_a_damaged_block_is_told(block: bytes) -> None:
    """Headers, or a fault with what stood before it; nothing else."""
    try:
        assert isinstance(Headers().decode(block), list)
    except BlockFault as fault:
        assert isinstance(fault.fields, list)


@given(DAMAGES, st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_damage_takes_nothing_that_stood_before_it(damages: list[Damage], sizes: list[int]) -> None:
    """No exception; the exchanges that were over before the first damaged piece are as they were."""
    talk = exchange(4)
    items, edge = damaged(talk.items, damages)
    intact = [one for one in told(talk.items) if one.flow["ended"] < edge]
    assert told(cut(items, sizes))[: len(intact)] == intact


@given(st.binary(max_size=400), st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_any_bytes_are_no_exception(junk: bytes, sizes: list[int]) -> None:
    """Nonsense behind a preface becomes raw bytes or nothing."""
    talk = Talk().asks(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + junk).answers(junk)
    told(cut(talk.items, sizes))
