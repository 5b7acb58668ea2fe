"""What one session of the lab's app has at hand: its plan, its network, its answer key, the ids that follow."""

import asyncio
import base64
import random
from typing import Any

from promptrail.lab.answer_key import AnswerKey, Planted
from promptrail.lab.network import Network

MOMENT = 0.1
"""Seconds between two steps of a person."""


class Session:
    """The same plan gives the same ids and tokens."""

    def __init__(self, plan: dict[str, Any], key: AnswerKey, network: Network):
        self.plan, self.key, self.network = plan, key, network
        self.probes: dict[str, dict[str, str]] = plan["probes"]
        rng = random.Random(f"{plan['seed']} {plan['run']}")
        self.session = f"{rng.getrandbits(96):024x}"
        self.token = base64.urlsafe_b64encode(rng.randbytes(24)).decode()
        self.other_device = f"{rng.getrandbits(64):016x}"
        self.boundary = f"{rng.getrandbits(128):032x}"

    def text(self, probe: str) -> str:
        return self.probes[probe]["text"]

    async def moment(self) -> None:
        await asyncio.sleep(MOMENT)

    def identified(self) -> tuple[dict[str, str], list[Planted]]:
        """Headers of every request to the chat's own server, and the probes in them."""
        device = self.text("did")
        encoded = base64.b64encode(device.encode()).decode()
        headers = {"X-Device-Id": encoded, "Cookie": f"did={device}", "Authorization": f"Bearer {self.token}"}
        return headers, [
            Planted("did", "header", ("header", "base64"), "X-Device-Id"),
            Planted("did", "cookie", ("cookie",), "did"),
        ]
