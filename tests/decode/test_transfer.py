"""Codings that a head names: transfer codings of mail and HTTP, part charsets, what gRPC says of its messages."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import email.charset
import email.message
import email.mime.multipart
import email.mime.text
import gzip
import quopri
import zlib
from collections.abc import Callable
from typing import Any

import cramjam
import lz4.frame
import pytest
import zstandard

from decode.unwrapping import ASCII, KOREAN, below, found
from promptrail.decode import expand
from promptrail.decode.compressed import undone
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.parts import body_part, header_parts
from promptrail.decode.transfer import chunked, from_base64, from_quoted_printable

JAPANESE = "明日の会議を記録してもいいですか kestrel-4417"


def part(head: str, content: bytes) -> bytes:
    """A multipart body of one part."""
    return b"--Ab1\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n--Ab1--\r\n"


def mail(text: str, charset: str, transfer: str) -> bytes:
    """The standard library's mail: a text part in that charset and transfer encoding, its header folded."""
    outer = email.mime.multipart.MIMEMultipart(boundary="Ab1")
    one = email.message.EmailMessage()
    one.set_content(text, charset=charset, cte=transfer)
    outer.attach(one)
    whole = outer.as_bytes(policy=one.policy.clone(max_line_length=None))
    return whole[whole.index(b"--Ab1") :]


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr"])
@pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "8bit"])
def test_a_part_of_a_mail_is_read(charset: str, transfer: str) -> None:
    """Transfer encoding first, then the charset that the part declares."""
    steps = (
        "multipart",
        *((transfer,) if transfer != "8bit" else ()),
        *(("euc-kr",) if charset != "utf-8" else ()),
    )
    layers = below(Layer(mail(KOREAN, charset, transfer), media="multipart/mixed; boundary=ab1"))
    assert steps in [x.chain for x in layers if x.data.strip() == KOREAN.encode()]


PARTS: list[tuple[str, str, bytes, tuple[str, ...]]] = [
    ("base64 of a short word", "Content-Transfer-Encoding: base64", base64.b64encode(b"plover"), ("multipart", "base64")),
    ("base64 in lines", "content-transfer-encoding:BASE64", base64.encodebytes(b"plover" * 30)[:164], ("multipart", "base64")),
    ("base64 of gzip", "Content-Transfer-Encoding: base64", base64.b64encode(gzip.compress(b"plover")), ("multipart", "base64", "gzip")),
    ("a folded header", "Content-Type: text/plain;\r\n charset=utf-8\r\nContent-Transfer-Encoding:\r\n base64", base64.b64encode(b"plover"), ("multipart", "base64")),
    ("one quoted byte", "Content-Transfer-Encoding: quoted-printable", b"plove=72", ("multipart", "quoted-printable")),
    ("a coding of HTTP", "Content-Encoding: gzip", gzip.compress(b"plover"), ("multipart", "gzip")),
    ("none", "Content-Transfer-Encoding: 7bit", b"plover", ("multipart",)),
    ("none, in capitals", "Content-Transfer-Encoding: BINARY", b"plover", ("multipart",)),
]  # fmt: skip


@pytest.mark.parametrize(("head", "content", "chain"), [p[1:] for p in PARTS], ids=[p[0] for p in PARTS])
def test_a_part_says_how_it_is_written(head: str, content: bytes, chain: tuple[str, ...]) -> None:
    """What its head names is undone, however short and however it is spelt."""
    layers = below(Layer(part(head, content), media="multipart/form-data; boundary=ab1"))
    assert chain in [x.chain for x in layers if x.data.startswith(b"plover")]


@pytest.mark.parametrize(
    ("head", "content", "words"),
    [
        ("Content-Transfer-Encoding: x-uuencode", b"begin 644 a\n", "'x-uuencode' is not known"),
        ("Content-Transfer-Encoding: base64", b"cGxvdmVyc", "ends early"),
        ("Content-Type: text/plain; charset=klingon", b"\xff\xfe\xfd" * 9, "'klingon' is not known"),
    ],
)
def test_a_part_that_cannot_be_read_is_told(head: str, content: bytes, words: str) -> None:
    """An unknown encoding, one that is cut, a charset that does not exist."""
    faults: list[Any] = []
    below(Layer(part(head, content), media="multipart/form-data; boundary=ab1"), faults)
    assert [words in f.detail for f in faults] == [True]


@pytest.mark.parametrize("name", ["application/http", "application/http; msgtype=request"])
def test_a_request_in_a_batch_is_read(name: str) -> None:
    """A part that is an HTTP message, as batch interfaces send them."""
    inner = b'POST /v1 HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"q":"abcde"}'
    layers = below(Layer(part(f"Content-Type: {name}", inner), media="multipart/mixed; boundary=ab1"))
    assert ("multipart", "http", "json") in [x.chain for x in layers]


CODINGS: list[tuple[str, Callable[[bytes], bytes], tuple[str, ...]]] = [
    ("gzip", gzip.compress, ("gzip",)),
    ("deflate", zlib.compress, ("deflate",)),
    ("zstd", zstandard.compress, ("zstd",)),
    ("snappy", lambda d: bytes(cramjam.snappy.compress(d)), ("snappy",)),
    ("snappy", lambda d: bytes(cramjam.snappy.compress_raw(d)), ("snappy",)),
    ("lz4", lz4.frame.compress, ("lz4",)),
    ("", lambda d: bytes(cramjam.snappy.compress_raw(d)), ("snappy block",)),
    ("", zstandard.compress, ("zstd",)),
]


@pytest.mark.parametrize("header", [b"grpc-encoding", b"Connect-Content-Encoding"])
@pytest.mark.parametrize(("name", "write", "steps"), CODINGS)
def test_grpc_says_how_messages_are_compressed(
    name: str, write: Callable[[bytes], bytes], steps: tuple[str, ...], header: bytes
) -> None:
    """By the header where it is there; else the message is opened by what it is. One not flagged is not touched."""
    message = b"\x0a" + bytes([len(KOREAN.encode())]) + KOREAN.encode() + b"\x10\x05"
    packed = write(message)
    body = b"\1" + len(packed).to_bytes(4) + packed + b"\0" + len(message).to_bytes(4) + message
    headers = [(header, name.encode())] if name else []
    made = body_part(body, "body", "request", "application/grpc+proto", headers=headers)
    chains = [x.chain for x in below(made.layer) if x.data == KOREAN.encode()]
    assert chains == [("grpc", *steps, "protobuf"), ("grpc", "protobuf")]


def test_a_wrong_name_of_the_coding_is_overruled_by_magic() -> None:
    """A message that says snappy and is gzip is read, and is no fault; an unknown coding is one."""
    packed = gzip.compress(b"\x0a\x08kestrels")
    body = b"\1" + len(packed).to_bytes(4) + packed
    for name, count in (("snappy", 0), ("martian", 1)):
        faults: list[Undecodable] = []
        layers = below(Layer(body, media=f"application/grpc; grpc-encoding={name}"), faults)
        assert b"kestrels" in [x.data for x in layers] and len(faults) == count


@pytest.mark.parametrize(
    ("data", "encodings", "value", "reasons"),
    [
        (KOREAN.encode(), (), KOREAN.encode(), []),
        (gzip.compress(gzip.compress(KOREAN.encode())), ("gzip", "gzip"), KOREAN.encode(), []),
        (b"2\r\n{}", ("chunked",), b"{}", ["incomplete"]),
        (b"no gzip", ("gzip",), b"no gzip", ["encoding"]),
        (b"no gzip", ("gzip", "martian"), b"no gzip", ["encoding"]),
        (b"3\r\nabc\r\nno chunk here at all\r\n", ("chunked",), b"abc", ["encoding"]),
    ],
)
def test_codings_are_undone_as_far_as_they_go(
    data: bytes, encodings: tuple[str, ...], value: bytes, reasons: list[str]
) -> None:
    """The outermost, named last, first; what cannot be undone stays as it is; every fault is told."""
    plain, faults = undone(data, encodings)
    assert (plain, [f.reason for f in faults]) == (value, reasons)


def test_trailers_are_parts_of_their_own() -> None:
    """Like headers, under the name of what they are."""
    (made,) = header_parts([(b"X-Sum", KOREAN.encode())], "response", "trailer")
    assert (made.part, made.direction, made.layer.path) == ("trailer", "response", ("x-sum",))


@pytest.mark.parametrize(
    ("undo", "data", "value", "whole"),
    [
        (from_base64, b"cGxvdmVy", b"plover", True),
        (from_base64, b"cGxv\r\ndmVy!\n", b"plover", True),
        (from_base64, b"cGxvdmU=", b"plove", True),
        (from_base64, b"cGxvdmVyc", b"plover", False),
        (from_base64, b"cGxv=dmVy", b"plo", False),
        (from_base64, b"", b"", True),
        (from_quoted_printable, b"a=3Db =\r\nc", b"a=b c", True),
        (chunked, b"3\r\nabc\r\n0\r\n\r\n", b"abc", True),
        (chunked, b"3;x=y\r\nabc\r\n0\r\nX: y\r\n\r\n", b"abc", True),
        (chunked, b"3\r\nabc\r\n5\r\nde", b"abcde", False),
        (chunked, b"3\r\nabc\r\n5", b"abc", False),
        (chunked, b"3\r\nabc\r", b"abc", False),
        (chunked, b"0\r\n\r\n", b"", True),
    ],
)
def test_codings(undo: Callable[[bytes], tuple[bytes, bool]], data: bytes, value: bytes, whole: bool) -> None:
    """What comes out, and whether it was whole."""
    assert undo(data) == (value, whole)


def test_chunks_with_something_else_between_are_a_fault_that_keeps_what_came() -> None:
    """The fault names the byte; what the chunks before it hold is looked through."""
    faults: list[Undecodable] = []
    data = b"3\r\nabc\r\nno chunk here at all\r\n"
    layers = list(expand(Layer(data, encodings=("chunked",)), faults))
    assert [f.detail for f in faults] == ["is not chunked: no length of a chunk at byte 8"]
    assert [(x.chain, x.data) for x in layers] == [(("chunked",), b"abc")]


def test_quoted_printable_of_the_standard_library() -> None:
    """With soft line breaks."""
    code = quopri.encodestring(JAPANESE.encode() * 4)
    assert from_quoted_printable(code)[0] == JAPANESE.encode() * 4 and b"=\n" in code
    assert found(
        ASCII,
        part("Content-Transfer-Encoding: quoted-printable", ASCII.encode()),
        "multipart/x; boundary=ab1",
    )
