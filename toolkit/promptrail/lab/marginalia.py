"""Another app of the lab with the same telemetry kit, which never hands it text: the control C3."""

import json

from promptrail.lab.answer_key import Planted
from promptrail.lab.channels.telemetry import Telemetry
from promptrail.lab.session import Session
from promptrail.lab.world import NOTES


async def marginalia(s: Session) -> None:
    """Each prompt of the plan is saved as a note."""
    kit = Telemetry(s)
    s.key.event("launch", label=f"{s.plan['app']} {s.plan['version']} starts")
    await kit.report(kit.batch().event("app_launch", cold=True))
    for note in s.plan["prompts"]:
        s.key.event("typing", note)
        await s.moment()
        s.key.event("typed", note)
        s.key.event("sent", note, "saved as a note")
        body = json.dumps({"note": {"body": s.text(note), "tags": []}}, ensure_ascii=False).encode()
        place = Planted(note, "body", ("json",), "/note/body")
        headers = {"Content-Type": "application/json"}
        await s.network.send("POST", f"https://{NOTES}/api/notes", [place], headers=headers, data=body)
        await kit.report(kit.batch().event("note_saved", characters=len(s.text(note))))
    s.key.event("end", label="the app is closed")
