"""The lab's chatbot app "Parley": what it does with its own server, step by step, and when its channels get to act."""

import asyncio
import json

from promptrail.lab.answer_key import Planted
from promptrail.lab.builds import BUILDS
from promptrail.lab.channels.channel import Channel
from promptrail.lab.session import Session
from promptrail.lab.world import CHAT

LATER = 1.5
"""Seconds after a refusal in which nothing is sent, so that what follows is after it by any clock."""


class Parley:
    """One session of one build."""

    def __init__(self, session: Session):
        self.s = session
        self.build = BUILDS[session.plan["release"]]
        self.channels: list[Channel] = [kind(session) for kind in self.build.channels]

    async def play(self) -> None:
        """The whole session, as the plan has it."""
        s = self.s
        await self.launch()
        await s.moment()
        if s.plan["consent"] == "refuse":
            await self.decide(False)
            await asyncio.sleep(LATER)
        else:
            await self.decide(True)
            for draft in s.plan["drafts"]:
                await self.leave_unsent(draft)
            for prompt in s.plan["prompts"]:
                await self.ask(prompt)
            await self.attach()
            await self.help()
        await self.close()

    async def launch(self) -> None:
        self.s.key.event("cleared", label="nothing is kept from an earlier session")
        self.s.key.event("launch", label=f"{self.s.plan['app']} {self.s.plan['version']} starts")
        for channel in self.channels:
            await channel.launched()
        if not self.build.asks_first:
            await self._settings()

    async def decide(self, accepted: bool) -> None:
        if accepted:
            self.s.key.event("consent", label="the user accepts the terms")
        else:
            self.s.key.event("refused", label="the user refuses the terms")
        for channel in self.channels:
            await channel.decided(accepted)
        if accepted and self.build.asks_first:
            # A person takes longer than the clocks may be apart; nothing may look sent at the tap itself.
            await asyncio.sleep(LATER)
            await self._settings()

    async def _settings(self) -> None:
        headers, planted = self.s.identified()
        await self.s.network.send("GET", f"https://{CHAT}/v1/settings", planted, headers=headers)

    async def leave_unsent(self, draft: str) -> None:
        s = self.s
        s.key.event("typing", draft)
        await s.moment()
        s.key.event("typed", draft)
        for channel in self.channels:
            await channel.unsent(draft)
        s.key.event("deleted", draft, "the draft is deleted and never sent")
        await s.moment()

    async def ask(self, prompt: str) -> None:
        s = self.s
        s.key.event("typing", prompt)
        await s.moment()
        s.key.event("typed", prompt)
        for channel in self.channels:
            await channel.typed(prompt)
        s.key.event("sent", prompt)
        headers, planted = s.identified()
        headers |= {"Content-Type": "application/json", "Accept": "text/event-stream"}
        planted.append(Planted(prompt, "body", ("json",), "/messages/0/content"))
        body = {
            "model": "parley-large",
            "stream": True,
            "messages": [{"role": "user", "content": s.text(prompt)}],
        }
        url = f"https://{CHAT}/v1/chat/completions"
        data = json.dumps(body, ensure_ascii=False).encode()
        async with s.network.exchange("POST", url, planted, headers=headers, data=data) as answer:
            async for event in s.network.events(answer):
                if event.get("title") == s.text(prompt):
                    place = Planted(prompt, "sse", ("sse", "json"), "/title")
                    s.key.planted(CHAT, "POST", "/v1/chat/completions", [place], "response")
        for channel in self.channels:
            await channel.sent(prompt)

    async def attach(self) -> None:
        s = self.s
        headers, planted = s.identified()
        headers["Content-Type"] = f"multipart/form-data; boundary={s.boundary}"
        body = (
            f'--{s.boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nchat\r\n'
            f'--{s.boundary}\r\nContent-Disposition: form-data; name="file"; filename="{s.text("file1")}"\r\n'
            f"Content-Type: text/plain\r\n\r\nMinutes of a meeting that never was.\r\n--{s.boundary}--\r\n"
        ).encode()
        planted.append(Planted("file1", "body", ("multipart",), "file, filename"))
        s.key.event("attached", "file1")
        await s.network.send("POST", f"https://{CHAT}/v1/files", planted, headers=headers, data=body)
        await s.moment()

    async def help(self) -> None:
        for channel in self.channels:
            await channel.helped()

    async def close(self) -> None:
        for channel in self.channels:
            await channel.closed()
        self.s.key.event("end", label="the app is closed")
