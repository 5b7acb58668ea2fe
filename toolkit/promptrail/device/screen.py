"""What stands on a device's screen: Android's own dump of it in, elements and the place of one of them out.

Text of an app is hostile: it is matched and shown, never run. Compose, Flutter and games may show nothing here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from promptrail.device.device import Device
from promptrail.errors import DeviceError, RecordingError

DUMP = "/data/local/tmp/promptrail-screen.xml"
LARGEST = 8 << 20
BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")


class Place(NamedTuple):
    x: int
    y: int


class Element(NamedTuple):
    text: str
    """What it shows, or says to a screen reader."""
    id: str
    """Its resource id, whole (`org.example.chat:id/send`) or empty."""
    kind: str
    place: Place


def look(device: Device) -> list[Element]:
    """The elements on the screen, from the outside in; none while it moves all the time (uiautomator says so)."""
    said = device.shell(f"uiautomator dump {DUMP}; cat {DUMP}; rm -f {DUMP}", check=False, timeout=30.0)
    start = said.text.find("<?xml")
    if start < 0:
        if "idle state" in said.said or "null root node" in said.said:
            return []
        raise DeviceError(
            f"the screen of {device.serial} cannot be read; uiautomator said: {said.said[-200:]}", said.said
        )
    return elements(said.text[start:])


def elements(xml: str) -> list[Element]:
    """RecordingError for what is no dump of a screen."""
    if len(xml) > LARGEST or "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise RecordingError("the dump of the screen is too large or declares entities; it is not read.")
    try:
        root = ElementTree.fromstring(xml[: xml.rindex(">") + 1])
    except (ElementTree.ParseError, ValueError) as fault:
        raise RecordingError(f"the dump of the screen is broken: {fault}.") from fault
    found = []
    for node in root.iter("node"):
        if bounds := BOUNDS.fullmatch(node.get("bounds", "")):
            left, top, right, bottom = map(int, bounds.groups())
            text = node.get("text") or node.get("content-desc") or ""
            place = Place((left + right) // 2, (top + bottom) // 2)
            found.append(Element(text, node.get("resource-id", ""), node.get("class", ""), place))
    return found


def find(seen: Sequence[Element], where: Mapping[str, Any]) -> Place | None:
    """The first element whose text matches the pattern and whose id is this, whole or behind its last slash."""
    for one in seen:
        if "id" in where and where["id"] not in (one.id, one.id.rpartition("/")[2]):
            continue
        if "text" in where and not _matches(where["text"], one.text):
            continue
        if "id" in where or "text" in where:
            return one.place
    return None


def words(seen: Sequence[Element]) -> list[str]:
    """What a person reads there, each once."""
    return list(dict.fromkeys(repr(one.text[:40]) for one in seen if one.text))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error as fault:
        raise RecordingError(f"{pattern!r} is no regular expression: {fault}.") from fault
