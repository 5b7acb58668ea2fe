"""Formats that people can read: JSON in its dresses, XML, property lists, HTML, multipart."""

import html
import json
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from promptrail.lab.encoders.mail import multipart, quoted_printable
from promptrail.lab.encoders.text_codes import base64, escapes
from promptrail.lab.encodings.shape import Encoding, Message, body, document, valued

JSON = "application/json"
BOUNDARY, INNER = "----SamplerBoundary7e1f", "inner-5c40"
PLIST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict><key>n</key><integer>4</integer>'
    "<key>prompt</key><string>{}</string></dict></plist>\n"
)


def in_strings(text: str, times: int) -> bytes:
    """JSON whose string value is JSON, as often as told."""
    value = json.dumps({"prompt": text}, ensure_ascii=False)
    for _ in range(times):
        value = json.dumps({"d": value}, ensure_ascii=False)
    return value.encode()


def lines(text: str) -> bytes:
    """NDJSON: one event a line, the text in the second."""
    events = [{"ev": "open", "n": 1}, {"ev": "input", "text": text}, {"ev": "close", "n": 3}]
    return "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in events).encode()


def _multipart(text: str) -> list[Message]:
    parts = (
        ('Content-Disposition: form-data; name="purpose"', b"chat"),
        ('Content-Disposition: form-data; name="prompt"', text.encode()),
    )
    media = f"multipart/form-data; boundary={BOUNDARY}"
    return [Message(multipart(BOUNDARY, *parts), (("Content-Type", media),))]


def _nested_multipart(text: str) -> list[Message]:
    inner = multipart(
        INNER, ("Content-Type: text/plain", b"-"), ("Content-Type: application/json", document(text))
    )
    head = f'Content-Disposition: form-data; name="batch"\r\nContent-Type: multipart/mixed; boundary={INNER}'
    media = f"multipart/form-data; boundary={BOUNDARY}"
    return [Message(multipart(BOUNDARY, (head, inner)), (("Content-Type", media),))]


def _part(charset: str, transfer: str, write: Callable[[bytes], bytes]) -> Callable[[str], list[Message]]:
    """A multipart body whose one part says its charset and how it is written."""
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {transfer}"
    headers = (("Content-Type", f"multipart/mixed; boundary={BOUNDARY}"),)
    return lambda text: [Message(multipart(BOUNDARY, (head, write(text.encode(charset)))), headers)]


def _chunks(text: str) -> list[Message]:
    """One request in HTTP chunks, whose ends lie inside characters."""
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Transfer-Encoding", "chunked"))
    return [Message(text.encode(), headers)]


def _references(text: str) -> str:
    """Every character as a numeric reference."""
    return "".join(f"&#x{ord(char):X};" for char in text)


def _page(inside: str) -> bytes:
    return f"<!DOCTYPE html><html><body><h1>Chat</h1><p class=q>{inside}</p></body></html>".encode()


ENCODINGS = (
    Encoding("plain text", (), body(str.encode, "text/plain; charset=utf-8")),
    Encoding("plain text, sent in chunks", (), _chunks),
    Encoding("JSON", ("json",), body(document, JSON), pointer="/prompt"),
    Encoding(
        "JSON, \\u escapes",
        ("json",),
        body(lambda x: f'{{"seq":4,"prompt":"{escapes(x)}"}}'.encode(), JSON),
        pointer="/prompt",
    ),
    Encoding(
        "JSON in a JSON string",
        ("json", "json"),
        body(lambda x: in_strings(x, 1), JSON),
        pointer="/d > /prompt",
    ),
    Encoding(
        "JSON in JSON strings, four deep",
        ("json",) * 4,
        body(lambda x: in_strings(x, 3), JSON),
        pointer="/d > /d > /d > /prompt",
    ),
    Encoding("\\u escapes in a JSON string", ("json", "escapes"), valued(escapes), pointer="/prompt"),
    Encoding("NDJSON", ("json",), body(lines, "application/x-ndjson")),
    Encoding(
        "JSONP",
        ("jsonp", "json"),
        body(lambda x: b"/**/handle(" + document(x) + b");", "application/javascript"),
        pointer="/prompt",
    ),
    Encoding(
        "guarded JSON", ("jsonp", "json"), body(lambda x: b")]}',\n" + document(x), JSON), pointer="/prompt"
    ),
    Encoding(
        "XML",
        ("markup",),
        body(
            lambda x: f'<?xml version="1.0"?><q><n>1</n><text>{escape(x)}</text></q>'.encode(),
            "application/xml",
        ),
    ),
    Encoding(
        "XML attribute",
        ("markup",),
        body(lambda x: f"<q><ask n='1' text={quoteattr(x)}/></q>".encode(), "text/xml"),
    ),
    Encoding(
        "XML, CDATA", ("markup",), body(lambda x: f"<q><text><![CDATA[{x}]]></text></q>".encode(), "text/xml")
    ),
    Encoding(
        "property list, XML",
        ("plist",),
        body(lambda x: PLIST.format(escape(x)).encode(), "application/x-plist"),
    ),
    Encoding("HTML", ("markup",), body(lambda x: _page(html.escape(x)), "text/html; charset=utf-8")),
    Encoding("HTML, numeric references", ("markup",), body(lambda x: _page(_references(x)), "text/html")),
    Encoding("multipart", ("multipart",), _multipart, pointer="prompt"),
    Encoding(
        "multipart in multipart", ("multipart", "multipart", "json"), _nested_multipart, pointer="batch"
    ),
    Encoding(
        "multipart, base64", ("multipart", "base64"), _part("utf-8", "base64", lambda d: base64(d).encode())
    ),
    Encoding(
        "multipart, quoted-printable",
        ("multipart", "quoted-printable"),
        _part("utf-8", "quoted-printable", quoted_printable),
    ),
    Encoding(
        "multipart, EUC-KR in base64",
        ("multipart", "base64", "euc-kr"),
        _part("euc-kr", "base64", lambda d: base64(d).encode()),
        languages=("ko",),
    ),
)
