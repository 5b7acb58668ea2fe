"""The fingerprint kit: a device profile to its vendor at launch, over a connection that is pinned."""

import json

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.channel import Channel
from promptrail.lab.world import FINGERPRINT


class Fingerprint(Channel):
    async def launched(self) -> None:
        profile = {"sensors": 7, "model": "SIM-8", "rooted": False, "id": self.s.text("did")}
        sealed = ("json", "base64", "javax.crypto AES/GCM/NoPadding", "json")
        kit = self.s.plan["edition"] == "java"
        known = [Planted("did", "body", sealed if kit else ("json",), "/data > /id" if kit else "/id")]
        await self.s.network.send_pinned(FINGERPRINT, "/v3/profile", json.dumps(profile).encode(), known)
