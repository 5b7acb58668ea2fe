"""Beside the body: headers, cookies, tokens, the path of a URL, labels of a host name."""

import json

from promptrail.lab.encoders.mail import encoded_words, extended_value
from promptrail.lab.encoders.text_codes import BASE32, BASE64_URL, base64, percent, rfc4648
from promptrail.lab.encodings.shape import Encoding, Message, document
from promptrail.lab.world import EXFILTRATION

LABEL = 63
"""Bytes of a label of a host name at most (RFC 1035 section 2.3.4)."""


def _header(name: str, value: str) -> list[Message]:
    return [Message(headers=((name, value),))]


def _basic(text: str) -> list[Message]:
    return _header("Authorization", f"Basic {base64(f'sampler:{text}'.encode())}")


def jwt(text: str) -> str:
    """A JSON Web Token (RFC 7519) with the text as a claim; its signature is of no key."""
    head = json.dumps({"alg": "HS256", "typ": "JWT"}).encode()
    segments = (head, document(text), bytes(range(32)))
    return ".".join(rfc4648(segment, BASE64_URL, padded=False) for segment in segments)


def host_of(text: str) -> str:
    """The host that has the text in its labels, as base32 cut into labels of equal length."""
    written = rfc4648(text.encode(), BASE32, padded=False).lower()
    count = -(-len(written) // LABEL)
    size = -(-len(written) // count)
    labels = [written[at : at + size] for at in range(0, len(written), size)]
    return ".".join([*labels, EXFILTRATION])


ENCODINGS = (
    Encoding(
        "cookie, percent-encoded",
        ("percent",),
        lambda x: _header("Cookie", f"s=1; last={percent(x.encode())}"),
        part="cookie",
        pointer="last",
    ),
    Encoding(
        "cookie, base64 of JSON",
        ("base64", "json"),
        lambda x: _header("Cookie", f"s=1; ctx={rfc4648(document(x), BASE64_URL, False)}"),
        part="cookie",
        pointer="ctx > /prompt",
    ),
    Encoding(
        "header, base64",
        ("base64",),
        lambda x: _header("X-Context", base64(x.encode())),
        part="header",
        pointer="x-context",
    ),
    Encoding(
        "header, JSON",
        ("json",),
        lambda x: _header("X-Context", json.dumps({"q": x})),
        part="header",
        pointer="x-context > /q",
    ),
    Encoding("Authorization: Basic", ("base64",), _basic, part="header", pointer="authorization"),
    Encoding(
        "JWT payload",
        ("base64", "json"),
        lambda x: _header("Authorization", f"Bearer {jwt(x)}"),
        part="header",
        pointer="authorization",
    ),
    Encoding(
        "RFC 2047, B",
        ("rfc2047",),
        lambda x: _header("Subject", encoded_words(x)),
        part="header",
        pointer="subject",
    ),
    Encoding(
        "RFC 2047, Q",
        ("rfc2047",),
        lambda x: _header("Subject", encoded_words(x, q=True)),
        part="header",
        pointer="subject",
    ),
    Encoding(
        "RFC 5987",
        ("rfc8187",),
        lambda x: _header("Content-Disposition", f"attachment; filename*={extended_value(x)}"),
        part="header",
        pointer="content-disposition",
    ),
    Encoding(
        "URL path", ("percent",), lambda x: [Message(tail=f"/note/{percent(x.encode())}/save")], part="url"
    ),
    Encoding(
        "URL path, base64url",
        ("base64",),
        lambda x: [Message(tail=f"/n/{rfc4648(x.encode(), BASE64_URL, False)}")],
        part="url",
    ),
    Encoding(
        "host labels, base32",
        ("labels", "base32"),
        lambda x: [Message(host=host_of(x))],
        part="url",
        pointer="host",
    ),
)
