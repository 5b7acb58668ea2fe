"""The lab's encoders against published vectors, and against other implementations where a format has no vector."""

import base64 as stdlib_base64
import email.header
import gzip
import hashlib
import json
import plistlib
import quopri
import urllib.parse
import zlib
from collections.abc import Callable
from email.message import Message as Mail
from email.parser import BytesParser
from typing import Any

import brotli
import cbor2
import cramjam
import lz4.block
import lz4.frame
import msgpack
import pytest
import zstandard
from zmq.utils import z85

from promptrail.lab.encoders import binary, compression, deltas, digests, envelope, mail
from promptrail.lab.encoders import text_codes as codes
from promptrail.lab.encodings.fields import host_of, jwt

TEXTS = [
    "",
    "a",
    'Word "Harrow & Sons" = 50 % off + more, kestrel-4417',
    "한국어 문장을 하나 써 줘, 윤슬 4821",
    "帮我写一封信, 鹭洲渡 7302",
    "𝄞 clef and 👩‍💻",
    "x" * 300,
]
"""Empty, short, with what must be escaped, beyond ASCII, beyond the basic plane, longer than one byte can count."""


@pytest.mark.parametrize(
    ("data", "base64", "base32", "base16"),
    [
        ("", "", "", ""),
        ("f", "Zg==", "MY======", "66"),
        ("fo", "Zm8=", "MZXQ====", "666f"),
        ("foo", "Zm9v", "MZXW6===", "666f6f"),
        ("foob", "Zm9vYg==", "MZXW6YQ=", "666f6f62"),
        ("fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"),
        ("foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666f6f626172"),
    ],
)
def test_rfc_4648(data: str, base64: str, base32: str, base16: str) -> None:
    """The vectors of RFC 4648 section 10."""
    raw = data.encode()
    assert codes.rfc4648(raw, codes.BASE64) == base64
    assert codes.rfc4648(raw, codes.BASE64_URL, padded=False) == base64.rstrip("=")
    assert codes.rfc4648(raw, codes.BASE32) == base32
    assert codes.rfc4648(raw, codes.BASE16) == base16


def test_base64url_differs_in_two_characters() -> None:
    """RFC 4648 section 5: minus and underline for plus and slash."""
    assert codes.base64(b"\xfb\xff\xbf") == "+/+/"
    assert codes.rfc4648(b"\xfb\xff\xbf", codes.BASE64_URL) == "-_-_"


@pytest.mark.parametrize("text", TEXTS)
def test_base85(text: str) -> None:
    """Both alphabets as the standard library reads them; Adobe writes `Man ` as 9jqo^, and four zeros as z."""
    raw = text.encode()
    assert stdlib_base64.b85decode(codes.base85(raw)) == raw
    assert stdlib_base64.a85decode(codes.ascii85(raw), adobe=True) == raw
    assert codes.ascii85(b"Man \0\0\0\0") == "<~9jqo^z~>"
    assert stdlib_base64.a85decode(codes.ascii85(raw, marks=False)) == raw


def test_z85() -> None:
    """The frame of ZeroMQ's RFC 32; three zeros fill up what is one byte too long."""
    assert codes.z85(bytes.fromhex("864fd26fb559f75b")) == "HelloWorld"
    for text in TEXTS:
        raw = text.encode()
        assert z85.decode(codes.z85(raw)) == raw + bytes(-len(raw) % 4)


def test_percent() -> None:
    """RFC 3986 section 2.5 writes the letter A of katakana as %E3%82%A2; unreserved characters stay."""
    assert codes.percent("ア-_.~Az09".encode()) == "%E3%82%A2-_.~Az09"
    assert codes.percent(b"a b+c&d=e/f", plus=True) == "a+b%2Bc%26d%3De%2Ff"


@pytest.mark.parametrize("text", TEXTS)
def test_escapes(text: str) -> None:
    """RFC 8259 section 7 writes U+1D11E as two escapes; a JSON reader gives the text back."""
    assert codes.escapes("\U0001d11e") == r"\ud834\udd1e"
    assert json.loads(f'"{codes.escapes(text)}"') == text


def sized_block(data: bytes) -> bytes:
    return compression.lz4_block(data, sized=True)


UNDO: list[tuple[Callable[[bytes], bytes], Callable[[bytes], Any]]] = [
    (compression.gzip, gzip.decompress),
    (compression.zlib_stream, zlib.decompress),
    (compression.deflate, lambda data: zlib.decompress(data, -15)),
    (compression.br, brotli.decompress),
    (compression.zstd, lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    (compression.lz4, lz4.frame.decompress),
    (compression.snappy_block, lambda data: bytes(cramjam.snappy.decompress_raw(data))),
    (compression.lz4_block, lambda data: lz4.block.decompress(data, uncompressed_size=1 << 16)),
    (sized_block, lz4.block.decompress),
    (compression.snappy, lambda data: bytes(cramjam.snappy.decompress(data))),
]


@pytest.mark.parametrize(("do", "undo"), UNDO, ids=[do.__name__ for do, _ in UNDO])
@pytest.mark.parametrize("text", TEXTS[1:])
def test_compressed_streams(do: Callable[[bytes], bytes], undo: Callable[[bytes], Any], text: str) -> None:
    """Another implementation, with its check sums, gives the text back."""
    assert undo(do(text.encode())) == text.encode()


def test_crc32c() -> None:
    """RFC 3720 section B.4: 32 zeros, 32 ones, 32 bytes counting up."""
    assert compression.crc32c(bytes(32)) == 0x8A9136AA
    assert compression.crc32c(b"\xff" * 32) == 0x62A8AB43
    assert compression.crc32c(bytes(range(32))) == 0x46DD794E


def test_msgpack() -> None:
    """The example of msgpack.org, but for its `true`; and what the msgpack library reads."""
    assert binary.msgpack({"schema": 0}).hex(" ") == "81 a6 73 63 68 65 6d 61 00"
    value = {
        "t": TEXTS,
        "n": [0, 127, 128, 255, 256, 65535],
        "b": b"\0" * 300,
        "m": {str(n): n for n in range(20)},
    }
    assert msgpack.unpackb(binary.msgpack(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (100, "1864"),
        (1000, "1903e8"),
        (b"\x01\x02\x03\x04", "4401020304"),
        ("IETF", "6449455446"),
        ("\u6c34", "63e6b0b4"),
        ([1, [2, 3], [4, 5]], "8301820203820405"),
        ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
    ],
)
def test_cbor(value: object, written: str) -> None:
    """Vectors of RFC 8949, appendix A; and what cbor2 reads."""
    assert binary.cbor(value).hex() == written
    assert cbor2.loads(binary.cbor({"t": TEXTS, "v": value})) == {"t": TEXTS, "v": value}


def test_protobuf_and_grpc() -> None:
    """The examples of the encoding guide: 150, "testing", a message in a message; and gRPC's five bytes before it."""
    inner = binary.protobuf((1, 150))
    assert inner.hex() == "089601"
    assert binary.protobuf((2, "testing")).hex() == "120774657374696e67"
    assert binary.protobuf((3, inner)).hex() == "1a03089601"
    assert binary.group(16, (17, 117)).hex() == "8301880175" + "8401"
    assert binary.grpc(inner).hex() == "0000000003089601"
    assert binary.grpc(inner, True)[0] == 1
    assert stdlib_base64.b64decode(binary.grpc_web_text(inner)) == binary.grpc(inner)


def test_binary_property_list() -> None:
    """plistlib reads it."""
    value = {str(n): text for n, text in enumerate(TEXTS)}
    assert plistlib.loads(binary.bplist(value)) == value


@pytest.mark.parametrize("text", TEXTS)
def test_quoted_printable(text: str) -> None:
    """quopri reads it, and no line is longer than 76 characters (RFC 2045 section 6.7, rule 5)."""
    written = mail.quoted_printable(text.encode())
    assert quopri.decodestring(written) == text.encode()
    assert max(len(line) for line in written.split(b"\r\n")) <= 76
    assert mail.quoted_printable(b"a=b") == b"a=3Db"


@pytest.mark.parametrize("q", [False, True])
@pytest.mark.parametrize("text", TEXTS[1:])
def test_encoded_words(text: str, q: bool) -> None:
    """The standard library's reader of mail gives the text back; no word is longer than 75 characters."""
    written = mail.encoded_words(text, q)
    assert str(email.header.make_header(email.header.decode_header(written))) == text
    assert max(map(len, written.split())) <= 75


def test_extended_value() -> None:
    """RFC 5987 section 3.2.2 writes the rates in pounds and euros so, in other case."""
    assert mail.extended_value("£ and € rates").lower() == "utf-8''%c2%a3%20and%20%e2%82%ac%20rates"


def test_multipart() -> None:
    """The standard library's reader of mail finds both parts."""
    body = mail.multipart("b1", ("Content-Type: text/plain", b"one"), ("Content-Type: text/x", "둘".encode()))
    parsed: Mail = BytesParser().parsebytes(b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n" + body)
    parts = parsed.get_payload()
    assert isinstance(parts, list)
    assert [p.get_payload(decode=True) for p in parts if isinstance(p, Mail)] == [b"one", "둘".encode()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sha3_256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        ("blake2s", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
    ],
)
def test_digests(name: str, value: str) -> None:
    """Of `abc`: RFC 1321, FIPS 180-4, FIPS 202, RFC 7693."""
    assert digests.digest(name, b"abc").hex() == value


@pytest.mark.parametrize("name", digests.NAMES)
def test_every_digest_has_its_name(name: str) -> None:
    """hashlib means the same by it."""
    assert digests.digest(name, b"abc") == hashlib.new(name, b"abc").digest()


def test_xor() -> None:
    """Each byte under the key; the same once more gives the text back."""
    assert digests.xor(b"\x00\x5aA", 0x5A) == b"\x5a\x00\x1b"
    assert digests.xor(digests.xor(b"abc", 7), 7) == b"abc"


def test_the_envelopes_published_vector() -> None:
    """The key and IV of a captured request's seed, as published in 2026; three bytes make a packet of 118."""
    seed = bytes.fromhex("39bc87917fb17bcef28b52b92feaa1171097b3d73604c573d2c82b1fdcd69b15")
    key, iv = envelope.key_and_iv(seed)
    assert key.hex() == "9b31d1459f1d1feb5fd26cd980eac163" and iv.hex() == "1da77910668aacbf3f48a31012c1ac32"
    assert len(envelope.tt(b"abc", seed)) == 118 and envelope.tt(b"abc", seed)[6:38] == seed


@pytest.mark.parametrize("text", TEXTS)
def test_a_token_holds_the_text_in_its_payload(text: str) -> None:
    """RFC 7519: three segments of base64url without padding, the second a JSON object."""
    head, payload, signature = (stdlib_base64.urlsafe_b64decode(s + "==") for s in jwt(text).split("."))
    assert json.loads(head)["typ"] == "JWT" and len(signature) == 32
    assert json.loads(payload)["prompt"] == text


@pytest.mark.parametrize("text", TEXTS[1:6])
def test_a_host_name_holds_the_text(text: str) -> None:
    """Labels of 63 bytes at most, which joined are base32 of the text, below the lab's zone."""
    labels = host_of(text).removesuffix(".exfil.brightmoor.test").split(".")
    assert max(map(len, labels)) <= 63 and len(host_of(text)) <= 253
    joined = "".join(labels).upper()
    assert stdlib_base64.b32decode(joined + "=" * (-len(joined) % 8)).decode() == text


def shown(name: str, data: str) -> str:
    """The text that a reader of this style puts together."""
    if name == "json-array-deltas":
        return "".join(piece["text"] for piece in json.loads(data))
    if name == "ndjson-deltas":
        return "".join(json.loads(line)["message"]["content"] for line in data.splitlines())
    events = [event.removeprefix("data: ") for event in data.removesuffix("\n\n").split("\n\n")]
    if name == "sse-plain":
        return "".join(events)
    values = [json.loads(event) for event in events if event != "[DONE]"]
    return "".join(v["v"] if "v" in v else v["choices"][0]["delta"]["content"] for v in values)


@pytest.mark.parametrize("name", deltas.STYLES)
@pytest.mark.parametrize("text", TEXTS[2:])
def test_deltas_make_the_text_again(name: str, text: str) -> None:
    """A reader of the style gets the text, from several pieces none of which has more than three characters of it."""
    pieces = list(deltas.STYLES[name].write(text))
    assert shown(name, "".join(pieces)) == text and len(pieces) > 3
    assert not any(text[:4] in urllib.parse.unquote(piece) for piece in pieces)
