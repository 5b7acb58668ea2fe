"""The simulated app of the opaque case: a plan in, its slots played in order, with an event at each begin and end.

    python -m promptrail.lab.opaque.app TASK

TASK is a JSON file (see `record`). Each slot is a new conversation into which the slot's text is pasted, and sent where
it is a prompt. It ends when its standard input does.
"""

import asyncio
import json
import os
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from promptrail.lab.answer_key import EVENTS
from promptrail.lab.leash import leash
from promptrail.lab.opaque.noise import beside
from promptrail.lab.opaque.uploads import Hands, body
from promptrail.lab.opaque.vendors import FIELDS, FIRST_PARTY, VENDORS, Vendor

FIRST_NOISE, NEXT_NOISE = 0.35, 0.15
"""Where in a slot what is no vendor's own begins, and how far apart: shares of its length."""
PATH = "/v1/take"
SETTLE = 0.5
"""Seconds between what the app sends as it starts and the first slot: no burst reaches from one to the other."""
IDLE = 3600.0


class App:
    """`task`: plan, run, folder, proxy, and the certificates of the authorities that the app trusts."""

    def __init__(self, task: dict[str, Any], session: aiohttp.ClientSession) -> None:
        self.plan, self.task, self.session = task["plan"], task, session
        self.hands = Hands(self.plan["seed"], self.plan["input"] == "typed")
        self.vendors = [v for v in VENDORS if v is not FIELDS or self.plan["kind"] == "differential"]
        file = Path(task["folder"], EVENTS)
        self._events = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        own, proxys = (ssl.create_default_context(cafile=task[name]) for name in ("ca", "proxy_ca"))
        self._trusted = {vendor.host: proxys if vendor.read else own for vendor in VENDORS}

    def event(self, event: str, label: str) -> None:
        row = {"t": time.time(), "event": event, "probe": None, "label": label}
        os.write(self._events, json.dumps(row).encode() + b"\n")

    async def post(self, vendor: Vendor, content: bytes) -> None:
        async with self.session.post(
            f"https://{vendor.host}{PATH}",
            data=content,
            proxy=self.task["proxy"],
            ssl=self._trusted[vendor.host],
            headers={"Content-Type": "application/json" if vendor.read else "application/octet-stream"},
        ) as answer:
            answer.raise_for_status()
            await answer.read()

    async def play(self) -> None:
        """All slots of this run, and the drain behind them."""
        self.event("launch", f"{self.plan['app']} starts")
        await asyncio.gather(*(self.post(vendor, b"{}") for vendor in self.vendors))
        await asyncio.sleep(SETTLE)
        self.event("plan", self.plan["digest"])
        for slot in self.task["slots"]:
            await asyncio.sleep(self.plan["dwell"])
            self.event("slot", str(slot["slot"]))
            began = time.monotonic()
            await asyncio.gather(*(self.served(vendor, slot, began) for vendor in self.vendors))
            await until(began + self.plan["seconds"])
            self.event("slot-end", str(slot["slot"]))
        self.event("drain", f"{self.plan['drain']:g} s in which nothing is typed")
        await asyncio.sleep(self.plan["drain"])
        self.event("end", "the app is closed")

    async def served(self, vendor: Vendor, slot: dict[str, Any], began: float) -> None:
        """What one vendor is sent in a slot: its own, then what comes whatever is typed."""
        sends = self.plan["sends"] or vendor is FIRST_PARTY
        mine = body(vendor.does, self.hands, slot) if sends else None
        if mine is not None:
            await self.post(vendor, mine)
        others = beside(self.plan["seed"], vendor.host, slot, self.plan["noise"], vendor.read)
        for n, content in enumerate(others):
            await until(began + self.plan["seconds"] * (FIRST_NOISE + NEXT_NOISE * n))
            await self.post(vendor, content)


async def until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0))


async def main(task: dict[str, Any]) -> None:
    connector = aiohttp.TCPConnector(keepalive_timeout=IDLE)
    agent = {"User-Agent": f"{task['plan']['app']} (Android 15; SIM-8)"}
    async with aiohttp.ClientSession(connector=connector, headers=agent) as session:
        await App(task, session).play()


if __name__ == "__main__":
    leash()
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
