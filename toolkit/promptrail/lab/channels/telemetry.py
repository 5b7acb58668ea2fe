"""The analytics kit: batches of events to the cloud vendor, and in one release what the person typed, too."""

from promptrail.lab.channels.channel import Channel
from promptrail.lab.telemetry import Batch
from promptrail.lab.world import CLOUD


class Telemetry(Channel):
    """One batch a step. `texts`: whether what was typed goes into it."""

    texts = False
    seconds = 3
    """In the foreground, as the last batch says."""

    def batch(self) -> Batch:
        plan = self.s.plan
        device = None if plan["app"] == "Parley" else self.s.other_device
        return Batch(plan["app"], plan["version"], self.s.session, self.s.probes, device)

    async def report(self, batch: Batch) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        await self.s.network.send(
            "POST", f"https://{CLOUD}/v2/batch", batch.planted, headers=headers, data=batch.body()
        )

    async def launched(self) -> None:
        await self.report(self.batch().event("app_launch", cold=True).event("screen_view", screen="consent"))

    async def decided(self, accepted: bool) -> None:
        if not accepted:
            self.seconds = 2
        name = "consent_given" if accepted else "consent_refused"
        await self.report(self.batch().event(name, terms="2026-10"))

    async def unsent(self, draft: str) -> None:
        shown = {"draft": draft} if self.texts else {}
        characters = len(self.s.text(draft))
        await self.report(self.batch().event("composer_pause", characters=characters, **shown))

    async def sent(self, prompt: str) -> None:
        shown = {"text": prompt} if self.texts else {}
        characters = len(self.s.text(prompt))
        await self.report(self.batch().event("message_sent", characters=characters, **shown))

    async def closed(self) -> None:
        await self.report(self.batch().event("app_background", seconds=self.seconds))


class TelemetryWithTexts(Telemetry):
    """With what was typed: prompts as they are sent, drafts that never were."""

    texts = True
