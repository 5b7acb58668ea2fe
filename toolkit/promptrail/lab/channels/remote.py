"""Experiments of the cloud vendor: at launch it tells the analytics kit how often to report, and the kit obeys."""

from promptrail.lab.channels.channel import Channel
from promptrail.lab.channels.telemetry import Telemetry
from promptrail.lab.session import Session
from promptrail.lab.world import CLOUD


class Remote(Channel):
    """After each prompt that was sent, as many heartbeats as it was told to send."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.kit = Telemetry(session)
        self.heartbeats = 0

    async def launched(self) -> None:
        url = f"https://{CLOUD}/v1/experiments?unit={self.s.session}"
        async with self.s.network.exchange("GET", url) as answer:
            told = await answer.json()
        self.heartbeats = int(told["experiments"]["report_often"]["heartbeats"])

    async def sent(self, prompt: str) -> None:
        for number in range(self.heartbeats):
            await self.kit.report(self.kit.batch().event("heartbeat", number=number))
