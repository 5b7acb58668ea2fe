"""WebSockets out of plaintext streams, made by the library wsproto; fragments, compression, holes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, Message, Ping, TextMessage
from wsproto.extensions import PerMessageDeflate

from ingest.talks import Talk, cut, told
from promptrail.ingest.plaintext.pieces import Lost

ASK = b"GET /ws HTTP/1.1\r\nHost: chat.parley.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
TAKEN = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
SAID = ["hello", "hello again, hello", "안녕하세요 hello"]


def deflate(**options: bool) -> PerMessageDeflate:
    extension = PerMessageDeflate(**options)
    extension._enabled = True
    return extension


class Sockets(Talk):
    """A client and a server of wsproto behind the upgrade. `agreed`: the extension header of the answer."""

    def __init__(self, agreed: str = "", **options: bool) -> None:
        super().__init__()
        self.asks(ASK)
        extra = f"Sec-WebSocket-Extensions: {agreed}\r\n".encode() if agreed else b""
        self.answers(TAKEN + extra + b"\r\n")
        with_it = [[deflate(**options)], [deflate(**options)]] if agreed else [[], []]
        self.client = Connection(ConnectionType.CLIENT, with_it[0])
        self.server = Connection(ConnectionType.SERVER, with_it[1])

    def sends(self, event: Any) -> "Sockets":
        return self.asks(self.client.send(event))  # type: ignore[return-value]

    def says(self, event: Any) -> "Sockets":
        return self.answers(self.server.send(event))  # type: ignore[return-value]


def conversation(agreed: str = "", **options: bool) -> Sockets:
    talk = Sockets(agreed, **options)
    for text in SAID:
        talk.sends(TextMessage(text)).says(BytesMessage(text.encode() * 40))
    return talk


EXPECTED = [
    one
    for text in SAID
    for one in (
        ("request", "ws", text.encode(), True, True),
        ("response", "ws", text.encode() * 40, True, False),
    )
]
KINDS: dict[str, tuple[str, dict[str, bool]]] = {
    "as it is": ("", {}),
    "with context takeover": ("permessage-deflate", {}),
    "without context takeover": (
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        {"client_no_context_takeover": True, "server_no_context_takeover": True},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_messages_of_both_sides(kind: str) -> None:
    """Inflated, with their direction and kind, in the order in which they ended; the handshake is their flow."""
    agreed, options = KINDS[kind]
    talk = conversation(agreed, **options)
    if agreed:
        assert SAID[0].encode() * 40 not in b"".join(i.data for i in talk.items)  # type: ignore[union-attr]
    (one,) = told(talk.items)
    assert (one.flow["kind"], one.flow["status"], one.flow["error"]) == ("websocket", 101, None)
    assert one.flow["url"] == "https://chat.parley.test/ws" and one.flow["response_complete"]
    assert one.messages == EXPECTED


def test_fragments_are_joined_and_control_frames_are_none() -> None:
    """A ping between two fragments is no message and no end."""
    talk = Sockets().sends(Message("first, ", message_finished=False))
    talk.sends(Ping(b"?")).sends(Message("second"))
    talk.says(TextMessage("x" * 70_000))
    (one,) = told(talk.items)
    assert [m[2] for m in one.messages] == [b"first, second", b"x" * 70_000]


def test_frames_right_behind_the_handshake() -> None:
    """A message in the same piece as the 101 belongs to the WebSocket."""
    talk = Sockets()
    early = talk.server.send(TextMessage("early"))
    talk.items[1] = talk.items[1]._replace(data=talk.items[1].data + early)  # type: ignore[union-attr]
    (one,) = told(talk.items)
    assert one.messages == [("response", "ws", b"early", True, True)]


@given(st.sampled_from(sorted(KINDS)), st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_any_cut_gives_the_same_messages(kind: str, sizes: list[int]) -> None:
    """However the stream was cut."""
    agreed, options = KINDS[kind]
    items = conversation(agreed, **options).items
    assert told(cut(items, sizes)) == told(items)


def test_a_hole_inside_a_message() -> None:
    """What is there is kept and marked; the mask goes on in step; the next message is whole."""
    talk = Sockets().sends(TextMessage("0123456789"))
    data = talk.items.pop().data  # type: ignore[union-attr]
    talk.asks(data[:9]).loses("request", 3).asks(data[12:])
    talk.sends(TextMessage("whole"))
    (one,) = told(talk.items)
    assert [m[2:4] for m in one.messages] == [(b"0126789", False), (b"whole", True)]
    assert "not whole" in one.flow["error"]


@pytest.mark.parametrize("kind", KINDS)
def test_compressed_messages_behind_a_hole(kind: str) -> None:
    """With kept context what follows cannot be inflated and is kept as sent, marked; without it, it is read."""
    agreed, options = KINDS[kind]
    talk = conversation(agreed, **options)
    damaged = talk.items[2]
    talk.items[2:3] = [
        damaged._replace(data=damaged.data[:8]),  # type: ignore[union-attr]
        Lost(damaged.at, "request", len(damaged.data) - 8, "gone", damaged.ref),  # type: ignore[union-attr]
    ]
    (one,) = told(talk.items)
    asked = [m for m in one.messages if m[0] == "request"]
    assert len(asked) == 3 and not asked[0][3]
    assert [m[3] for m in asked[1:]] == [kind != "with context takeover"] * 2
    assert [m for m in one.messages if m[0] == "response"] == [m for m in EXPECTED if m[0] == "response"]


def test_behind_a_hole_of_unknown_size() -> None:
    """No frame can be told from content there: the rest is one message that is marked, and said so."""
    talk = Sockets().sends(TextMessage("a")).loses("request", None).asks(b"\x81\x01x")
    (one,) = told(talk.items)
    assert one.messages[-1] == ("request", "ws", b"\x81\x01x", False, None)
    assert "missing" in one.flow["error"]


@given(st.binary(max_size=300), st.lists(st.integers(1, 60), min_size=1, max_size=5), st.booleans())
def test_any_bytes_are_no_exception(junk: bytes, sizes: list[int], packed: bool) -> None:
    """Nonsense behind what was said takes none of it away."""
    agreed, options = KINDS["with context takeover" if packed else "as it is"]
    talk = conversation(agreed, **options).asks(junk).answers(junk)
    (one,) = told(cut(talk.items, sizes))
    assert one.messages[: len(EXPECTED)] == EXPECTED
