"""A WireGuard client for the stand-in: a configuration in, the device's IPv4 through it until tun0 is taken away.

    python -m rigs.android.wireguard FILE

Written from the protocol's paper (wireguard.com/papers/wireguard.pdf, section 5.4): one peer, one handshake, no
cookies, no new keys (a test ends long before the two minutes). The other side is mitmproxy's own server.
"""

import base64
import fcntl
import hashlib
import hmac
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"
INITIATION, RESPONSE, DATA = 1, 2, 4
SENDER = 0x70726F6D
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
MTU = 1280


def digest(*parts: bytes) -> bytes:
    return hashlib.blake2s(b"".join(parts)).digest()


def derive(key: bytes, data: bytes, count: int) -> list[bytes]:
    """HKDF with HMAC-BLAKE2s: `count` keys."""
    secret, keys = hmac.digest(key, data, "blake2s"), [b""]
    for n in range(count):
        keys.append(hmac.digest(secret, keys[-1] + bytes([n + 1]), "blake2s"))
    return keys[1:]


def seal(key: bytes, counter: int, data: bytes, about: bytes = b"") -> bytes:
    return ChaCha20Poly1305(key).encrypt(bytes(4) + struct.pack("<Q", counter), data, about)


def unseal(key: bytes, counter: int, data: bytes, about: bytes = b"") -> bytes:
    return ChaCha20Poly1305(key).decrypt(bytes(4) + struct.pack("<Q", counter), data, about)


class Tunnel:
    """The keys of one session with the server, after `shake`."""

    def __init__(self, private: bytes, server: bytes, link: socket.socket) -> None:
        self.static, self.link = X25519PrivateKey.from_private_bytes(private), link
        self.server = server
        self.sent = 0

    def shake(self) -> None:
        """The handshake, from our side."""
        ephemeral = X25519PrivateKey.generate()
        ours, public = self.static.public_key().public_bytes_raw(), ephemeral.public_key().public_bytes_raw()
        server = X25519PublicKey.from_public_bytes(self.server)
        chain = digest(CONSTRUCTION)
        said = digest(digest(chain, IDENTIFIER), self.server)
        (chain,) = derive(chain, public, 1)
        said = digest(said, public)
        chain, key = derive(chain, ephemeral.exchange(server), 2)
        static = seal(key, 0, ours, said)
        said = digest(said, static)
        chain, key = derive(chain, self.static.exchange(server), 2)
        now = time.time_ns()
        stamp = seal(key, 0, struct.pack(">QI", 2**62 + 10 + now // 10**9, now % 10**9), said)
        said = digest(said, stamp)
        message = struct.pack("<II", INITIATION, SENDER) + public + static + stamp
        mac = hashlib.blake2s(message, key=digest(b"mac1----", self.server), digest_size=16).digest()
        self.link.send(message + mac + bytes(16))

        self.link.settimeout(5)
        answer = self.link.recv(2048)
        kind, self.receiver, to = struct.unpack("<III", answer[:12])
        assert (kind, to, len(answer)) == (RESPONSE, SENDER, 92), answer
        theirs, nothing = answer[12:44], answer[44:60]
        (chain,) = derive(chain, theirs, 1)
        said = digest(said, theirs)
        (chain,) = derive(chain, ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs)), 1)
        (chain,) = derive(chain, self.static.exchange(X25519PublicKey.from_public_bytes(theirs)), 1)
        chain, shared, key = derive(chain, bytes(32), 3)
        assert unseal(key, 0, nothing, digest(said, shared)) == b""
        self.out, self.into = derive(chain, b"", 2)
        self.link.settimeout(None)

    def send(self, packet: bytes) -> None:
        head = struct.pack("<IIQ", DATA, self.receiver, self.sent)
        self.link.send(head + seal(self.out, self.sent, packet + bytes(-len(packet) % 16)))
        self.sent += 1

    def receive(self) -> bytes:
        """An IP packet, without its padding; nothing for a keep-alive."""
        answer = self.link.recv(65535)
        kind, _, counter = struct.unpack("<IIQ", answer[:16])
        packet = unseal(self.into, counter, answer[16:]) if kind == DATA else b""
        return packet[: int.from_bytes(packet[2:4])] if packet else b""


def device(address: str) -> int:
    """tun0 with this address, and everything of IPv4 that is not on the wire goes into it."""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
    for words in (
        f"addr add {address} dev tun0",
        f"link set tun0 mtu {MTU} up",
        "route add 0.0.0.0/1 dev tun0",
        "route add 128.0.0.0/1 dev tun0",
    ):
        subprocess.run(["ip", *words.split()], check=True)
    return tun


def main(file: Path) -> None:
    lines = (line.partition(" = ") for line in file.read_text().splitlines())
    told = {name: value for name, _, value in lines if value}
    host, _, port = told["Endpoint"].rpartition(":")
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.connect((host, int(port)))
    tunnel = Tunnel(base64.b64decode(told["PrivateKey"]), base64.b64decode(told["PublicKey"]), link)
    tunnel.shake()
    tun = device(told["Address"])
    while True:
        for one in select.select([tun, link], [], [])[0]:
            if one is link:
                if packet := tunnel.receive():
                    os.write(tun, packet)
            else:
                tunnel.send(os.read(tun, 65535))  # an error ends it: the interface was taken away


if __name__ == "__main__":
    main(Path(sys.argv[1]))
