"""What stands on a screen, from Android's dump of it: elements, places, and dumps of a hostile app."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.scenario.stages import dump, node
from promptrail.device.device import Device
from promptrail.device.screen import Element, Place, elements, find, look, words
from promptrail.errors import DeviceError, RecordingError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

NESTED = dump(
    '<node text="" resource-id="org.example:id/list" class="List" content-desc="" bounds="[0,0][200,900]">'
    + node("Send", 2)
    + "</node>",
    node("", 3, **{"content-desc": "Send a picture"}),
    node("Save", 4, **{"resource-id": "org.example:id/send"}),
)


def test_elements_from_the_outside_in() -> None:
    """Text, or what a screen reader says; the whole id; the middle of the bounds."""
    assert [(one.text, one.id, one.place) for one in elements(NESTED)] == [
        ("", "org.example:id/list", Place(100, 450)),
        ("Send", "", Place(100, 250)),
        ("Send a picture", "", Place(100, 350)),
        ("Save", "org.example:id/send", Place(100, 450)),
    ]


@pytest.mark.parametrize(
    ("where", "row"),
    [
        ({"text": "Send"}, 2),
        ({"text": "^Send a"}, 3),
        ({"text": "(?i)^SAVE$"}, 4),
        ({"id": "send"}, 4),
        ({"id": "org.example:id/send"}, 4),
        ({"id": "send", "text": "Save"}, 4),
        ({"id": "send", "text": "Send"}, None),
        ({"id": "sen"}, None),
        ({"text": "Buy"}, None),
        ({}, None),
    ],
)
def test_what_is_found(where: dict[str, str], row: int | None) -> None:
    """By a pattern in the text, by the id or its last part, by both; the first that fits."""
    assert find(elements(NESTED), where) == (None if row is None else Place(100, row * 100 + 50))


def test_a_pattern_that_is_none() -> None:
    """The error names it."""
    with pytest.raises(RecordingError, match=r"'\(' is no regular expression"):
        find(elements(NESTED), {"text": "("})


def test_what_a_person_reads() -> None:
    """Each text once, shortened, and nothing in it reaches the terminal as it is."""
    seen = [Element(text, "", "", Place(0, 0)) for text in ("Hi", "Hi", "", "\x1b[2J" + "x" * 90)]
    assert words(seen) == ["'Hi'", "'\\x1b[2J" + "x" * 36 + "'"]


HOSTILE = {
    "cut short": (NESTED[:120], "is broken"),
    "no end": ("<?xml version='1.0'", "is broken"),
    "nothing": ("", "is broken"),
    "entities": ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><hierarchy/>', "declares entities"),
    "bad characters": (dump('<node text="\x01" />'), "is broken"),
    "too large": (dump(node("x" * (9 << 20))), "too large"),
}


@pytest.mark.parametrize(("xml", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_dump(xml: str, why: str) -> None:
    """A sentence, and no exception of a parser."""
    with pytest.raises(RecordingError, match=why):
        elements(xml)


@pytest.mark.parametrize(
    "bounds", ["", "[0,0]", "[a,b][c,d]", "[0,0][9999999999999999999999,1]x", "[1,2][3,4][5,6]"]
)
def test_an_element_without_a_place_is_left_out(bounds: str) -> None:
    """It cannot be tapped; the others can."""
    found = elements(dump(f'<node text="a" bounds="{bounds}" />', node("b")))
    assert [one.text for one in found] == ["b"]


def test_text_of_an_app_is_text() -> None:
    """Marks, quotes, other scripts and what looks like a command come as they are shown."""
    text = "<b>&amp; \"동의\" '$(reboot)' 𠮷 \u202e"
    assert elements(dump(node(text)))[0].text == text


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    more = {"uiautomator": 'cat "$here/said"; cp "$here/screen" "$2" 2>/dev/null; true'}
    path = adbd_programs.write(tmp_path / "bin", more=more)
    with Adbd(tmp_path / "device", path=path) as adbd:
        yield adbd.device()


def test_by_a_device(device: Device, tmp_path: Path) -> None:
    """The dump is read whole, whatever uiautomator says before it, and no file of it stays."""
    state = tmp_path / "bin" / "state"
    (state / "said").write_text("UI hierchary dumped to: somewhere\n")
    (state / "screen").write_text(dump(node("보내기")), encoding="utf-8")
    assert [one.text for one in look(device)] == ["보내기"]
    assert not list((tmp_path / "device" / "data" / "local" / "tmp").iterdir())


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("ERROR: could not get idle state.", True),
        ("ERROR: null root node returned by UiTestAutomationBridge.", True),
        ("java.lang.SecurityException: no", False),
    ],
)
def test_a_screen_that_cannot_be_read(device: Device, tmp_path: Path, said: str, seen: bool) -> None:
    """One that moves shows nothing for now; anything else is told with uiautomator's words."""
    (tmp_path / "bin" / "state" / "said").write_text(said)
    if seen:
        assert look(device) == []
    else:
        with pytest.raises(DeviceError, match="SecurityException"):
            look(device)
