"""Pages in, a PDF of each out, printed by one Chromium that is driven over a pipe.

A start of Chromium costs more than printing a page does. The pipe is that of its DevTools protocol (the browser's file
descriptors 3 and 4): no port is opened that another program of this machine could reach. Where a browser cannot be
driven so, on Windows or by a policy of the machine, each page is printed by a start of its own.
"""

import base64
import json
import os
import select
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from promptrail.errors import NotebookError
from promptrail.report import chromium

PIPED = ("/bin/sh", "-c", 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null')
"""Starts what follows, which is handed over as arguments and never as text, with our pipes as descriptors 3 and 4."""
AS_COMMAND_LINE = {
    "printBackground": True,
    "preferCSSPageSize": True,
    "displayHeaderFooter": False,
    "generateTaggedPDF": True,
    "generateDocumentOutline": False,
}
"""What `print_alone` asks for, in the words of https://chromedevtools.github.io/devtools-protocol/tot/Page/."""
CHUNK = 1 << 20
END = 10.0
"""Seconds that a browser has to go when it is told to."""
ENOUGH = 2
"""So many pages that could not be printed: it is the machine, and the others would take as long."""
Message = dict[str, Any]


def print_pages(jobs: list[tuple[Path, Path]], timeout: float = chromium.TIMEOUT) -> dict[Path, str]:
    """Print pages that hold no script, `timeout` seconds for each; which PDFs could not be made, and why.

    A job is the page and its PDF. MissingTool without a Chromium.
    """
    todo, faults, piped = deque(jobs), dict[Path, str](), os.name == "posix"
    while todo and len(faults) < ENOUGH:
        try:
            if piped:
                with driven(timeout) as browser:
                    while todo:
                        browser.print_pdf(*todo[0])
                        todo.popleft()
            else:
                print_alone(*todo[0], timeout)
                todo.popleft()
        except (
            NotebookError
        ) as fault:  # what goes on in that browser is not known, so the next page gets another
            out = todo.popleft()[1]
            faults[out] = f"{out}: not printed: {fault}"
        except (EOFError, ConnectionError):
            piped = False
    return faults | {out: f"{out}: not printed, as {ENOUGH} pages before it could not be." for _, out in todo}


def print_alone(page: Path, out: Path, timeout: float) -> None:
    """Print one page by one start. MissingTool without a Chromium, NotebookError where it wrote no PDF."""
    address = page.resolve().as_uri()
    chromium.start("--no-pdf-header-footer", f"--print-to-pdf={out}", address, timeout=timeout)
    if not out.is_file():
        raise NotebookError("Chromium wrote no PDF. Open the page and print it from there.")


@contextmanager
def driven(timeout: float) -> "Iterator[Browser]":
    """A Chromium that does as it is told, ended when this is left: at once where that is by an error.

    EOFError or ConnectionError where it goes away by itself, or cannot be driven at all.
    """
    with chromium.running(
        "--remote-debugging-pipe", "about:blank", before=PIPED, stdin=subprocess.PIPE
    ) as process:
        browser = Browser(process, timeout)
        yield browser
        with suppress(ConnectionError, subprocess.TimeoutExpired):
            browser.tell("Browser.close")
            process.wait(END)


class Browser:
    """What is said to a Chromium with one tab, and what it answers. Each page has `timeout` seconds."""

    def __init__(self, process: "subprocess.Popen[bytes]", timeout: float) -> None:
        assert process.stdin and process.stdout
        self._to, self._from = process.stdin.fileno(), process.stdout.fileno()
        self._ready = select.poll()
        self._ready.register(self._from, select.POLLIN)
        self._received = bytearray()
        self._session: Message = {}
        self._loaded: set[str] = set()
        self._sent = 0
        self._timeout, self._until = timeout, time.monotonic() + timeout
        tab = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Inspector", "Page"):
            self._ask(f"{domain}.enable")
        self._ask("Page.setLifecycleEventsEnabled", enabled=True)

    def print_pdf(self, page: Path, out: Path) -> None:
        """Print a page, whole or not at all. NotebookError where that fails or takes too long."""
        self._until = time.monotonic() + self._timeout
        went = self._ask("Page.navigate", url=page.resolve().as_uri())
        if why := went.get("errorText"):
            raise NotebookError(f"Chromium did not open the page: {why}.")
        while went["loaderId"] not in self._loaded:
            self._hear()
        stream = self._ask("Page.printToPDF", **AS_COMMAND_LINE, transferMode="ReturnAsStream")["stream"]
        fresh = out.with_name(f".{out.name}.tmp")
        try:
            with fresh.open("wb") as file:
                for part in self._read(stream):
                    file.write(part)
            os.replace(fresh, out)
        except ConnectionError:
            raise
        except OSError as fault:
            raise NotebookError(f"cannot be written: {fault.strerror}. Make room and run again.") from fault
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def _read(self, stream: str) -> Iterator[bytes]:
        """What lies in a stream, so that no message is larger than a piece of it."""
        last = False
        while not last:
            part = self._ask("IO.read", handle=stream, size=CHUNK)
            last = part["eof"]
            yield base64.b64decode(part["data"]) if part.get("base64Encoded") else part["data"].encode()
        self._ask("IO.close", handle=stream)

    def tell(self, method: str, **params: Any) -> None:
        """Send a command."""
        self._sent += 1
        said = {"id": self._sent, "method": method, "params": params, **self._session}
        os.write(self._to, json.dumps(said).encode() + b"\0")

    def _ask(self, method: str, **params: Any) -> Message:
        """Send a command; the answer to it."""
        self.tell(method, **params)
        while (heard := self._hear()).get("id") != self._sent:
            pass
        if fault := heard.get("error"):
            raise NotebookError(f"Chromium refused {method}: {fault.get('message')}.")
        result: Message = heard["result"]
        return result

    def _hear(self) -> Message:
        """The next answer or event; notes which pages are loaded."""
        while (end := self._received.find(b"\0")) < 0:
            left = self._until - time.monotonic()
            if left <= 0 or not self._ready.poll(left * 1000):
                raise chromium.late(self._timeout)
            if not (got := os.read(self._from, CHUNK)):
                raise EOFError
            self._received += got
        heard: Message = json.loads(self._received[:end])
        del self._received[: end + 1]
        match heard.get("method"):
            case "Page.lifecycleEvent" if heard["params"]["name"] == "load":
                self._loaded.add(heard["params"]["loaderId"])
            case "Inspector.targetCrashed":
                raise NotebookError("the page crashed in Chromium.")
        return heard
