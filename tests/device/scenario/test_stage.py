"""What steps work on: events as they are written, pictures, and the search for something on the screen."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.scenario.stages import PACKAGE, A, Watched, node, phone
from promptrail.device.device import Device
from promptrail.errors import RecordingError
from rigs.android.namespaces import Phone

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def there() -> Iterator[tuple[Phone, Device]]:
    with phone() as one:
        yield one


def test_an_event_is_on_disk_when_it_is_told(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """A line of JSON with this machine's time, the probe's id and not its text, how far the device's clock is ahead."""
    before = time.time()
    at = Watched(there, tmp_path, A, ahead=2.5)
    at.stage.event("typed", "A", "a word 한국어")
    (line,) = at.events
    assert before <= line["t"] <= time.time() and line["device_ahead"] == 2.5
    assert (line["event"], line["probe"], line["label"]) == ("typed", "p1", "a word 한국어")
    assert "first text" not in json.dumps(line) and at.said == ["r: typed A: a word 한국어"]
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o600


def test_pictures_are_files_of_their_own(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """Every event has one but the first keystroke, which must not wait for it; the names are in the events."""
    at = Watched(there, tmp_path)
    for event in ("launch", "typing", "sent"):
        at.stage.event(event)
    assert [event.get("picture") for event in at.events] == ["screen-001.png", None, "screen-002.png"]
    assert (tmp_path / "screen-002.png").read_bytes().startswith(b"\x89PNG")


def test_the_time_of_an_event_is_after_its_picture(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """A picture takes a second on some devices; a tap that follows the event must not come that much later."""
    at = Watched(there, tmp_path)
    taken: list[float] = []
    picture = at.stage.device.screenshot

    def slow() -> bytes:
        found = picture()
        taken.append(time.time())
        return found

    at.stage.device = Device(at.stage.device.adb, at.stage.device.serial)
    at.stage.device.screenshot = slow  # type: ignore[method-assign]
    at.stage.event("consent")
    assert at.events[0]["t"] >= taken[0]


def test_a_screen_that_gives_no_picture_is_told_once(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """Apps may forbid it; the run goes on."""
    at = Watched(there, tmp_path)
    at.stage.device = Device(at.stage.device.adb, at.stage.device.serial)
    at.stage.device.screenshot = lambda: at.stage.device.read("/no/such/picture")  # type: ignore[method-assign]
    at.stage.event("launch")
    at.stage.event("sent")
    assert [event.get("picture") for event in at.events] == [None, None]
    assert len([line for line in at.said if "no pictures" in line]) == 1


def test_what_comes_late_is_found(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """The screen is looked at again until it is there; a screen that moves shows nothing meanwhile."""
    at = Watched(there, tmp_path)
    looks = []

    def alive() -> None:
        looks.append(1)
        if len(looks) == 2:
            at.show(node("Loading", 0), node("Continue", 1))

    at.stage.alive = alive
    assert at.stage.find({"text": "^Continue$"}, 20) == (100, 150) and len(looks) >= 2


def test_bytes_of_evidence(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """What `quiet` watches: the size of the proxy's lines, 0 before there are any."""
    at = Watched(there, tmp_path)
    assert at.stage.recorded() == 0
    (tmp_path / "evidence.jsonl").write_bytes(b"x" * 9)
    assert at.stage.recorded() == 9


def test_what_comes_before_the_app_starts(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """Hooks go in first."""
    at = Watched(there, tmp_path)
    seen: list[str] = []
    at.stage.before_start = lambda: seen.append(at.phone.run(f"pidof {PACKAGE}", check=False))
    at.stage.start_app()
    assert seen == [""] and at.phone.run(f"pidof {PACKAGE}")


def test_an_app_that_does_not_start_is_told(there: tuple[Phone, Device], tmp_path: Path) -> None:
    """With the device's own words."""
    at = Watched(there, tmp_path)
    command = at.phone.file(f"/data/app/{PACKAGE}/command")
    command.rename(command.with_name("away"))
    try:
        with pytest.raises(RecordingError, match=r"\.Main did not start: .*does not exist"):
            at.stage.start_app()
    finally:
        command.with_name("away").rename(command)
