"""A stage on the stand-in for a phone: an app that only shows the screen it is given, and what was done to it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from promptrail.device.device import Device
from promptrail.device.scenario import PlannedRun, Prompt, Stage, Variant
from rigs.android import rom
from rigs.android.namespaces import Phone

PACKAGE = "test.shown.app"
APP = rom.Package(PACKAGE, 'exec -a "$0" sleep infinity', files=(("input/.keep", b""),))
A, B, D = Prompt("A", "first"), Prompt("B", "second"), Prompt("D", "a draft", "draft")
TEXTS = {"A": "first text", "B": "second text", "D": "a draft"}
PROBES = {"A": "p1", "B": "p2", "D": "d1"}


@contextmanager
def phone() -> Iterator[tuple[Phone, Device]]:
    with Phone(packages=[APP]) as one, one.adbd() as adbd:
        yield one, adbd.device()


def node(text: str = "", row: int = 0, **attributes: str) -> str:
    """An element of a screen, 100 pixels high, in this row."""
    given = {
        "text": text,
        "resource-id": "",
        "content-desc": "",
        "class": "android.widget.Button",
    } | attributes
    told = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())
    return f'<node {told} bounds="[0,{row * 100}][200,{row * 100 + 100}]" />'


def dump(*nodes: str) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><hierarchy rotation=\"0\">{''.join(nodes)}</hierarchy>"


class Watched:
    """A stage, with all that came of its steps."""

    def __init__(
        self, there: tuple[Phone, Device], folder: Path, *prompts: Prompt, package: str = PACKAGE, **more: Any
    ) -> None:
        self.phone, device = there
        self.own = self.phone.file(f"/data/data/{PACKAGE}")
        for file in (*(self.own / "input").glob("[0-9]*"), *self.own.glob("screen.xml")):
            file.unlink()
        self.phone.run(f"am force-stop {PACKAGE}; echo {PACKAGE} >/data/system/foreground")
        run = PlannedRun("r", "C1", package, "Shown", prompts, Variant())
        self.folder, self.said = folder, list[str]()
        self.stage = Stage(device, run, folder, TEXTS, PROBES, say=self.said.append, **more)

    def show(self, *nodes: str) -> None:
        (self.own / "screen.xml").write_text(dump(*nodes), encoding="utf-8")

    @property
    def events(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in (self.folder / "events.jsonl").read_text("utf-8").splitlines()]

    @property
    def told(self) -> list[tuple[str, str | None]]:
        """(event, probe), in their order."""
        return [(event["event"], event["probe"]) for event in self.events]

    @property
    def done(self) -> list[str]:
        """What reached the app: "tap x y", "text ...", "key n"."""
        files = sorted((self.own / "input").glob("[0-9]*"), key=lambda file: int(file.name))
        return [file.read_text("utf-8").replace("\n", " ", 1) for file in files]
