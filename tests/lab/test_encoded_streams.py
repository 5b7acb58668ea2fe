"""The lab's streams against other implementations: http.client reads its HTTP, wsproto its WebSocket frames."""

import http.client
import io

import pytest
import wsproto.connection
import wsproto.events
from wsproto.extensions import PerMessageDeflate

from promptrail.lab.encoders import streams

TEXTS = ["", "a", "한국어 문장을 하나 써 줘, 윤슬 4821", "𝄞 clef and 👩‍💻", "x" * 300, "y" * 70_000]
"""Empty, short, beyond ASCII, and of the two lengths that a frame writes in more bytes."""


def test_chunks_are_read_by_the_standard_library() -> None:
    """http.client puts the chunks together and leaves the trailers out."""
    for text in TEXTS:
        raw = text.encode()
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer += streams.chunked(raw, 7, [("X-Sum", "1")])
        read = http.client.HTTPResponse(Wire(answer))  # type: ignore[arg-type]
        read.begin()
        assert read.read() == raw


class Wire:
    """What http.client takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def test_a_request_is_read_by_the_standard_library() -> None:
    """Its request line, its headers and its body."""
    written = streams.request("/v1?n=1", [("Host", "a.test"), ("Content-Length", "2")], b"{}")
    line, _, rest = written.partition(b"\r\n")
    wire = io.BytesIO(rest)
    assert line == b"POST /v1?n=1 HTTP/1.1"
    assert http.client.parse_headers(wire)["host"] == "a.test" and wire.read() == b"{}"


def test_websocket_frames() -> None:
    """RFC 6455 section 5.7: `Hello` under its key; RFC 7692 section 7.2.3.4: the same, compressed."""
    key = bytes.fromhex("37fa213d")
    assert streams.frame(b"Hello", 0x81, key).hex() == "818537fa213d7f9f4d5158"
    assert streams.messages(["Hello"], key) == streams.frame(b"Hello", 0x81, key)
    assert streams.frame(bytes.fromhex("f348cdc9c9070000"), 0xC1, key) == streams.messages(
        ["Hello"], key, packed=True
    )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("cut", [0, 5])
def test_websocket_messages_are_read_by_another_implementation(cut: int, packed: bool) -> None:
    """wsproto as the server reads them, fragments joined, compressed ones inflated."""
    extensions = []
    if packed:
        extension = PerMessageDeflate()
        extension.accept("permessage-deflate; client_no_context_takeover")
        extensions.append(extension)
    server = wsproto.connection.Connection(wsproto.connection.ConnectionType.SERVER, extensions)
    server.receive_data(streams.messages(TEXTS, bytes(range(1, 5)), cut, packed))
    read, held = [], ""
    for event in server.events():
        assert isinstance(event, wsproto.events.TextMessage)
        held += event.data
        if event.message_finished:
            read.append(held)
            held = ""
    assert read == TEXTS
