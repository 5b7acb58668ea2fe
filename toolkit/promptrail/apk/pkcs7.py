"""The signers of a PKCS #7 file (RFC 2315): its bytes in, the certificates that its signer infos name out, as they are.

A JAR signature may carry certificates that signed nothing, and certificates in an encoding that a parser would tidy
up, and with it their digest. So only the frame is walked here, by tag and length, and nothing is decoded. Refuses
what does not follow that frame, and lengths that are not definite.
"""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, BMP_STRING, SEQUENCE, SET, CONTEXT_0 = 0x02, 0x1E, 0x30, 0x31, 0xA0
Key = tuple[tuple[tuple[bytes, str], ...], bytes]
"""A name in parts, and a serial number: what a signer info says to mean a certificate."""


class Misshapen(Exception):
    """Not the frame of a PKCS #7 file; the text says where."""


class Value(NamedTuple):
    """One value: its tag, its content, and the whole with tag and length."""

    tag: int
    content: bytes
    whole: bytes


def signers(data: bytes) -> list[bytes]:
    """The signers' certificates, in order of the signer infos; Misshapen where there are none."""
    inside = _values(_first(data, SEQUENCE).content)
    explicit = next((value for value in inside if value.tag == CONTEXT_0), None)
    if explicit is None:
        raise Misshapen("holds no signed data")
    parts = list(_values(_first(explicit.content, SEQUENCE).content))
    chain = {_key(one): one.whole for part in parts if part.tag == CONTEXT_0 for one in _values(part.content)}
    if not parts or parts[-1].tag != SET:
        raise Misshapen("holds no signer infos")
    named = [_issuer_and_serial(info) for info in _values(parts[-1].content)]
    found = list(dict.fromkeys(chain[key] for key in named if key in chain))
    if not found:
        raise Misshapen("no certificate in it is the one of a signer")
    return found


def _issuer_and_serial(info: Value) -> Key:
    """From a signer info: version, then issuer and serial number."""
    parts = list(_values(info.content))
    if len(parts) < 2 or parts[1].tag != SEQUENCE:
        raise Misshapen("a signer info names no certificate")
    names = list(_values(parts[1].content))
    if len(names) < 2:
        raise Misshapen("a signer info names no certificate")
    return _name(names[0].content), names[1].content


def _key(certificate: Value) -> Key:
    """From a certificate: an optional version, the serial number, the algorithm, the issuer."""
    body = [one for one in _values(_first(certificate.content, SEQUENCE).content) if one.tag != CONTEXT_0]
    if len(body) < 3 or body[0].tag != INTEGER:
        raise Misshapen("a certificate has no issuer and serial number")
    return _name(body[2].content), body[0].content


def _name(content: bytes) -> tuple[tuple[bytes, str], ...]:
    """A name as its types and texts: the same name may be in another kind of string (RFC 5280, section 7.1)."""
    out = []
    for attribute in (one for part in _values(content) for one in _values(part.content)):
        kind, text = [*_values(attribute.content), Value(0, b"", b""), Value(0, b"", b"")][:2]
        said = text.content.decode("utf-16-be" if text.tag == BMP_STRING else "utf-8", "replace")
        out.append((kind.content, " ".join(said.casefold().split())))
    return tuple(out)


def _first(data: bytes, tag: int) -> Value:
    value = next(_values(data), None)
    if value is None or value.tag != tag:
        raise Misshapen(f"has no tag {tag:#x} where one belongs")
    return value


def _values(data: bytes) -> Iterator[Value]:
    """The values that follow each other in some bytes (X.690, section 8.1)."""
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        length, at = _length(data, at + 1)
        if length > len(data) - at:
            raise Misshapen("a length in it points outside it")
        yield Value(tag, data[at : at + length], data[start : at + length])
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise Misshapen("ends within a length")
    size = data[at] & 127 if data[at] & 128 else 0
    if data[at] == 128 or size > 8 or at + 1 + size > len(data):
        raise Misshapen("a length in it is not definite, or cut short")
    return (int.from_bytes(data[at + 1 : at + 1 + size]) if size else data[at]), at + 1 + size
