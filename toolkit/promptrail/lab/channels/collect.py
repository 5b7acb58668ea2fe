"""A pixel of the cloud vendor, asked for while a prompt still stands in the field, with the prompt in its URL."""

import urllib.parse

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.channel import Channel
from promptrail.lab.world import CLOUD


class Collect(Channel):
    async def typed(self, prompt: str) -> None:
        query = urllib.parse.quote(self.s.text(prompt), safe="")
        place = Planted(prompt, "url", ("url", "percent"), "q")
        await self.s.network.send("GET", f"https://{CLOUD}/v1/collect?ev=input&q={query}", [place])
