"""Another app of the lab on the stand-in for a phone, for the control C3: a note-book that is tapped and typed into.

    python -m rigs.android.notes_app PLAN

It has the same telemetry kit as the chatbot app, which never hands it text.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from promptrail.lab.answer_key import AnswerKey
from promptrail.lab.session import Session
from promptrail.lab.world import NOTES
from rigs.android.lab_app import HOME, OnDevice, Screen, inputs, offline, proxy, trusted


class NoteBook(Screen):
    """What is sent is saved as a note with the app's own maker."""

    async def act(self, what: str, about: str) -> bool:
        return (what, about) != ("key", HOME) and await super().act(what, about)

    async def tap(self, name: str) -> None:
        if name == "send" and self.draft:
            note, self.draft = json.dumps({"note": {"body": self.draft, "tags": []}}), ""
            headers = {"Content-Type": "application/json"}
            await self.s.network.send(
                "POST", f"https://{NOTES}/api/notes", [], headers=headers, data=note.encode()
            )
            await self.kit.report(self.kit.batch().event("note_saved"))
        elif name != "send":
            await super().tap(name)


async def main(plan: dict[str, Any]) -> None:
    home = Path(plan["folder"])
    key = AnswerKey(home, plan["run"], plan["probes"])
    store = trusted(home)
    async with OnDevice(key, "Marginalia/1.9.2 (Android; SIM-8)", proxy(), store, store) as network:  # type: ignore[arg-type]
        screen = NoteBook(Session(plan, key, network), home)
        with offline():
            await screen.kit.report(screen.kit.batch().event("app_launch", cold=True))
        async for what, about in inputs(home):
            with offline():
                try:
                    if not await screen.act(what, about):
                        return
                finally:
                    screen.draw()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
