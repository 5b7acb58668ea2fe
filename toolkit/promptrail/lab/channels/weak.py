"""A kit whose protection does not hold: http, an envelope with a published key, ECB, a fixed IV, a certificate unseen.

What it sends in blocks holds no probe: without its key nobody can look, and the checks are to see the blocks alone. Its
key and IV are constants of the kit, as they are in kits that were found to do so. In the Java edition the pinned kit's
cipher is a weak one, too, in four ways.
"""

import gzip
import hashlib
import json

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.channel import Channel
from promptrail.lab.encoders.envelope import BLOCK, tt
from promptrail.lab.world import BEACON, CLOUD, FINGERPRINT, UPDATES

KEY = b"brightmoor-kit-1"
IV = b"0123456789abcdef"
SAMPLE = b"sensor=none;v=0;"
"""As long as a block, so that ECB shows each repetition."""
SEALED = {
    "ecb": "AES/ECB/PKCS5Padding",
    "fixed-iv": "AES/GCM/NoPadding",
    "derived": "AES/CBC/PKCS5Padding",
    "des": "DESede/CBC/PKCS5Padding",
}
"""By path, how the fingerprint kit encrypts."""
OCTETS = {"Content-Type": "application/octet-stream"}


class Weak(Channel):
    """All of it at launch, and the blocks once more after each prompt."""

    batches = 0

    async def launched(self) -> None:
        await self._check_for_updates()
        await self._beacon()
        await self._report("app_launch")
        await self._kit("app_launch")

    async def sent(self, prompt: str) -> None:
        await self._report("message_sent", characters=len(self.s.text(prompt)))

    async def closed(self) -> None:
        await self._report("app_background")
        await self._kit("app_background")

    async def _beacon(self) -> None:
        """The device's values over http."""
        body = json.dumps({"org": "parley-mobile", "os": "15", "device": self.s.text("did")}).encode()
        await self.s.network.send(
            "POST",
            f"http://{BEACON}/v1/beacon",
            [Planted("did", "body", ("json",), "/device")],
            headers={"Content-Type": "application/json"},
            data=body,
        )

    async def _check_for_updates(self) -> None:
        """Over TLS, to whoever answers."""
        await self.s.network.send(
            "POST",
            f"https://{UPDATES}/v1/check",
            [Planted("did", "body", ("json",), "/device")],
            headers={"Content-Type": "application/json"},
            data=json.dumps({"channel": "stable", "device": self.s.text("did")}).encode(),
            checked=False,
        )

    async def _kit(self, event: str) -> None:
        """The fingerprint kit's reports, each encrypted inside TLS in another way."""
        if self.s.plan["edition"] != "java":
            return
        report = json.dumps({"event": event, "id": self.s.text("did")}).encode()
        for how, algorithm in SEALED.items():
            chain = ("json", "base64", f"javax.crypto {algorithm}", "json")
            known = [Planted("did", "body", chain, "/data > /id")]
            await self.s.network.send_pinned(FINGERPRINT, f"/v3/{how}", report, known)

    async def _report(self, event: str, **params: object) -> None:
        """One event in three wrappings."""
        self.batches += 1
        batch = {
            "magic_tag": "ss_app_log",
            "header": {"device_id": self.s.text("did")},
            "event": event,
            **params,
        }
        content = gzip.compress(json.dumps(batch).encode(), mtime=0)
        seed = hashlib.sha256(f"{self.s.session} {self.batches}".encode()).digest()
        planted = [Planted("did", "body", ("tt", "gzip", "json"), "/header/device_id")]
        headers = {"Content-Type": "application/octet-stream;tt-data=a"}
        url = f"https://{CLOUD}/v2/applog"
        await self.s.network.send("POST", url, planted, headers=headers, data=tt(content, seed))
        record = SAMPLE * 6 + f"event={event};n={self.batches}".encode()
        await self.s.network.send(
            "POST", f"https://{CLOUD}/v2/blocks", headers=OCTETS, data=blocks(record, None)
        )
        record = b"kit=brightmoor;v=4.1.0;os=Android 15;model=SIM-8;"
        record += (
            hashlib.sha256(self.s.session.encode()).digest()[: 8 * (self.batches % 4)] + event.encode() * 3
        )
        await self.s.network.send(
            "POST", f"https://{CLOUD}/v2/chained", headers=OCTETS, data=blocks(record, IV)
        )


def blocks(record: bytes, iv: bytes | None) -> bytes:
    """AES under the kit's key: each block by itself, or chained from an IV; padded as PKCS #7 says."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    missing = BLOCK - len(record) % BLOCK
    mode = modes.ECB() if iv is None else modes.CBC(iv)
    context = Cipher(algorithms.AES(KEY), mode).encryptor()
    return context.update(record + bytes([missing]) * missing) + context.finalize()
