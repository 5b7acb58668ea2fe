"""Text written in another way, by other implementations: codes, mail words, escapes, markup, hosts; and near misses."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import email.header
import email.message
import email.mime.application
import email.mime.multipart
import email.mime.text
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import pytest

from decode.unwrapping import ASCII, CHINESE, KOREAN, TEXTS, below, found
from promptrail.decode.layer import Layer

Write = Callable[[str], str | bytes]
Expected = tuple[tuple[str, ...], str]


def json_of(text: str, name: str = "q") -> str:
    return json.dumps({name: text})


def labels(code: bytes, size: int = 60) -> str:
    """A value cut into labels of a host name, as tunnels over DNS do."""
    text = code.rstrip(b"=").lower().decode()
    return "https://" + ".".join(text[n : n + size] for n in range(0, len(text), size)) + ".t.exfil.test/"


def jwt(claims: str) -> str:
    parts = (b'{"alg":"HS256","typ":"JWT"}', claims.encode(), bytes(range(100, 132)))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def mail(text: str, transfer: str) -> bytes:
    """A multipart message inside another, with a part in that transfer encoding."""
    outer, inner = (
        email.mime.multipart.MIMEMultipart("mixed", boundary="Out-1"),
        email.mime.multipart.MIMEMultipart(boundary="In-2"),
    )
    part = email.message.EmailMessage()
    part.set_content(text, cte=transfer)
    del part["MIME-Version"]
    inner.attach(email.mime.text.MIMEText("first part"))
    inner.attach(part)
    outer.attach(inner)
    return outer.as_bytes()[outer.as_bytes().index(b"--Out-1") :]


WAYS: list[tuple[str, Write, str, Expected]] = [
    ("base32", lambda t: json_of(base64.b32encode(t.encode()).decode()), "", (("json", "base32"), "/q")),
    ("base32, lower case, no padding", lambda t: base64.b32encode(t.encode()).decode().lower().rstrip("="), "", (("base32",), "")),
    ("base32 inside a text", lambda t: f"key: {base64.b32encode(t.encode()).decode()}, end", "", (("base32",), "")),
    ("base85", lambda t: json_of(base64.b85encode(t.encode()).decode()), "", (("json", "base85"), "/q")),
    ("Ascii85", lambda t: base64.a85encode(t.encode(), adobe=True), "", (("base85",), "")),
    ("base64 in lines of 76", lambda t: base64.encodebytes(t.encode() + b" " * 90 + b'{"q":1}'), "", (("base64",), "")),
    ("JWT", lambda t: f"Bearer {jwt(json_of(t, 'sub'))}", "", (("base64", "json"), "JWT payload > /sub")),
    ("Basic", lambda t: b"Basic " + base64.b64encode(t.encode()), "", (("base64",), "")),
    ("quoted-printable", lambda t: quopri.encodestring((t + " = done\u00e9\u00e9").encode(), quotetabs=True), "", (("quoted-printable",), "")),
    ("encoded words, B", lambda t: email.header.Header(t + "\u00e9", "utf-8").encode(), "", (("rfc2047",), "")),
    ("encoded words, Q", lambda t: f"=?utf-8?q?{quopri.encodestring(t.encode(), header=True).decode()}?=".replace("=\n", ""), "", (("rfc2047",), "")),
    ("encoded words in EUC-KR", lambda t: "=?euc-kr?B?" + base64.b64encode("기록 \ud68c\uc758".encode("euc-kr")).decode() + "?= " + t, "", (("rfc2047",), "")),
    ("extended parameter", lambda t: f"attachment; filename*=UTF-8''{quote(t, safe='')}", "", (("rfc8187",), "filename*")),
    ("entities", lambda t: json_of("&lt;p&gt; &amp; " + "".join(f"&#{ord(c)};" for c in t)), "", (("json", "entities", "markup"), "/q > /p")),
    ("hexadecimal entities", lambda t: "".join(f"&#x{ord(c):X};" for c in t), "", (("entities",), "")),
    ("byte escapes", lambda t: "".join(f"\\x{b:02x}" for b in t.encode()), "", (("escapes",), "")),
    ("code point escapes", lambda t: "".join(f"\\u{{{ord(c):x}}}" for c in t), "", (("escapes",), "")),
    ("Unicode escapes", lambda t: t.encode("unicode_escape") + b"\\u00e9", "", (("escapes",), "")),
    ("JSONP", lambda t: f"/**/ jQuery12_3.cb({json_of(t)});", "", (("jsonp", "json"), "/q")),
    ("guarded JSON", lambda t: f")]}}',\n{json_of(t)}", "", (("jsonp", "json"), "/q")),
    ("endless loop", lambda t: f"for (;;);{json_of(t)}", "", (("jsonp", "json"), "/q")),
    ("assigned JSON", lambda t: f"window.__STATE__ = {json_of(t)};", "", (("jsonp", "json"), "/q")),
    ("XML text", lambda t: f"<a><b i='1'>x</b><c>{escape(t)}</c></a>", "", (("markup",), "/a/c")),
    ("XML attribute", lambda t: f"<?xml version='1.0'?><a><b i={quoteattr(t)}/></a>", "", (("markup",), "/a/b/@i")),
    ("CDATA", lambda t: f"<s:Envelope><s:Body><![CDATA[{t}]]></s:Body></s:Envelope>", "text/xml", (("markup",), "/s:Envelope/s:Body")),
    ("comment", lambda t: f"<a><!--{t}--></a>", "", (("markup",), "/a (comment)")),
    ("HTML text", lambda t: f"<!DOCTYPE html><body><br><p>a > b<p>{html.escape(t)}</p></body>", "text/html", (("markup",), "/body/p/p")),
    ("JSON in a script", lambda t: f"<html><script type=x>{json_of(t)}</script></html>", "", (("markup", "json"), "/html/script > /q")),
    ("XML, cut", lambda t: f"<a><b>{escape(t)}", "", (("markup",), "/a/b")),
    ("JSON in XML", lambda t: f"<m><![CDATA[{json_of(t)}]]></m>", "", (("markup", "json"), "/m > /q")),
    ("base32 in a host", lambda t: labels(base64.b32encode(t.encode())), "", (("labels", "base32"), "host")),
    ("hex in a host", lambda t: labels(t.encode().hex().encode()), "", (("labels", "hex"), "host")),
    ("base64 in a path", lambda t: f"https://a.test/v1/{base64.urlsafe_b64encode(t.encode()).decode()}/x", "", (("url", "base64"), "path")),
    ("nested multipart, base64", lambda t: mail(t, "base64"), "multipart/mixed; boundary=out-1", (("multipart", "multipart", "base64"), "part 0 > part 1")),
    (
        "multipart, extended file name",
        lambda t: f"--Ab\r\nContent-Disposition: form-data; name=\"f\"; filename*=UTF-8''{quote(t)}\r\n\r\nx\r\n--Ab--",
        "",
        (("multipart",), "part f, filename*"),
    ),
]  # fmt: skip


def inside(text: str, data: str | bytes, media: str) -> list[Expected]:
    """(chain, path) of every innermost layer that contains the text."""
    whole = data.encode() if isinstance(data, str) else data
    layers = [layer for layer in below(Layer(whole, media=media)) if text.encode() in layer.data]
    parents = [layer.parent for layer in layers]
    return [(layer.chain, " > ".join(layer.path)) for layer in layers if layer not in parents]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(("write", "media", "expected"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS])
def test_a_text_is_unwrapped(write: Write, media: str, expected: Expected, text: str) -> None:
    """Chain and path name what was undone and where the value stood, and it is told once."""
    raw = text.encode("unicode_escape") == text.encode()
    chain_is_needless = raw and expected[0] in (("escapes",), ("rfc2047",), ("quoted-printable",))
    assert chain_is_needless or inside(text, write(text), media) == [expected]


RFC_VECTORS = [
    ("RFC 4648 section 10, base32", b"k=MZXW6YTBOI======&x=JBSWY3DPEB3W64TMMQQQ", b"Hello world!"),
    ("RFC 2047 section 8", b"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>".encode()),
    ("RFC 2047, neighbours", b"=?US-ASCII?Q?a_long_?= =?US-ASCII?Q?word?=", b"a long word"),
    ("RFC 8187 section 3.2.3", b"foo; title*=UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", "£ and € rates".encode()),
    ("RFC 2045 section 6.7", b"Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.", b"Now's the time for all folk to come to the aid of their country."),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text"), [v[1:] for v in RFC_VECTORS], ids=[v[0] for v in RFC_VECTORS])
def test_the_standards_own_examples(data: bytes, text: bytes) -> None:
    """What the documents give as example."""
    assert text in [layer.data for layer in below(Layer(data))]


NEAR_MISSES = [
    ("base32 with an 8", base64.b32encode(KOREAN.encode()).replace(b"A", b"8"), "base32"),
    ("base32 of no length", b"MZXW6YTBOI2DGMZXW", "base32"),
    (
        "base85 with a space",
        base64.b85encode(KOREAN.encode())[:30] + b" " + base64.b85encode(b"x" * 30),
        "base85",
    ),
    ("a call without its end", b'render({"q": "a long text"', "jsonp"),
    ("a comparison", b"if a < b and c > d then nothing", "markup"),
    ("equals signs that quote nothing", b"a=3D b=x c=20", "quoted-printable"),
    ("an ampersand", b"salt & pepper; AT&T; R&D", "entities"),
    ("a Windows path", b"C:\\new\\table\\report.txt", "escapes"),
    ("an encoded word without its end", b"=?utf-8?B?7ZqM7J2Y", "rfc2047"),
    ("three words with dots", b"abc.def.ghi", "base64"),
]


@pytest.mark.parametrize(("data", "word"), [n[1:] for n in NEAR_MISSES], ids=[n[0] for n in NEAR_MISSES])
def test_a_near_miss_is_left_alone(data: bytes, word: str) -> None:
    """What only looks like it is not taken for it."""
    assert word not in [layer.chain[-1] for layer in below(Layer(data))]


@pytest.mark.parametrize("codec", ["zlib", "bz2", "hex", "base64", "uu", "rot13", "no-such"])
def test_a_codec_of_python_is_no_charset(codec: str) -> None:
    """A message may name any; those that are not of text are neither run nor do they end the decoding."""
    for written in (f"=?{codec}?Q?a_long_word?=", f"attachment; filename*={codec}''a%5Flong%5Fword"):
        assert any(b"long" in layer.data for layer in below(Layer(written.encode())))


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"])
def test_a_code_cut_by_characters_of_no_width_is_read(hidden: str) -> None:
    """Hidden in prose they are folded by the search; inside base64 they would hide the whole text."""
    code = hidden.join(base64.b64encode(KOREAN.encode()).decode())
    assert found(KOREAN, f"see: {code}".encode()) == [(("zero-width", "base64"), "")]


def test_markup_offsets_lead_back() -> None:
    """An element's text stands at its offset where nothing had to be undone."""
    data = f"<a x='{ASCII}'><b>{CHINESE}</b></a>".encode()
    leaves = [layer for layer in below(Layer(data)) if layer.chain == ("markup",)]
    assert [data[leaf.start :][: leaf.length] for leaf in leaves] == [ASCII.encode(), CHINESE.encode()]
    assert all(leaf.exact for leaf in leaves)


def test_entities_declared_in_a_document_are_not_followed() -> None:
    """A document that doubles its own entities stays as small as it is."""
    doubled = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 40))
    data = f'<!DOCTYPE x [<!ENTITY e0 "bomb">{doubled}]><x>&e39; and a text</x>'.encode()
    assert sum(len(layer.data) for layer in below(Layer(data))) < 4 * len(data)
