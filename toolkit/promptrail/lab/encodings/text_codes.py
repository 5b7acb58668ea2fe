"""Bytes written as text: base64 and its kin, hex, percent-encoding; as values, inside text, and one in another."""

import json

from promptrail.lab.encoders import text_codes as t
from promptrail.lab.encoders.compression import gzip, zlib_stream
from promptrail.lab.encodings.shape import Encoding, Message, body, document, valued

FORM = "application/x-www-form-urlencoded"


def _query(text: str) -> list[Message]:
    return [Message(tail=f"?ev=input&q={t.percent(text.encode())}&n=1")]


def _query_twice(text: str) -> list[Message]:
    return [Message(tail=f"?u={t.percent(t.percent(text.encode()).encode())}")]


def _form(text: str) -> bytes:
    return b"n=1&text=" + t.percent(text.encode(), plus=True).encode() + b"&lang=x"


def _form_of_base64(text: str) -> bytes:
    return b"n=1&data=" + t.percent(t.base64(document(text)).encode()).encode()


ENCODINGS = (
    Encoding("base64", ("json", "base64"), valued(lambda x: t.base64(x.encode())), pointer="/prompt"),
    Encoding(
        "base64 without padding",
        ("json", "base64"),
        valued(lambda x: t.base64(x.encode()).rstrip("=")),
        pointer="/prompt",
    ),
    Encoding(
        "base64url",
        ("json", "base64"),
        valued(lambda x: t.rfc4648(x.encode(), t.BASE64_URL)),
        pointer="/prompt",
    ),
    Encoding(
        "base64url without padding",
        ("json", "base64"),
        valued(lambda x: t.rfc4648(x.encode(), t.BASE64_URL, False)),
        pointer="/prompt",
    ),
    Encoding(
        "base64 inside text",
        ("json", "base64"),
        valued(lambda x: f"see attachment <{t.base64(x.encode())}> and reply"),
        pointer="/prompt",
    ),
    Encoding(
        "base64 in a data URL",
        ("json", "base64"),
        valued(lambda x: f"data:text/plain;charset=utf-8;base64,{t.base64(x.encode())}"),
        pointer="/prompt",
    ),
    Encoding(
        "base64 twice",
        ("json", "base64", "base64"),
        valued(lambda x: t.base64(t.base64(x.encode()).encode())),
        pointer="/prompt",
    ),
    Encoding(
        "base64 of JSON, as the body",
        ("base64", "json"),
        body(lambda x: t.base64(document(x)).encode(), "text/plain"),
        pointer="/prompt",
    ),
    Encoding(
        "base64 of gzip of JSON",
        ("json", "base64", "gzip", "json"),
        valued(lambda x: t.base64(gzip(document(x)))),
        pointer="/prompt > /prompt",
    ),
    Encoding(
        "base32", ("json", "base32"), valued(lambda x: t.rfc4648(x.encode(), t.BASE32)), pointer="/prompt"
    ),
    Encoding(
        "base32 in small letters, without padding",
        ("json", "base32"),
        valued(lambda x: t.rfc4648(x.encode(), t.BASE32, False).lower()),
        pointer="/prompt",
    ),
    Encoding("base85", ("json", "base85"), valued(lambda x: t.base85(x.encode())), pointer="/prompt"),
    Encoding("Ascii85", ("json", "base85"), valued(lambda x: t.ascii85(x.encode())), pointer="/prompt"),
    Encoding(
        "Ascii85 without its marks",
        ("json", "base85"),
        valued(lambda x: t.ascii85(x.encode(), marks=False)),
        pointer="/prompt",
    ),
    Encoding("Z85", ("json", "base85"), valued(lambda x: t.z85(x.encode())), pointer="/prompt"),
    Encoding("hex", ("json", "hex"), valued(lambda x: t.rfc4648(x.encode(), t.BASE16)), pointer="/prompt"),
    Encoding(
        "hex in capitals",
        ("json", "hex"),
        valued(lambda x: t.rfc4648(x.encode(), t.BASE16).upper()),
        pointer="/prompt",
    ),
    Encoding(
        "hex of zlib",
        ("json", "hex", "zlib"),
        valued(lambda x: t.rfc4648(zlib_stream(x.encode()), t.BASE16)),
        pointer="/prompt",
    ),
    Encoding("percent-encoded, in a query", ("percent",), _query, part="url", pointer="q"),
    Encoding(
        "percent-encoded twice, in a query", ("percent", "percent"), _query_twice, part="url", pointer="u"
    ),
    Encoding(
        "percent-encoded, in JSON",
        ("json", "percent"),
        valued(lambda x: t.percent(x.encode())),
        pointer="/prompt",
    ),
    Encoding("form, + for space", ("form",), body(_form, FORM), pointer="text"),
    Encoding(
        "base64 of JSON in a form",
        ("form", "base64", "json"),
        body(_form_of_base64, FORM),
        pointer="data > /prompt",
    ),
    Encoding(
        "JSON in a form",
        ("form", "json"),
        body(lambda x: b"payload=" + t.percent(json.dumps({"a": [x]}).encode(), True).encode(), FORM),
        pointer="payload > /a/0",
    ),
)
