"""Whole pictures and broken ones."""

import pytest

from promptrail.device import png
from rigs.android.adbd_programs import png as picture

WHOLE = picture(20, 30)
BROKEN = [
    (b"", "is no PNG"),
    (b"<html>", "is no PNG, it begins with b'<html>'"),
    (WHOLE.replace(b"\r\n", b"\n"), "had its line ends changed"),
    (WHOLE.replace(b"\r\n", b"\r\r\n"), "had its line ends changed"),
    (WHOLE[:8], "breaks off"),
    (WHOLE[:-12], "breaks off"),
    (WHOLE[:-1], "breaks off"),
    (WHOLE[:30], "breaks off"),
    (WHOLE + b"x", "1 bytes behind its end"),
    (WHOLE.replace(b"IDAT", b"IDAU"), "damaged in the chunk IDAU"),
    (WHOLE[:8] + b"\xff\xff\xff\xff" + WHOLE[12:], "breaks off"),
]


def test_a_whole_picture() -> None:
    """Nothing is wrong with it."""
    assert png.fault(WHOLE) is None and png.fault(picture()) is None


@pytest.mark.parametrize(("data", "words"), BROKEN)
def test_a_broken_picture(data: bytes, words: str) -> None:
    """What is wrong is said, and never an exception."""
    assert words in (png.fault(data) or "")


def test_every_changed_byte_is_seen() -> None:
    """A picture is evidence: no single changed byte passes."""
    for at in range(len(WHOLE)):
        changed = WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]
        assert png.fault(changed), at
