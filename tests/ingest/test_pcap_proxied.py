"""What a client asked a proxy for before its TLS: CONNECT, SOCKS 4, 4a and 5, and bytes that are none of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.proxied import asked

NAME = b"chat.parley.test"
PORT = b"\x01\xbb"
ASKED = ("chat.parley.test", 443)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"CONNECT chat.parley.test:443 HTTP/1.1\r\nHost: x\r\n\r\n", ASKED),
        (b"CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n\r\n", ("2001:db8::1", 8443)),
        (b"CONNECT a.test:1 HTTP/1.1\r\n\r\nCONNECT chat.parley.test:443 HTTP/1.0\r\n\r\n", ASKED),
        (b"\x05\x01\x00\x05\x01\x00\x03" + bytes([len(NAME)]) + NAME + PORT, ASKED),
        (b"\x05\x02\x00\x02\x01\x01u\x02pw\x05\x01\x00\x03" + bytes([len(NAME)]) + NAME + PORT, ASKED),
        (b"\x05\x01\x00\x05\x01\x00\x01\xc6\x33\x64\x07" + PORT, ("198.51.100.7", 443)),
        (b"\x05\x01\x00\x05\x01\x00\x04" + bytes(15) + b"\x01" + PORT, ("::1", 443)),
        (b"\x04\x01" + PORT + b"\xc6\x33\x64\x07user\0", ("198.51.100.7", 443)),
        (b"\x04\x01" + PORT + b"\0\0\0\x01user\0" + NAME + b"\0", ASKED),
        (b"EHLO parley.test\r\nSTARTTLS\r\n", None),
        (b"GET /CONNECT a.test:443 HTTP/1.1\r\n\r\n", None),
        (b"\x05", None),
        (b"\x05\x01\x00\x05\x01\x00\x03\xff" + NAME, None),
        (b"\x04\x01", None),
        (b"", None),
    ],
)
def test_host_and_port_that_were_asked_for(sent: bytes, found: tuple[str, int] | None) -> None:
    """As the request names them."""
    assert asked(sent) == found


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"\x04\x01", b"\x05", b"\x05\x01\x00\x05\x01\x00", b"CONNECT "]),
    st.binary(max_size=80),
)
def test_no_bytes_are_an_exception(head: bytes, rest: bytes) -> None:
    """A host and a port, or None."""
    found = asked(head + rest)
    assert found is None or (isinstance(found[0], str) and 0 <= found[1] <= 65535)
