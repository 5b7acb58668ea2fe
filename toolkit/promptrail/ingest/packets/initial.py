"""The ClientHello of a QUIC connection: its Initial packets are encrypted with keys that anybody can derive.

In: the first datagrams that the client sent. Out: the hello, None where they hold none. RFC 9001, 5.2 and RFC 9369
give the keys, RFC 9000, 17.2 the packets; a hello may come in many CRYPTO frames, in any order.
"""

import hmac
import struct
from collections.abc import Iterator
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from promptrail.ingest.packets.client_hello import LONGEST, ClientHello, Reader, read

PADDING, PING, ACK, ACK_ECN, CRYPTO = 0, 1, 2, 3, 6


class Version(NamedTuple):
    salt: bytes
    initial: int
    """The packet type that says Initial."""
    label: str


DRAFT = Version(bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899"), 0, "quic")
"""draft-ietf-quic-tls-29, 5.2, up to draft 32."""
VERSIONS = {
    **dict.fromkeys(range(0xFF00001D, 0xFF000021), DRAFT),
    1: Version(bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), 0, "quic"),
    0x6B3343CF: Version(bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), 1, "quicv2"),
}


class Keys:
    """A client's Initial keys, from the connection id that it chose for the server."""

    def __init__(self, version: Version, connection: bytes) -> None:
        initial = hmac.digest(version.salt, connection, "sha256")
        client = _expand(initial, "client in", 32)
        self.aead = AESGCM(_expand(client, f"{version.label} key", 16))
        self.iv = _expand(client, f"{version.label} iv", 12)
        self.cover = _expand(client, f"{version.label} hp", 16)

    def open(self, packet: bytes, at: int) -> bytes:
        """The frames of a packet whose number stands at an offset. InvalidTag where these are not its keys."""
        sample = packet[at + 4 : at + 20]
        if len(sample) < 16:
            raise IndexError
        # A single block, as header protection needs it (RFC 9001, 5.4.3): no mode of a cipher is chosen here.
        masking = Cipher(algorithms.AES(self.cover), modes.ECB()).encryptor()
        mask = masking.update(sample)
        first = packet[0] ^ (mask[0] & 0x0F)
        size = (first & 3) + 1
        number = bytes(a ^ b for a, b in zip(packet[at : at + size], mask[1:], strict=False))
        head = bytes([first]) + packet[1:at] + number
        nonce = bytes(a ^ b for a, b in zip(self.iv, number.rjust(12, b"\0"), strict=True))
        return self.aead.decrypt(nonce, packet[at + size :], head)


def _expand(secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1) of one block."""
    name = b"tls13 " + label.encode()
    info = struct.pack("!HB", length, len(name)) + name + b"\0"
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def hello_of(datagrams: list[bytes]) -> ClientHello | None:
    """The hello in the client's first datagrams."""
    parts: dict[int, bytes] = {}
    chosen: Keys | None = None
    for datagram in datagrams:
        for version, connection, packet, at in _initials(datagram):
            own = Keys(version, connection)
            for keys in filter(None, (chosen, own)):
                try:
                    frames = keys.open(packet, at)
                except (InvalidTag, IndexError):
                    continue
                chosen = keys
                _collect(frames, parts)
                break
        message = _joined(parts)
        if len(message) >= 4 and len(message) >= 4 + int.from_bytes(message[1:4]):
            try:
                return read(message[: 4 + int.from_bytes(message[1:4])])
            except ValueError:
                return None
    return None


def _initials(datagram: bytes) -> Iterator[tuple[Version, bytes, bytes, int]]:
    """Version, destination connection id, bytes and offset of the packet number of each Initial packet."""
    at = 0
    while at < len(datagram) and datagram[at] & 0xC0 == 0xC0:
        reader = Reader(datagram[at:])
        try:
            first, number = reader.number(1), reader.number(4)
            known = VERSIONS.get(number)
            connection, _ = reader.block(1).data, reader.block(1)
            if known is None:
                return
            initial = (first >> 4) & 3 == known.initial
            if initial:
                reader.take(varint(reader))
            elif (first >> 4) & 3 == (known.initial + 3) & 3:  # Retry has no length
                return
            length = varint(reader)
            place = reader.at
            reader.take(length)
        except IndexError:
            return
        if initial:
            yield known, connection, datagram[at : at + reader.at], place
        at += reader.at


def varint(reader: Reader) -> int:
    """A number of 1, 2, 4 or 8 bytes (RFC 9000, 16). IndexError at the end."""
    first = reader.number(1)
    size = 1 << (first >> 6)
    rest = reader.number(size - 1) if size > 1 else 0
    return (first & 0x3F) << 8 * (size - 1) | rest


def _collect(frames: bytes, parts: dict[int, bytes]) -> None:
    """CRYPTO frames of a packet, by their offset."""
    reader = Reader(frames)
    try:
        while reader.more:
            kind = varint(reader)
            if kind in (ACK, ACK_ECN):
                _, _, ranges, _ = (varint(reader) for _ in range(4))
                for _ in range(2 * min(ranges, len(frames)) + (3 if kind == ACK_ECN else 0)):
                    varint(reader)
            elif kind == CRYPTO:
                offset = varint(reader)
                data = reader.take(varint(reader))
                if offset + len(data) <= LONGEST:
                    parts[offset] = max(parts.get(offset, b""), data, key=len)
            elif kind not in (PADDING, PING):
                return
    except IndexError:
        return


def _joined(parts: dict[int, bytes]) -> bytes:
    """What is there without a hole, from the beginning."""
    message = b""
    for offset in sorted(parts):
        if offset > len(message):
            break
        message += parts[offset][len(message) - offset :]
    return message
