"""A TLS ClientHello (RFC 8446, 4.1.2) out of its bytes: SNI, ALPN, versions, and its fingerprints JA3 and JA4.

In: the client's first records, or a handshake message as QUIC carries it. Out: what the hello says; None where more
bytes are needed, ValueError where it is none. JA3 is MD5 over decimal lists (github.com/salesforce/ja3, BSD-3-Clause);
of FoxIO's JA4+ suite only JA4 itself is made here (github.com/FoxIO-LLC/ja4, technical_details/JA4.md, BSD-3-Clause).
"""

import hashlib
import struct
from dataclasses import dataclass, field

HANDSHAKE, CLIENT_HELLO = 22, 1
SERVER_NAME, GROUPS, FORMATS, SIGNATURES, ALPN, VERSIONS, ECH = 0, 10, 11, 13, 16, 43, 0xFE0D
LONGEST = 131_072
"""A hello with post-quantum keys has some 2,000 bytes; a longer one is not put together."""
VERSION_NAMES = {
    0x0300: "SSLv3",
    0x0301: "TLSv1",
    0x0302: "TLSv1.1",
    0x0303: "TLSv1.2",
    0x0304: "TLSv1.3",
    0xFEFF: "DTLSv1",
    0xFEFD: "DTLSv1.2",
    0xFEFC: "DTLSv1.3",
}
JA4_VERSIONS = {
    **{0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"},
    **{0xFEFF: "d1", 0xFEFD: "d2", 0xFEFC: "d3"},
}
NONE = "0" * 12


def is_grease(value: int) -> bool:
    """A value that means nothing and keeps servers tolerant (RFC 8701)."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


@dataclass(frozen=True, slots=True)
class ClientHello:
    """Numbers in the order of the hello, GREASE included."""

    version: int
    ciphers: list[int]
    extensions: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    signatures: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    alpn: list[bytes] = field(default_factory=list)
    sni: str | None = None

    @property
    def ech(self) -> bool:
        """Whether it carries encrypted_client_hello, which may be an empty show of it (GREASE)."""
        return ECH in self.extensions

    def ja3_text(self) -> str:
        lists = (self.ciphers, self.extensions, self.groups, self.formats)
        return ",".join([str(self.version), *("-".join(map(str, _plain(one))) for one in lists)])

    def ja3(self) -> str:
        return hashlib.md5(self.ja3_text().encode(), usedforsecurity=False).hexdigest()

    def ja4(self, transport: str = "t") -> str:
        """`transport`: t for TCP, q for QUIC, d for DTLS."""
        ciphers, extensions = _plain(self.ciphers), _plain(self.extensions)
        offered = [one for one in _plain(self.versions) if one in JA4_VERSIONS]
        version = JA4_VERSIONS.get(max(offered, default=self.version), "00")
        named = "d" if SERVER_NAME in self.extensions else "i"
        count = f"{min(len(ciphers), 99):02}{min(len(extensions), 99):02}"
        rest = ",".join(_hex(sorted(one for one in extensions if one not in (SERVER_NAME, ALPN))))
        if signatures := _plain(self.signatures):
            rest += "_" + ",".join(_hex(signatures))
        first = ",".join(_hex(sorted(ciphers)))
        hashes = (_short(first) if ciphers else NONE, _short(rest) if extensions else NONE)
        return f"{transport}{version}{named}{count}{_ends(self.alpn)}_" + "_".join(hashes)


def _plain(values: list[int]) -> list[int]:
    return [one for one in values if not is_grease(one)]


def _hex(values: list[int]) -> list[str]:
    return [f"{one:04x}" for one in values]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _ends(alpn: list[bytes]) -> str:
    """First and last character of the first protocol; of its hex digits where they are no letters or figures."""
    if not alpn or not alpn[0]:
        return "00"
    first, last = alpn[0][:1], alpn[0][-1:]
    if first.isalnum() and last.isalnum():
        return (first + last).decode("ascii")
    digits = alpn[0].hex()
    return digits[0] + digits[-1]


def in_records(data: bytes) -> ClientHello | None:
    """The hello that a client's first TLS records carry; None: more are needed."""
    message, at = b"", 0
    while True:
        if len(message) >= 4 and len(message) >= 4 + (size := int.from_bytes(message[1:4])):
            return read(message[: 4 + size])
        if len(data) < at + 5:
            return None
        kind, major, _, length = struct.unpack_from("!BBBH", data, at)
        if kind != HANDSHAKE or major != 3:
            raise ValueError("no TLS handshake record")
        message += data[at + 5 : at + 5 + length]
        if message[:1] not in (b"", b"\x01") or int.from_bytes(message[1:4]) > LONGEST:
            raise ValueError("no ClientHello")
        if len(data) < at + 5 + length:
            return None
        at += 5 + length


def read(message: bytes) -> ClientHello:
    """A whole handshake message: type, length, ClientHello."""
    try:
        return _read(Reader(message))
    except IndexError as fault:
        raise ValueError("a ClientHello that ends too early") from fault


class Reader:
    """Numbers and length-prefixed fields from the front; IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise IndexError
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def block(self, size: int) -> "Reader":
        """A field behind its length."""
        return Reader(self.take(self.number(size)))

    @property
    def more(self) -> bool:
        return self.at < len(self.data)

    def numbers(self, size: int) -> list[int]:
        return [self.number(size) for _ in range((len(self.data) - self.at) // size)]


def _read(whole: Reader) -> ClientHello:
    if whole.number(1) != CLIENT_HELLO:
        raise ValueError("no ClientHello")
    hello = whole.block(3)
    version = hello.number(2)
    hello.take(32)
    hello.block(1)
    ciphers = hello.block(2).numbers(2)
    hello.block(1)
    found: dict[str, list[int]] = {}
    extensions: list[int] = []
    alpn: list[bytes] = []
    sni = None
    rest = hello.block(2) if hello.more else Reader(b"")
    while rest.more:
        kind, content = rest.number(2), rest.block(2)
        extensions.append(kind)
        if kind in LISTS:
            name, prefix, size = LISTS[kind]
            found[name] = content.block(prefix).numbers(size)
        elif kind == ALPN:
            names = content.block(2)
            while names.more:
                alpn.append(names.block(1).data)
        elif kind == SERVER_NAME and content.more:
            sni = _server_name(content.block(2)) or sni
    return ClientHello(version, ciphers, extensions, alpn=alpn, sni=sni, **found)


LISTS = {
    GROUPS: ("groups", 2, 2),
    FORMATS: ("formats", 1, 1),
    SIGNATURES: ("signatures", 2, 2),
    VERSIONS: ("versions", 1, 2),
}
"""Extensions that are one list of numbers: its name here, bytes of its length, bytes of each number."""


def _server_name(names: Reader) -> str | None:
    """The host name (RFC 6066, 3); bytes that are no ASCII stand as %XX."""
    while names.more:
        kind, name = names.number(1), names.block(2)
        if kind == 0:
            return "".join(chr(b) if 0x20 < b < 0x7F else f"%{b:02X}" for b in name.data) or None
    return None
