"""What the TLS of one connection shows of itself, as tshark tells it frame by frame: server, certificate, alerts, keys.

In: the frames of a connection that hold TLS, and which side sent each. Out: facts, and the decrypted bytes of a frame.
"""

import ssl

from promptrail.ingest.certificate import names_and_issuer
from promptrail.ingest.packets.client_hello import LONGEST, VERSION_NAMES, ClientHello, in_records
from promptrail.ingest.packets.frames import Frame

SERVER_HELLO, EXTENSIONS, CERTIFICATE, FINISHED = 2, 8, 11, 20
APPLICATION_DATA, RECORD, LARGEST = 23, 5, 18_432
"""Type of a record, length of its head, and the most that a record holds (RFC 5246, 6.2.3)."""
FIRST = 8
"""So many protected records of each side have their lengths kept."""


class Tls:
    """`middle`: the capture begins behind the handshake. `opened`: tshark has its keys."""

    def __init__(self, middle: bool = False) -> None:
        self.middle = middle
        self.hello: ClientHello | None = None
        self.odd_hello = self.answered = self.opened = False
        self.version: str | None = None
        self.cipher: str | None = None
        self.alpn: str | None = None
        self.names: list[str] = []
        self.issuer: str | None = None
        self.certificate = self.odd_certificate = False
        self.finished: set[int] = set()
        self.alerts: list[tuple[int, int]] = []
        """(side, description)"""
        self.records: tuple[list[int], list[int]] = ([], [])
        self.sent = [0, 0]
        """Decrypted bytes of each side."""
        self.unopened = [0, 0]
        """Records of each side that stayed encrypted."""
        self._begun = b""

    def greet(self, data: bytes) -> None:
        """More of the client's stream, until its hello is whole."""
        if self.hello or self.odd_hello or self.middle:
            return
        self._begun += data
        try:
            self.hello = in_records(self._begun)
            self.odd_hello = self.hello is None and len(self._begun) > LONGEST
        except ValueError:
            self.odd_hello = True
        if self.hello or self.odd_hello:
            self._begun = b""

    def frame(self, side: int, client: int, frame: Frame) -> tuple[list[bytes], int]:
        """The decrypted contents of a frame, and how many of its records stayed encrypted."""
        kinds = frame.numbers("tls.handshake.type")
        self.alerts += [(side, said) for said in frame.numbers("tls.alert_message.desc")]
        if FINISHED in kinds:
            self.finished.add(side)
        if side != client:
            self.served(frame, kinds)
        lengths = frame.numbers("tls.record.length")
        inner, outer = frame.numbers("tls.record.content_type"), frame.numbers("tls.record.opaque_type")
        sent = frame.contents("data.data")
        if protected := len(outer) or inner.count(APPLICATION_DATA):
            self.records[side].extend(lengths[-protected:][: FIRST - len(self.records[side])])
        self.sent[side] += sum(map(len, sent))
        self.opened |= bool(sent) or FINISHED in kinds or (bool(outer) and len(inner) == len(lengths))
        left = len(lengths) - len(inner) if outer else inner.count(APPLICATION_DATA) - len(sent)
        self.unopened[side] += max(left, 0)
        return sent, max(left, 0)

    def served(self, frame: Frame, kinds: list[int]) -> None:
        """The server's part of the handshake."""
        if SERVER_HELLO in kinds:
            self.answered = True
            chosen = frame.numbers("tls.handshake.extensions.supported_version")
            chosen = chosen or frame.numbers("tls.handshake.version")
            suites = frame.numbers("tls.handshake.ciphersuite")
            self.cipher = f"0x{suites[0]:04x}" if suites else None
            self.version = VERSION_NAMES.get(chosen[0], f"TLS 0x{chosen[0]:04x}") if chosen else None
        if SERVER_HELLO in kinds or EXTENSIONS in kinds:
            self.alpn = frame.text("tls.handshake.extensions_alpn_str") or self.alpn
        if CERTIFICATE in kinds and not self.certificate:
            chain = frame.contents("tls.handshake.certificate")
            self.certificate = True
            leaf = names_and_issuer(ssl.DER_cert_to_PEM_cert(chain[0]).encode()) if chain else None
            self.odd_certificate = leaf is None
            self.names, self.issuer = leaf or ([], None)


def sealed(head: bytes) -> bool:
    """Whether these can be the first bytes of a TLS record."""
    return (
        len(head) >= RECORD
        and 20 <= head[0] <= 23
        and head[1] == 3
        and head[2] <= 4
        and int.from_bytes(head[3:5]) <= LARGEST
    )
