"""A QUIC client's hello out of its Initial packets, against the example of RFC 9001 and a real client's packets."""

import pytest
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicProtocolVersion
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.client_hello import Reader
from promptrail.ingest.packets.initial import VERSIONS, Keys, hello_of, varint


def real(version: int = 1, sni: str = "chat.parley.test", alpn: str = "h3") -> list[bytes]:
    """The first datagrams of aioquic's client."""
    settings_of = QuicConfiguration(
        is_client=True,
        alpn_protocols=[alpn],
        server_name=sni,
        supported_versions=[version],
        original_version=version,
    )
    client = QuicConnection(configuration=settings_of)
    client.connect(("192.0.2.1", 443), now=0.0)
    return [data for data, _ in client.datagrams_to_send(now=0.0)]


def test_keys_are_those_of_the_rfc() -> None:
    """RFC 9001, A.1: key, IV and header protection key of the client 0x8394c8f03e515708."""
    keys = Keys(VERSIONS[1], bytes.fromhex("8394c8f03e515708"))
    assert keys.iv.hex() == "fa044b2f42a3fd3b46fb255c"
    assert keys.cover.hex() == "9f50449e04a0e810283a1e9933adedd2"


@pytest.mark.parametrize("version", [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2])
def test_a_real_hello_is_read(version: int) -> None:
    """SNI and ALPN as the client was told, in both versions of QUIC."""
    hello = hello_of(real(version))
    assert hello and (hello.sni, hello.alpn) == ("chat.parley.test", [b"h3"])
    assert hello.ja4("q").startswith("q13d")


def test_a_hello_over_several_datagrams_is_read() -> None:
    """As with post-quantum keys, or a long name and many protocols."""
    parts = real(alpn="x" * 250, sni=".".join(["a" * 60] * 4))
    settings_of = QuicConfiguration(
        is_client=True, alpn_protocols=["p" * 250 for _ in range(8)], server_name="b.test"
    )
    client = QuicConnection(configuration=settings_of)
    client.connect(("192.0.2.1", 443), now=0.0)
    large = [data for data, _ in client.datagrams_to_send(now=0.0)]
    assert len(large) > 1 and hello_of(large[:1]) is None
    hello = hello_of(large)
    assert hello and len(hello.alpn) == 8 and hello_of(parts)


@pytest.mark.parametrize(
    "data", [b"", b"\xc0", b"\xc3\0\0\0\x01\x08" + bytes(30), b"\x40" * 60, b"\xff" * 1200]
)
def test_what_is_no_initial_has_no_hello(data: bytes) -> None:
    """None, never an exception."""
    assert hello_of([data]) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1199), st.integers(1, 255)), max_size=4), st.integers(0, 1200))
def test_no_damage_is_an_exception(changes: list[tuple[int, int]], end: int) -> None:
    """A changed packet fails its authentication, so it gives the true hello or none."""
    data = bytearray(SAMPLE[0])
    for place, by in changes:
        data[place] ^= by
    hello = hello_of([bytes(data[:end])])
    assert hello is None or hello.sni == "chat.parley.test"


@pytest.mark.parametrize(
    ("data", "value"),
    [("25", 37), ("7bbd", 15293), ("9d7f3e7d", 494878333), ("c2197c5eff14e88c", 151288809941952652)],
)
def test_numbers_are_those_of_the_rfc(data: str, value: int) -> None:
    """RFC 9000, A.1."""
    assert varint(Reader(bytes.fromhex(data))) == value


SAMPLE = real()
