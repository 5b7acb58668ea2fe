"""Random nestings for recall: wrappings by other implementations than promptrail's decoders, composed at random.

A wrapping takes bytes or text and gives text or bytes; a chain is one that fits together. Nothing here is tuned to what
the decoders know: a new wrapping is one more line in WRAPPINGS.
"""

import base64
import binascii
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import random
import uuid
import zipfile
import zlib
from collections.abc import Callable
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import NamedTuple
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

import brotli
import cbor2
import cramjam
import msgpack
import zstandard

Chance = random.Random
Wrap = Callable[[bytes, Chance], bytes]


class Wrapping(NamedTuple):
    name: str
    takes: str
    """text: only UTF-8; any: any bytes."""
    gives: str
    """text or binary."""
    wrap: Wrap


def _id(chance: Chance) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128)))


def _words(chance: Chance) -> str:
    return " ".join(
        chance.choice(("open", "screen", "ready", "idle", "tap", "view", "home")) for _ in range(3)
    )


def _json(data: bytes, chance: Chance) -> bytes:
    value = {"event": _words(chance), "id": _id(chance), "n": chance.randrange(10**6), "data": data.decode()}
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode()


def _array(data: bytes, chance: Chance) -> bytes:
    return json.dumps([{"k": _words(chance)}, {"v": [1, data.decode()]}], separators=(",", ":")).encode()


def _lines(data: bytes, chance: Chance) -> bytes:
    return b"\n".join(
        json.dumps({"t": n, "x": data.decode() if n == 1 else _words(chance)}).encode() for n in range(3)
    )


def _form(data: bytes, chance: Chance) -> bytes:
    return urlencode({"sid": _id(chance), "payload": data, "v": "2"}).encode()


def _url(data: bytes, chance: Chance) -> bytes:
    return f"https://{chance.choice('abc')}.test/p?x={chance.randrange(99)}&q={quote(data, safe='')}".encode()


def _xml(data: bytes, chance: Chance) -> bytes:
    text = "".join(c for c in data.decode() if c >= " " or c in "\n\t")
    return f'<?xml version="1.0"?><e id="{_id(chance)}"><a>{_words(chance)}</a><d>{escape(text)}</d></e>'.encode()


def _html(data: bytes, chance: Chance) -> bytes:
    body = f"<p>{_words(chance)}</p><div>{html.escape(data.decode())}</div>"
    return f"<!DOCTYPE html><html><body>{body}</body></html>".encode()


def _sse(data: bytes, chance: Chance) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.decode().split("\n"))
    return f"event: note\ndata: {_words(chance)}\n\n{lines}\n".encode()


def _multipart(data: bytes, chance: Chance) -> bytes:
    mark = f"----{chance.getrandbits(64):016x}"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="a"\r\n\r\n{_words(chance)}\r\n--{mark}\r\n'
    body = 'Content-Disposition: form-data; name="b"; filename="x.bin"\r\n'
    body += "Content-Type: application/octet-stream\r\n\r\n"
    return (head + body).encode() + data + f"\r\n--{mark}--\r\n".encode()


def _mail(data: bytes, chance: Chance) -> bytes:
    whole = MIMEMultipart(boundary=f"=={chance.getrandbits(64):x}==")
    whole.attach(MIMEText(data.decode(), "plain", "utf-8"))
    return whole.as_bytes()


def _mail_base64(data: bytes, chance: Chance) -> bytes:
    """A part whose head says that it is base64, of whatever bytes."""
    whole = MIMEMultipart(boundary=f"=={chance.getrandbits(64):x}==")
    whole.attach(MIMEText(_words(chance)))
    whole.attach(MIMEApplication(data))
    return whole.as_bytes()


def _http(data: bytes, chance: Chance) -> bytes:
    """A request as bytes, its body in chunks of random size."""
    out = f"POST /{_id(chance)} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    at = 0
    while at < len(data):
        size = chance.randint(20, 4000)
        out += b"%x\r\n%s\r\n" % (len(data[at : at + size]), data[at : at + size])
        at += size
    return out + b"0\r\n\r\n"


def _socket(data: bytes, chance: Chance) -> bytes:
    """Two WebSocket messages as a client sends them; the second is the data, as text where it is."""
    key, out = chance.randbytes(4), b""
    for payload in (_words(chance).encode(), data):
        size = len(payload)
        length = (
            bytes([128 | size]) if size < 126 else bytes([254]) + size.to_bytes(2) if size < 65536 else b""
        )
        length = length or bytes([255]) + size.to_bytes(8)
        out += bytes([0x81 if is_utf8(payload) else 0x82]) + length + key
        out += bytes(b ^ key[n % 4] for n, b in enumerate(payload))
    return out


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def _protobuf(data: bytes, chance: Chance) -> bytes:
    words = _words(chance).encode()
    return (
        b"\x08"
        + _varint(chance.randrange(10**6))
        + b"\x12"
        + _varint(len(words))
        + words
        + b"\x1a"
        + _varint(len(data))
        + data
    )


def _grpc(data: bytes, chance: Chance) -> bytes:
    message = _protobuf(data, chance)
    return b"\0" + len(message).to_bytes(4, "big") + message


def _raw_deflate(data: bytes, chance: Chance) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _gzip(data: bytes, chance: Chance) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(data)
    return out.getvalue()


def _zip(data: bytes, chance: Chance) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        archive.writestr("note.txt", _words(chance))
        archive.writestr("data/part.bin", data)
    return out.getvalue()


WRAPPINGS = [
    Wrapping("json", "text", "text", _json),
    Wrapping("json array", "text", "text", _array),
    Wrapping("ndjson", "text", "text", _lines),
    Wrapping("form", "any", "text", _form),
    Wrapping("url", "any", "text", _url),
    Wrapping("xml", "text", "text", _xml),
    Wrapping("html", "text", "text", _html),
    Wrapping("sse", "text", "text", _sse),
    Wrapping("multipart", "any", "binary", _multipart),
    Wrapping("mail", "text", "text", _mail),
    Wrapping("mail base64", "any", "text", _mail_base64),
    Wrapping("http", "any", "binary", _http),
    Wrapping("ws frames", "any", "binary", _socket),
    Wrapping("base64", "any", "text", lambda d, c: base64.b64encode(d)),
    Wrapping("base64 lines", "any", "text", lambda d, c: base64.encodebytes(d)),
    Wrapping("base64url", "any", "text", lambda d, c: base64.urlsafe_b64encode(d).rstrip(b"=")),
    Wrapping("base32", "any", "text", lambda d, c: base64.b32encode(d)),
    Wrapping("hex", "any", "text", lambda d, c: binascii.hexlify(d)),
    Wrapping("percent", "any", "text", lambda d, c: quote(d, safe="").encode()),
    Wrapping("quoted-printable", "text", "text", lambda d, c: quopri.encodestring(d, quotetabs=True)),
    Wrapping("utf-16", "text", "binary", lambda d, c: d.decode().encode("utf-16")),
    Wrapping("gzip", "any", "binary", _gzip),
    Wrapping("zlib", "any", "binary", lambda d, c: zlib.compress(d)),
    Wrapping("raw deflate", "any", "binary", _raw_deflate),
    Wrapping("brotli", "any", "binary", lambda d, c: brotli.compress(d)),
    Wrapping("zstd", "any", "binary", lambda d, c: zstandard.compress(d)),
    Wrapping("snappy block", "text", "binary", lambda d, c: bytes(cramjam.snappy.compress_raw(d))),
    Wrapping("zip", "any", "binary", _zip),
    Wrapping("bzip2", "any", "binary", lambda d, c: bz2.compress(d)),
    Wrapping("xz", "any", "binary", lambda d, c: lzma.compress(d)),
    Wrapping("lz4 block", "text", "binary", lambda d, c: bytes(cramjam.lz4.compress_block(d))),
    Wrapping("msgpack", "any", "binary", lambda d, c: msgpack.packb({"id": _id(c), "d": d, "w": _words(c)})),
    Wrapping(
        "cbor", "text", "binary", lambda d, c: cbor2.dumps({"id": _id(c), "d": d.decode(), "w": _words(c)})
    ),
    Wrapping("protobuf", "any", "binary", _protobuf),
    Wrapping("grpc", "any", "binary", _grpc),
]


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def chain(text: str, chance: Chance, depth: int) -> tuple[list[str], bytes]:
    """A random chain about the text: the names of its wrappings from the inside out, and the bytes."""
    data, names = text.encode(), []
    while len(names) < depth:
        fitting = [
            w for w in WRAPPINGS if (w.takes == "any" or is_utf8(data)) and (not names or w.name != names[-1])
        ]
        one = chance.choice(fitting)
        names.append(one.name)
        data = one.wrap(data, chance)
        if len(data) > 60_000:
            break
    return names, data
