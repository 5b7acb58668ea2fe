"""One step of the checklist for the first person with a real device: what it does, and what was seen of it."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from promptrail.case import Case
from promptrail.device.adb import Adb
from promptrail.device.device import Device
from promptrail.device.emulator.running import Emulator
from promptrail.device.emulator.sdk import Sdk
from promptrail.device.proxy import Proxy
from promptrail.device.routing import SettingsProxy
from promptrail.device.selftest import SelfTest
from promptrail.errors import MissingTool, PromptrailError

State = Literal["passed", "failed", "not run"]
Ask = Callable[[str], bool | None]
"""A question to the person, answered with y or n; None where nobody is there."""


@dataclass
class Visit:
    """What the steps find and leave for those behind them. `folder` is for files that a person is shown."""

    adb: Adb
    folder: Path
    serial: str | None = None
    avd: str | None = None
    """Started, if no device is named."""
    headless: bool = True
    seconds: float = 600.0
    """In which it has to boot; the first start of an AVD is the longest."""
    sdk: Sdk | None = None
    emulator: Emulator | None = None
    device: Device | None = None
    case: Case | None = None
    test: SelfTest | None = None
    proxy: Proxy | None = None
    route: SettingsProxy | None = None
    shown: list[Path] = field(default_factory=list)
    """Files of the step that was made last."""
    closing: ExitStack = field(default_factory=ExitStack)
    traffic: ExitStack = field(default_factory=ExitStack)
    """Takes the route, the CA and the proxy away again."""

    @property
    def phone(self) -> Device:
        assert self.device is not None, "this step has to name `boot` among its needs"
        return self.device


class Seen(NamedTuple):
    state: State
    words: str


@dataclass(frozen=True)
class Step:
    """`run` raises PromptrailError for what failed, MissingTool for what cannot be tried."""

    id: str
    command: str
    """As a person would do it by hand."""
    expected: str
    run: Callable[[Visit], Seen]
    needs: tuple[str, ...] = ()
    please: str | None = None
    """What a person has to do first."""
    look: Callable[[Visit], str | None] = lambda visit: None
    """What a person has to say of it, as a question for y or n."""


@dataclass(frozen=True)
class Row:
    step: Step
    state: State
    seen: str
    looked: bool | None
    """What the person said; None if nobody was asked."""
    seconds: float


def passed(words: str) -> Seen:
    return Seen("passed", words)


def failed(words: str) -> Seen:
    return Seen("failed", words)


def not_run(words: str) -> Seen:
    return Seen("not run", words)


def take(step: Step, visit: Visit, ask: Ask) -> Row:
    """One step, with the person if there is one; whatever goes wrong is a row."""
    visit.shown = []
    if step.please and ask(f"{step.please} Is that done?") is False:
        return Row(step, "not run", "it was left out by hand", None, 0.0)
    began = time.monotonic()
    try:
        seen = step.run(visit)
    except MissingTool as missing:
        seen = not_run(str(missing))
    except PromptrailError as fault:
        seen = failed(str(fault))
    except (
        Exception
    ) as fault:  # a mistake of ours is what this list is made to find: it has to be in the report
        seen = failed(f"promptrail has a mistake here: {fault!r}")
    seconds = time.monotonic() - began
    question = step.look(visit) if seen.state == "passed" else None
    looked = ask(question) if question else None
    if looked is False:
        seen = failed(f"{seen.words} But the person who looked said no to: {question}")
    return Row(step, seen.state, seen.words, looked, round(seconds, 1))
