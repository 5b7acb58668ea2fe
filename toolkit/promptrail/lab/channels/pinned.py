"""A kit that tells its vendor everything over a pinned connection: contact can be seen, and nothing else."""

import json

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.channel import Channel
from promptrail.lab.world import FINGERPRINT


class Pinned(Channel):
    """It gives up in silence when it meets the proxy's certificate: a recording without hooks holds nothing of it."""

    async def launched(self) -> None:
        await self._tell("launch", "did")

    async def sent(self, prompt: str) -> None:
        await self._tell("message", prompt)

    async def closed(self) -> None:
        await self._tell("background", "did")

    async def _tell(self, event: str, probe: str) -> None:
        body = json.dumps({"event": event, "value": self.s.text(probe)}, ensure_ascii=False).encode()
        await self.s.network.send_pinned(
            FINGERPRINT, "/v3/events", body, [Planted(probe, "body", ("json",), "/value")]
        )
