"""The lab's app as it runs on the stand-in for a phone: a plan in, its session out, by itself or as it is tapped.

    python -m rigs.android.lab_app PLAN

It trusts what its own mount namespace shows in the system's store, and takes the proxy from the device's settings, or
none. A session by itself is the lab's own. Driven, it draws a screen (screen.xml, which `uiautomator dump` shows) and
does what `input` left for it: consent, type, send, delete, attach, help, and "home", which ends it.
"""

import asyncio
import contextlib
import http.client
import json
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import aiohttp

from promptrail.lab.answer_key import AnswerKey
from promptrail.lab.app import session
from promptrail.lab.channels.telemetry import Telemetry
from promptrail.lab.network import Network
from promptrail.lab.parley import Parley
from promptrail.lab.session import Session

APEX, SYSTEM = Path("/apex/com.android.conscrypt/cacerts"), Path("/system/etc/security/cacerts")
WIDTH, HEIGHT = 1080, 150
"""Of every element on the screen, one below the other."""
HOME, DELETE, ENTER = "3", "67", "66"
"""KEYCODE_HOME, KEYCODE_DEL, KEYCODE_ENTER."""


class OnDevice(Network):
    """Without a proxy it goes straight, as an app behind a gateway does."""

    def _send_pinned(self, host: str, path: str, body: bytes) -> bool:
        if self._proxy:
            return super()._send_pinned(host, path, body)
        connection = http.client.HTTPSConnection(host, 443, context=self._pinned, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(ssl.SSLCertVerificationError):
            connection.request("POST", path, body, {"User-Agent": self._headers["User-Agent"]})
            return connection.getresponse().read() is not None
        return False


def trusted(home: Path) -> Path:
    """The store that counts, as this process' namespace shows it, in one file."""
    store = APEX if APEX.is_dir() and any(APEX.iterdir()) else SYSTEM
    bundle = home / "trusted.pem"
    bundle.write_bytes(b"".join(file.read_bytes() for file in sorted(store.iterdir())))
    return bundle


def proxy() -> str | None:
    """The proxy of the device's settings."""
    said = subprocess.run(["settings", "get", "global", "http_proxy"], capture_output=True, text=True)
    value = said.stdout.strip()
    return None if value in ("null", "", ":0") else f"http://{value}"


class Screen:
    """The app's screen; `act` does what a person did to it, and is False when the app is closed."""

    def __init__(self, session: Session, home: Path) -> None:
        self.parley, self.kit = Parley(session), Telemetry(session)
        self.s, self.home, self.draft, self.consented, self.known = session, home, "", False, 0
        self.draw()

    @property
    def elements(self) -> list[tuple[str, str, str]]:
        """(class, resource id, text) of what is shown."""
        if not self.consented:
            return [("TextView", "terms", "Terms of use"), ("Button", "accept", "Accept all")]
        buttons = [("Button", name.lower(), name) for name in ("Send", "Attach", "Help")]
        return [("TextView", "title", "Parley"), ("EditText", "composer", self.draft), *buttons]

    def draw(self) -> None:
        nodes = "".join(
            f"<node index='{row}' class='android.widget.{kind}' text={quoteattr(text)} clickable='true' "
            f"package={quoteattr(self.home.parent.name)} "
            f"resource-id={quoteattr(f'{self.home.parent.name}:id/{name}')} content-desc='' "
            f"bounds='[0,{row * HEIGHT}][{WIDTH},{(row + 1) * HEIGHT}]' />"
            for row, (kind, name, text) in enumerate(self.elements)
        )
        draft = self.home.parent / ".screen.xml"
        draft.write_text(
            f"<?xml version='1.0' encoding='UTF-8'?><hierarchy rotation='0'>{nodes}</hierarchy>\n"
        )
        draft.rename(self.home.parent / "screen.xml")

    def probe(self) -> str:
        """The id of what stands in the composer; a text that the plan does not know gets one."""
        for name, probe in self.s.probes.items():
            if probe["text"] == self.draft and probe["kind"] in ("prompt", "draft"):
                return name
        self.known += 1
        self.s.probes[f"typed{self.known}"] = {"kind": "prompt", "text": self.draft}
        return f"typed{self.known}"

    async def act(self, what: str, about: str) -> bool:
        if what == "text" and self.consented:
            self.draft += about
        elif what == "key" and about == HOME:
            await self.kit.report(self.kit.batch().event("app_background", seconds=3))
            self.s.key.event("end", label="the app is closed")
            return False
        elif what == "key" and about == DELETE and self.draft:
            await self.parley.leave_unsent(self.probe())
            self.draft = ""
        elif what == "key" and about == ENTER:
            await self.tap("send")
        elif what == "tap":
            row = int(about.split()[1]) // HEIGHT
            await self.tap(self.elements[row][1] if 0 <= row < len(self.elements) else "")
        return True

    async def tap(self, name: str) -> None:
        if name == "accept":
            self.consented = True
            await self.parley.decide(True)
        elif name == "send" and self.draft:
            probe, self.draft = self.probe(), ""
            await self.parley.ask(probe)
        elif name == "attach":
            await self.parley.attach()
        elif name == "help":
            await self.parley.help()


async def inputs(home: Path) -> AsyncIterator[tuple[str, str]]:
    """What was typed and tapped, in its order, as it comes."""
    folder = home.parent / "input"
    folder.mkdir(exist_ok=True)
    while True:
        for file in sorted(file for file in folder.iterdir() if file.name.isdigit()):
            what, _, about = file.read_text("utf-8").partition("\n")
            file.unlink()
            yield what, about
        await asyncio.sleep(0.05)


async def driven(s: Session, home: Path) -> None:
    """The app while it is open; a request that fails leaves it running, as a phone without network does."""
    s.key.event("launch", label=f"{s.plan['app']} {s.plan['version']} starts")
    screen = Screen(s, home)
    with offline():
        await screen.kit.launched()
    async for what, about in inputs(home):
        with offline():
            try:
                if not await screen.act(what, about):
                    return
            finally:
                screen.draw()


@contextlib.contextmanager
def offline() -> Any:
    try:
        yield
    except (aiohttp.ClientError, OSError) as e:
        print(f"{time.time():.3f} offline: {e!r}", file=sys.stderr, flush=True)


async def main(plan: dict[str, Any]) -> None:
    home = Path(plan["folder"])
    key = AnswerKey(home, plan["run"], plan["probes"])
    agent = f"{plan['app']}/{plan['version']} (Android; SIM-8)"
    async with OnDevice(key, agent, proxy(), trusted(home), home / "pin.crt") as network:  # type: ignore[arg-type]
        mine = Session(plan, key, network)
        await (driven(mine, home) if plan["driven"] else session(mine))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
