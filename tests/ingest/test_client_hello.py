"""ClientHellos into facts and fingerprints, against the published examples of JA3 and JA4 and a real client."""

import ssl
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.client_hello import ClientHello, in_records, is_grease, read

# github.com/FoxIO-LLC/ja4, technical_details/JA4.md: a Chrome over TCP, its lists in the order of the hello.
CIPHERS = "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
EXTENSIONS = "001b 0000 0033 0010 4469 0017 002d 000d 0005 0023 0012 002b ff01 000b 000a 0015"
SIGNATURES = "0403 0804 0401 0503 0805 0501 0806 0601"
GREASE = [0x0A0A, 0x1A1A, 0xFAFA]


def numbers(text: str) -> list[int]:
    return [int(one, 16) for one in text.split()]


def published() -> ClientHello:
    return ClientHello(
        0x0303,
        [GREASE[0], *numbers(CIPHERS)],
        [GREASE[1], *numbers(EXTENSIONS), GREASE[2]],
        signatures=numbers(SIGNATURES),
        versions=[GREASE[0], 0x0304, 0x0303],
        alpn=[b"h2", b"http/1.1"],
        sni="x.test",
    )


@pytest.mark.parametrize(
    ("hello", "digest"),
    [  # github.com/salesforce/ja3, README
        (
            ClientHello(
                769,
                [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
                [0, 10, 11],
                [23, 24, 25],
                [0],
            ),
            "ada70206e40642a3e4461f35503241d5",
        ),
        (ClientHello(769, [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99]), "de350869b8c85de67a350c8d186f11e6"),
    ],
)
def test_ja3_is_the_published_one(hello: ClientHello, digest: str) -> None:
    """The two examples of its README."""
    assert hello.ja3() == digest


def test_grease_changes_no_fingerprint() -> None:
    """RFC 8701's values stand in the hello and in neither fingerprint."""
    with_it, without = published(), ClientHello(0x0303, numbers(CIPHERS), numbers(EXTENSIONS))
    assert with_it.ja3() == without.ja3()
    assert [value for value in range(0x10000) if is_grease(value)] == [
        n << 8 | n for n in range(0x0A, 0x100, 16)
    ]


def test_ja4_is_the_published_one() -> None:
    """The example of its specification."""
    assert published().ja4() == "t13d1516h2_8daaf6152771_e5627efa2ab1"


@pytest.mark.parametrize(
    ("hello", "transport", "begins"),
    [
        (ClientHello(0x0303, [1], [], alpn=[b"h2"]), "q", "q12i0100h2_"),
        (ClientHello(0x0301, [1], [0], alpn=[]), "t", "t10d010100_"),
        (ClientHello(0x0303, list(range(1, 150)), [0], alpn=[b"x"]), "t", "t12d9901xx_"),
        (
            ClientHello(0x0303, [], [43], versions=[0x0303, 0x0302], alpn=[b"\xab\xcd"]),
            "t",
            "t12i0001ad_000000000000_",
        ),
        (ClientHello(0xFEFD, [1], []), "d", "dd2i010000_"),
        (ClientHello(0x9999, [1], []), "t", "t00i010000_"),
    ],
)
def test_ja4_begins_as_its_specification_says(hello: ClientHello, transport: str, begins: str) -> None:
    """Transport, version, SNI, counts up to 99, ends of the first protocol."""
    assert hello.ja4(transport).startswith(begins)


def real(alpn: list[str] | None = None, sni: str | None = "chat.parley.test") -> bytes:
    """What OpenSSL sends first."""
    context = ssl.create_default_context()
    context.check_hostname = sni is not None
    if alpn:
        context.set_alpn_protocols(alpn)
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(into, out, server_hostname=sni).do_handshake()
    return out.read()


def test_a_real_hello_is_read() -> None:
    """SNI, ALPN and versions that the client was told to offer."""
    hello = in_records(real(["h2", "http/1.1"]))
    assert hello and (hello.sni, hello.alpn) == ("chat.parley.test", [b"h2", b"http/1.1"])
    assert hello.versions[0] == 0x0304 and hello.ja4().startswith("t13d") and not hello.ech


def test_a_hello_without_names_has_none() -> None:
    """An app that asks for an address sends no SNI."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(into, out).do_handshake()
    hello = in_records(out.read())
    assert hello and hello.sni is None and hello.alpn == [] and hello.ja4()[3] == "i"


def test_a_hello_in_pieces_waits_for_the_last() -> None:
    """None until it is whole, at every byte; then the same as in one piece."""
    data = real(["h2"])
    whole = in_records(data)
    assert whole and all(in_records(data[:end]) is None for end in range(len(data)))


def test_a_hello_over_several_records_is_read() -> None:
    """A handshake message may be cut into records anywhere (RFC 8446, 5.1)."""
    data = real(["h2"])
    message = data[5:]
    cut = b"".join(
        struct.pack("!BHH", 22, 0x0301, len(part)) + part
        for part in (message[:1], message[1:100], message[100:101], message[101:])
    )
    assert in_records(cut) == in_records(data)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x17\x03\x03\x00\x05hello",
        b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00",
        b"\x16\x03\x01\x00\x05\x01\xff\xff\xff\x00",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
    ],
    ids=["HTTP", "application data", "server hello", "too long", "too short"],
)
def test_what_is_no_hello_is_refused(data: bytes) -> None:
    """ValueError, never a guess."""
    with pytest.raises(ValueError):
        in_records(data)


def test_a_name_that_is_no_ascii_is_told_byte_by_byte() -> None:
    """Nothing of it is lost, and no control character gets through."""
    data = real()
    hello = in_records(data.replace(b"chat.parley.test", b"chat\x00parley\xff\ntst"))
    assert hello and hello.sni == "chat%00parley%FF%0Atst"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(4, 500), st.integers(0, 255)), max_size=6))
def test_a_damaged_hello_is_a_hello_or_a_value_error(changes: list[tuple[int, int]]) -> None:
    """No other exception, and every fingerprint can be made."""
    message = bytearray(SAMPLE)
    for place, byte in changes:
        message[place % len(message)] = byte
    try:
        hello = read(bytes(message))
    except ValueError:
        return
    assert len(hello.ja3()) == 32 and len(hello.ja4().split("_")) == 3


SAMPLE = real(["h2"])[5:]
