"""The help-desk's kit: who the person is, and a socket that says that they are there."""

import json
import urllib.parse
import zlib

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.channel import Channel
from promptrail.lab.world import HELP_DESK


class HelpDesk(Channel):
    async def helped(self) -> None:
        s = self.s
        device = json.dumps({"device_id": s.text("did"), "plan": "free"}).encode()
        form = urllib.parse.urlencode({"email": s.text("email"), "ctx": zlib.compress(device).hex()})
        planted = [
            Planted("email", "body", ("form",), "email"),
            Planted("did", "body", ("form", "hex", "zlib", "json"), "ctx > /device_id"),
        ]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        await s.network.send(
            "POST", f"https://{HELP_DESK}/v1/identify", planted, headers=headers, data=form.encode()
        )
        hello = {"type": "presence", "device": s.text("did"), "page": "settings"}
        await s.network.talk(
            f"wss://{HELP_DESK}/ws", [Planted("did", "ws", ("ws", "json"), "/device")], [json.dumps(hello)]
        )
