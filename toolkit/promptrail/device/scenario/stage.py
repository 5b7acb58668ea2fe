"""What the steps of one run work on: the device, its screen and keyboard, and the run's events.jsonl.

Each event has this machine's time, how far the device's clock is ahead, and a picture of the screen where one can be
had; a picture that cannot is told once, and is no fault of the run.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from promptrail.case.evidence import LINES
from promptrail.device import keyboard, screen
from promptrail.device.adb_faults import one_line
from promptrail.device.device import Device
from promptrail.device.scenario.plan import PlannedRun
from promptrail.errors import DeviceError, RecordingError

EVENTS = "events.jsonl"
LOOK = 0.3
"""Seconds between two looks at the screen."""
UNPICTURED = "typing"
"""The one event without a picture: a keystroke must not wait for it."""
TICK = 0.2
"""Seconds between two looks at whether the recording still goes on, while a step waits."""


class Stage:
    """`texts`: prompt id -> what is typed; `probes`: prompt id -> id of its probe in the case.

    `alive` says why the recording cannot go on, None while it can; `led` asks the device whether its traffic still
    comes to us; `ask` shows a person a sentence and waits. `ahead`: by how many seconds the device's clock is ahead, if
    it tells.
    """

    player: "Callable[[Stage, Sequence[dict[str, Any]]], None]"

    def __init__(
        self,
        device: Device,
        run: PlannedRun,
        folder: Path,
        texts: Mapping[str, str],
        probes: Mapping[str, str],
        alive: Callable[[], str | None] = lambda: None,
        ask: Callable[[str], object] = input,
        say: Callable[[str], None] = lambda line: None,
        ahead: float | None = None,
        led: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.device, self.run, self.folder = device, run, folder
        self.texts, self.probes = texts, probes
        self.alive, self.led, self._ask, self.say = alive, led, ask, say
        self.pictures = True
        self.taken = 0
        self.ahead = ahead
        self.before_start: Callable[[], None] = lambda: None

    def play(self, steps: Sequence[dict[str, Any]]) -> None:
        self.player(self, steps)

    def event(self, event: str, prompt: str | None = None, label: str | None = None) -> None:
        """One line of events.jsonl, on disk when this returns. The picture is taken before its time is: what the step
        does next, such as a tap on the consent dialog, follows the time at once."""
        pictured = {} if event == UNPICTURED or not self.pictures else {"picture": self._picture()}
        line: dict[str, Any] = {
            "t": time.time(),
            "event": event,
            "probe": self.probes[prompt] if prompt else None,
            "label": label,
            "device_ahead": self.ahead,
            **pictured,
        }
        with open(os.open(self.folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
            out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self.say(f"{self.run.run}: {event}{f' {prompt}' if prompt else ''}{f': {label}' if label else ''}")

    def _picture(self) -> str | None:
        """The name of a file with the screen, as bytes of their own in the run."""
        name = f"screen-{self.taken + 1:03d}.png"
        try:
            picture = self.device.screenshot()
        except DeviceError as fault:
            self.pictures = False
            self.say(f"{self.run.run}: no pictures of the screen: {fault}")
            return None
        with open(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(picture)
        self.taken += 1
        return name

    def start_app(self) -> None:
        """By its launcher entry; hooks that have to be there from the first instruction come before."""
        self.before_start()
        package = self.run.package
        found = self.device.shell(f"cmd package resolve-activity --brief {quote(package)}", check=False).text
        component = found.splitlines()[-1].strip() if found else ""
        if not component.startswith(f"{package}/"):
            raise RecordingError(
                f"{package} has no screen to start on {self.device.serial}: is it installed?"
            )
        said = self.device.shell(f"am start -W -n {quote(component)}", timeout=60.0, check=False)
        if said.code or "Error" in said.said:
            raise RecordingError(f"{component} did not start: {one_line(said.said)[-300:]}")

    def find(self, where: Mapping[str, Any], patience: float) -> screen.Place:
        """Where on the screen it is, once it is there; RecordingError with what is there instead."""
        until = time.monotonic() + patience
        while True:
            seen = screen.look(self.device)
            if place := screen.find(seen, where):
                return place
            if time.monotonic() > until:
                there = ", ".join(screen.words(seen)[:12]) or "nothing with a text"
                raise RecordingError(
                    f"{_told(where)} did not come to the screen within {patience:g} s. There is: {there}"
                )
            self.sleep(LOOK)

    def tap(self, where: Mapping[str, Any], patience: float) -> None:
        place = self.find(where, patience) if "at" not in where else screen.Place(*map(int, where["at"]))
        self.device.shell(f"input tap {place.x} {place.y}")

    def type(self, text: str) -> None:
        keyboard.type_text(self.device, text)

    def paste(self, text: str) -> None:
        keyboard.paste(self.device, text)

    def empty(self, characters: int) -> None:
        keyboard.empty(self.device, characters)

    def shows(self, where: Mapping[str, Any]) -> bool:
        """Whether it is on the screen now."""
        return screen.find(screen.look(self.device), where) is not None

    def erase(self, characters: int) -> None:
        keyboard.erase(self.device, characters)

    def ask(self, sentence: str) -> None:
        self._ask(f"{sentence}\n  Press Enter here when it is done. ")

    def sleep(self, seconds: float) -> None:
        """RecordingError as soon as the recording cannot go on."""
        until = time.monotonic() + seconds
        while True:
            if why := self.alive():
                raise RecordingError(why)
            if (left := until - time.monotonic()) <= 0:
                return
            time.sleep(min(left, TICK))

    def go_on(self) -> None:
        """After a step: RecordingError if what it did may not have been recorded."""
        if why := self.alive() or self.led():
            raise RecordingError(why)

    def recorded(self) -> int:
        """Bytes of evidence so far."""
        file = self.folder / LINES
        return file.stat().st_size if file.exists() else 0

    @staticmethod
    def word(text: str) -> str:
        return quote(text)


def _told(where: Mapping[str, Any]) -> str:
    return (
        " ".join(f"{key} {value!r}" for key, value in where.items() if key in ("text", "id", "at"))
        or "nothing"
    )
