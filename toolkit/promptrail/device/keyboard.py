"""Types into a device: a text in, keystrokes on the device out; says when a character could not be typed.

`input text` takes printable ASCII only, and loses characters of a long text. Everything else goes through the input
method of uiautomator2's app (com.github.uiautomator/.AdbKeyboard, MIT), which is installed and chosen for as long as it
is needed; the one that was chosen before is chosen again. With it the app sees no single keystrokes.
"""

import base64
import importlib.util
import re
import time
from pathlib import Path
from shlex import quote

from promptrail.device.adb_faults import one_line
from promptrail.device.device import Device
from promptrail.errors import RecordingError

PIECE = 80
"""Characters that one `input text` takes without losing any."""
APP = "com.github.uiautomator"
IME = f"{APP}/.AdbKeyboard"
DELETE, END, CTRL, A = 67, 123, 113, 29
"""KEYCODE_DEL, KEYCODE_MOVE_END, KEYCODE_CTRL_LEFT, KEYCODE_A."""
AT_ONCE = 40
CHOSEN = 0.3
"""Seconds for an input method to be bound."""


def type_text(device: Device, text: str) -> None:
    """RecordingError where the device has no way to type it."""
    if not text:
        return
    if text.isascii() and text.isprintable() and "%s" not in text:
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE].replace(" ", "%s")
            device.shell(f"input text {quote(piece)}")
    else:
        _through_the_input_method(device, text)


def erase(device: Device, characters: int) -> None:
    """From the end of the field."""
    device.shell(f"input keyevent {END}")
    for start in range(0, characters, AT_ONCE):
        presses = min(AT_ONCE, characters - start)
        device.shell("; ".join([f"input keyevent {DELETE}"] * presses), timeout=60.0)


def paste(device: Device, text: str) -> None:
    """The whole text at once by the input method, whatever it holds: no keystroke, and nothing on the clipboard."""
    if text:
        _through_the_input_method(device, text)


def empty(device: Device, characters: int) -> None:
    """All that stands in the field at once; a key for each character where the device has no combinations of keys."""
    if device.shell(f"input keycombination {CTRL} {A}", check=False).code:
        erase(device, characters)
    else:
        device.shell(f"input keyevent {DELETE}")


def _through_the_input_method(device: Device, text: str) -> None:
    before = device.shell("settings get secure default_input_method").text
    if before != IME:
        _choose(device, IME)
    try:
        encoded = base64.b64encode(text.encode()).decode()
        said = device.shell(f"am broadcast -a ADB_KEYBOARD_INPUT_TEXT --es text {encoded}").text
        if "result=-1" not in said:
            raise RecordingError(f"the input method {IME} did not take the text: {one_line(said)[-200:]}")
    finally:
        if before not in (IME, "null", ""):
            device.shell(f"ime set {quote(before)}", check=False)


def installed(device: Device) -> bool:
    """Whether the app with the input method is there."""
    return device.shell(f"pm path {APP}", check=False).text.startswith("package:")


def _choose(device: Device, method: str) -> None:
    if not re.search(
        rf"^{re.escape(method)}\b", device.shell("ime list -s -a", check=False).text, re.MULTILINE
    ):
        device.install(_app())
    device.shell(f"ime enable {method}")
    device.shell(f"ime set {method}")
    time.sleep(CHOSEN)


def _app() -> Path:
    """The app that has the input method, where Python's uiautomator2 is installed."""
    found = importlib.util.find_spec("uiautomator2")
    apk = Path(found.origin).parent / "assets" / "app-uiautomator.apk" if found and found.origin else None
    if apk is None or not apk.is_file():
        raise RecordingError(
            "this text is not plain ASCII, and the device has no input method that types it: `pip install "
            "uiautomator2` brings one, which is then installed on the device; or type it by hand in a step `manual`."
        )
    return apk
