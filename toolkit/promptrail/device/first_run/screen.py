"""Steps on the screen: a text of any script typed, a picture, a film."""

import importlib.util
import struct
import time

from promptrail.device import keyboard
from promptrail.device.film import Film
from promptrail.device.first_run.step import Seen, Visit, failed, not_run, passed

TEXT = "안녕하세요 你好 naïve 🐦"
FILM = 5.0
"""Seconds; screenrecord starts late on emulators."""


def typed(visit: Visit) -> Seen:
    """Through the input method, which is the only way for what is not ASCII."""
    device = visit.phone
    there = keyboard.IME in device.shell("ime list -s -a", check=False).text
    if not there and importlib.util.find_spec("uiautomator2") is None:
        return not_run(f"the device has no {keyboard.IME}: `pip install uiautomator2` brings it")
    before = device.shell("settings get secure default_input_method").text
    keyboard.type_text(device, TEXT)
    after = device.shell("settings get secure default_input_method").text
    if before not in ("null", "", after):
        return failed(f"the input method was {before}, and is {after} now")
    return passed(f"it took the text, and the input method is {after} as before")


def reads(visit: Visit) -> str:
    return f"Does the text field show: {TEXT}"


def picture(visit: Visit) -> Seen:
    data = visit.phone.screenshot()
    file = visit.folder / "screen.png"
    file.write_bytes(data)
    visit.shown.append(file)
    width, height = struct.unpack_from(">II", data, 16)
    return passed(f"a whole PNG of {width} x {height} pixels, {len(data):,} bytes")


def film(visit: Visit) -> Seen:
    with Film(visit.phone, visit.folder) as made:
        if made.told is None:
            time.sleep(FILM)
    if made.told:
        return not_run(made.told) if "no screenrecord" in made.told else failed(made.told)
    for name in made.files:
        data = (visit.folder / name).read_bytes()
        visit.shown.append(visit.folder / name)
        if (
            data[4:8] != b"ftyp" or b"moov" not in data
        ):  # ISO/IEC 14496-12: without a movie box it cannot be played
            return failed(f"{name}, {len(data):,} bytes, is no MP4 that was brought to its end")
    return passed(f"{len(made.files)} whole MP4 files")


def shows(visit: Visit) -> str | None:
    files = ", ".join(map(str, visit.shown))
    return f"Open {files}: is that the device's screen, readable and not black?" if files else None
