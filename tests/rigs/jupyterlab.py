"""JupyterLab as somebody sits before it: a server on loopback, a real Chromium, Shift-Enter from cell to cell."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from promptrail.report import chromium

SHIFT = 8
PROMPTS = (
    "Array.from(document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')).map(e => e.textContent).join(' ')"
)
PICTURES = "document.querySelectorAll('.jp-OutputArea-output .main-svg').length"
IDLE = "(document.querySelector('.jp-Notebook-ExecutionIndicator') || {}).dataset?.status == 'idle'"
ACTIVE = (
    "Array.from(document.querySelectorAll('.jp-Cell')).findIndex(e => e.classList.contains('jp-mod-active'))"
)
FOCUS = """document.activeElement.closest('.jp-Notebook') ||
(document.querySelector('.jp-Cell.jp-mod-active') || document.querySelector('.jp-Cell'))
.querySelector('.jp-InputPrompt').click()"""
BLOCKS = "document.querySelectorAll('.jp-OutputArea-output .promptrail').length"


class Browser:
    """One page of a Chromium, driven by its own protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sent = 0

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.sent += 1
        await self.socket.send_json({"id": self.sent, "method": method, "params": params})
        while True:
            answer: dict[str, Any] = json.loads((await self.socket.receive()).data)
            if answer.get("id") == self.sent:
                return answer.get("result", {})

    async def value(self, script: str) -> Any:
        found = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        return found["result"].get("value")

    async def until(self, script: str, seconds: float) -> Any:
        """Wait until the script gives something true; its last value."""
        end = time.monotonic() + seconds
        while not (found := await self.value(script)) and time.monotonic() < end:
            await asyncio.sleep(0.5)
        return found


def port_in(log: Path, pattern: str, process: "subprocess.Popen[bytes]", seconds: float = 90) -> int:
    """The port that a process writes to its log once it listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return int(found[1])
        time.sleep(0.2)
    raise TimeoutError(log.read_text(errors="replace")[-2000:])


def run_by_hand(notebooks: Path, name: str, scratch: Path) -> dict[str, Any]:
    """Open a notebook in JupyterLab and press Shift-Enter until its last cell has run; what the page then holds."""
    lab_log, browser_log = scratch / "lab.log", scratch / "browser.log"
    lab = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    lab += ["--ServerApp.token=", "--ServerApp.password=", f"--ServerApp.root_dir={notebooks}"]
    settings = scratch / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # Otherwise only the cells on the screen are in the page.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    env = os.environ | {"JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings")}
    program = chromium.find()
    assert program
    browser = [program, *chromium.QUIET, "--no-sandbox", f"--user-data-dir={scratch / 'profile'}"]
    browser += ["--remote-debugging-port=0", "--window-size=1280,2000", "about:blank"]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with open(lab_log, "wb") as one, open(browser_log, "wb") as two:
            processes.append(subprocess.Popen(lab, stdout=one, stderr=one, cwd=scratch, env=env))
            processes.append(subprocess.Popen(browser, stdout=two, stderr=two, cwd=scratch))
        server = port_in(lab_log, r"http://127\.0\.0\.1:(\d+)/lab", processes[0])
        debugger = port_in(browser_log, r"ws://127\.0\.0\.1:(\d+)/", processes[1])
        cells = json.loads((notebooks / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        last = sum(cell["cell_type"] == "code" for cell in cells)
        return asyncio.run(_drive(server, debugger, name, last))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _drive(server: int, debugger: int, name: str, last: int) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session:
        tabs = await (await session.get(f"http://127.0.0.1:{debugger}/json")).json()
        tab = next(t for t in tabs if t["type"] == "page")
        async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Browser(socket)
            await page.call("Page.navigate", url=f"http://127.0.0.1:{server}/lab/tree/{name}.ipynb")
            await page.until("document.querySelectorAll('.jp-Cell').length > 0", 120)
            await page.until(
                "(document.querySelector('.jp-Notebook-ExecutionIndicator') || {}).dataset?.status == 'idle'",
                60,
            )
            end = time.monotonic() + 180
            while time.monotonic() < end:
                prompts = str(await page.value(PROMPTS))
                if f"[{last}]:" in prompts and "[*]" not in prompts:
                    break
                await page.value(FOCUS)
                at = await page.value(ACTIVE)
                for kind in ("rawKeyDown", "keyUp"):
                    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "modifiers": SHIFT}
                    await page.call("Input.dispatchKeyEvent", type=kind, **key)
                await page.until(f"{ACTIVE} != '{at}'", 2)
            await asyncio.sleep(2)
            return {
                "prompts": await page.value(PROMPTS),
                "pictures": await page.value(PICTURES),
                "blocks": await page.value(BLOCKS),
                "text": await page.value("document.querySelector('.jp-Notebook').innerText"),
            }
