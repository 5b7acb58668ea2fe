"""The lab's apps: a plan in, a session of "Parley", "Marginalia" or "Sampler" out, with its events and its answer key.

    python -m promptrail.lab.app PLAN

PLAN is a JSON object (see `record.plan`). The session is compressed into about two seconds. It ends when its standard
input does.
"""

import asyncio
import base64
import json
import random
import sys
import urllib.parse
import zlib
from pathlib import Path
from typing import Any

from promptrail.lab.answer_key import AnswerKey, Planted
from promptrail.lab.leash import leash
from promptrail.lab.network import Network
from promptrail.lab.sampler import sample
from promptrail.lab.telemetry import Batch
from promptrail.lab.world import CHAT, CLOUD, FINGERPRINT, HELP_DESK, NOTES

MOMENT = 0.1
"""Seconds between two steps of a person."""
LATER = 1.5
"""Seconds after a refusal in which nothing is sent, so that what follows is after it by any clock."""


class Session:
    """What one session of an app has at hand."""

    def __init__(self, plan: dict[str, Any], key: AnswerKey, network: Network):
        self.plan, self.key, self.network = plan, key, network
        self.probes: dict[str, dict[str, str]] = plan["probes"]
        self.leaks = plan["release"] == "before"
        rng = random.Random(f"{plan['seed']} {plan['run']}")
        self.session = f"{rng.getrandbits(96):024x}"
        self.token = base64.urlsafe_b64encode(rng.randbytes(24)).decode()
        self.other_device = f"{rng.getrandbits(64):016x}"
        self.boundary = f"{rng.getrandbits(128):032x}"

    def text(self, probe: str) -> str:
        return self.probes[probe]["text"]

    async def moment(self) -> None:
        await asyncio.sleep(MOMENT)

    def batch(self) -> Batch:
        device = None if self.plan["app"] == "Parley" else self.other_device
        return Batch(self.plan["app"], self.plan["version"], self.session, self.probes, device)

    async def report(self, batch: Batch) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        await self.network.send(
            "POST", f"https://{CLOUD}/v2/batch", batch.planted, headers=headers, data=batch.body()
        )

    def identified(self) -> tuple[dict[str, str], list[Planted]]:
        """Headers of every request to the chat's own server, and the probes in them."""
        device = self.text("did")
        encoded = base64.b64encode(device.encode()).decode()
        headers = {"X-Device-Id": encoded, "Cookie": f"did={device}", "Authorization": f"Bearer {self.token}"}
        return headers, [
            Planted("did", "header", ("header", "base64"), "X-Device-Id"),
            Planted("did", "cookie", ("cookie",), "did"),
        ]


async def parley(s: Session) -> None:
    """The chatbot app, in its versions "before" and "after"."""
    s.key.event("launch", label=f"{s.plan['app']} {s.plan['version']} starts")
    await s.report(s.batch().event("app_launch", cold=True).event("screen_view", screen="consent"))
    profile = json.dumps({"sensors": 7, "model": "SIM-8", "rooted": False, "id": s.text("did")})
    sealed = ("json", "base64", "javax.crypto AES/GCM/NoPadding", "json")
    kit = s.plan["edition"] == "java"
    known = [Planted("did", "body", sealed if kit else ("json",), "/data > /id" if kit else "/id")]
    await s.network.send_pinned(FINGERPRINT, "/v3/profile", profile.encode(), known)
    headers, planted = s.identified()
    await s.network.send("GET", f"https://{CHAT}/v1/settings", planted, headers=headers)
    await s.moment()
    if s.plan["consent"] == "refuse":
        await go_on_after_refusal(s)
        return
    s.key.event("consent", label="the user accepts the terms")
    await s.report(s.batch().event("consent_given", terms="2026-10"))
    for draft in s.plan["drafts"]:
        await leave_unsent(s, draft)
    for prompt in s.plan["prompts"]:
        await ask(s, prompt)
    await attach(s)
    await open_help_desk(s)
    await s.report(s.batch().event("app_background", seconds=3))
    s.key.event("end", label="the app is closed")


async def go_on_after_refusal(s: Session) -> None:
    """The person says no; the app reports that, waits, and reports again when it is closed."""
    s.key.event("refused", label="the user refuses the terms")
    await s.report(s.batch().event("consent_refused", terms="2026-10"))
    await asyncio.sleep(LATER)
    await s.report(s.batch().event("app_background", seconds=2))
    s.key.event("end", label="the app is closed")


async def leave_unsent(s: Session, draft: str) -> None:
    s.key.event("typing", draft)
    await s.moment()
    s.key.event("typed", draft)
    shown = {"draft": draft} if s.leaks else {}
    await s.report(s.batch().event("composer_pause", characters=len(s.text(draft)), **shown))
    s.key.event("deleted", draft, "the draft is deleted and never sent")
    await s.moment()


async def ask(s: Session, prompt: str) -> None:
    s.key.event("typing", prompt)
    await s.moment()
    s.key.event("typed", prompt)
    if s.leaks:
        query = urllib.parse.quote(s.text(prompt), safe="")
        place = Planted(prompt, "url", ("url", "percent"), "q")
        await s.network.send("GET", f"https://{CLOUD}/v1/collect?ev=input&q={query}", [place])
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
    shown = {"text": prompt} if s.leaks else {}
    await s.report(s.batch().event("message_sent", characters=len(s.text(prompt)), **shown))


async def attach(s: Session) -> None:
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


async def open_help_desk(s: Session) -> None:
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


async def marginalia(s: Session) -> None:
    """Another app with the same telemetry kit, which never hands it text: the control C3."""
    s.key.event("launch", label=f"{s.plan['app']} {s.plan['version']} starts")
    await s.report(s.batch().event("app_launch", cold=True))
    for note in s.plan["prompts"]:
        s.key.event("typing", note)
        await s.moment()
        s.key.event("typed", note)
        s.key.event("sent", note, "saved as a note")
        body = json.dumps({"note": {"body": s.text(note), "tags": []}}, ensure_ascii=False).encode()
        place = Planted(note, "body", ("json",), "/note/body")
        headers = {"Content-Type": "application/json"}
        await s.network.send("POST", f"https://{NOTES}/api/notes", [place], headers=headers, data=body)
        await s.report(s.batch().event("note_saved", characters=len(s.text(note))))
    s.key.event("end", label="the app is closed")


async def play(plan: dict[str, Any]) -> None:
    key = AnswerKey(Path(plan["folder"]), plan["run"], plan["probes"])
    agent = f"{plan['app']}/{plan['version']} (Android 15; SIM-8)"
    places = (Path(plan["ca"]), Path(plan["pin"]))
    async with Network(key, agent, plan["proxy"], *places, kit=plan["kit"]) as network:
        if plan["app"] == "Sampler":
            await sample(key, network, plan["prompts"])
        else:
            await {"Parley": parley, "Marginalia": marginalia}[plan["app"]](Session(plan, key, network))


def wait_at_the_gate() -> None:
    """Tell that all is loaded, and begin only when somebody says so: hooks find what is loaded then."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    plan = json.loads(sys.argv[1])
    if plan["gate"]:
        wait_at_the_gate()
    leash()
    asyncio.run(play(plan))
