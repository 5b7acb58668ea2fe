"""One ZIP file, read with mistrust: limits, lies, encryption, damage, and names that nobody would give a file."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from apk.packages import zipped
from promptrail.apk.archive import Archive, Budget, Unreadable, shown
from promptrail.errors import InputError


def opened(data: bytes, budget: Budget | None = None) -> Archive:
    return Archive("a.apk", io.BytesIO(data), budget or Budget())


def flagged(data: bytes, at: int, value: int) -> bytes:
    """The directory's first entry with other two bytes at a place in it (APPNOTE 4.3.12)."""
    out = bytearray(data)
    struct.pack_into("<H", out, data.index(b"PK\x01\x02") + at, value)
    return bytes(out)


def test_entries_are_read() -> None:
    """Names in order, folders left out."""
    archive = opened(zipped({"b": b"two", "a/": b"", "a/x": b"one"}))
    assert archive.names == ["a/x", "b"] and archive.read("b") == b"two" and "a/x" in archive


@pytest.mark.parametrize(
    "data", [b"", b"not a zip file", b"PK\x03\x04" + bytes(100), zipped({"a": b"b" * 99})[:-30]]
)
def test_what_is_no_zip_file_is_refused(data: bytes) -> None:
    """Named, and with what to do."""
    with pytest.raises(InputError, match=r"a\.apk: not a ZIP file that can be read.*Check that it is whole"):
        opened(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (flagged(zipped({"x": b"text"}), 8, 1), "encrypted"),
        (flagged(zipped({"x": b"text"}), 10, 99), "damaged"),
        (flagged(zipped({"x": b"text" * 99}, zipfile.ZIP_STORED), 16, 0xBEEF), "damaged: Bad CRC"),
        (flagged(zipped({"x": b"text"}), 42, 0xFFFF), "damaged"),
        (zipped({"x": bytes(9 << 20)}), "9,437,184 bytes packed more than 250 times"),
    ],
)
def test_an_entry_that_cannot_be_read_has_its_reason(data: bytes, reason: str) -> None:
    """Encrypted, packed by a method that does not exist, another content than its digest, no header, a bomb."""
    budget = Budget()
    archive = opened(data, budget)
    with pytest.raises(Unreadable, match=reason):
        archive.read("x")
    assert archive.found("x") is None
    assert [(one.file, one.part) for one in budget.unread] == [("a.apk", "x")] and reason in budget.unread[
        0
    ].reason


def test_an_entry_over_the_limit_is_not_unpacked() -> None:
    """The limit of this reading, and what is left for all together."""
    archive = opened(zipped({"x": b"0123456789", "y": b"0123456789"}))
    with pytest.raises(Unreadable, match="10 bytes unpacked, and the limit is 9"):
        archive.read("x", 9)
    archive.budget.left = 15
    assert archive.read("x") == b"0123456789"
    with pytest.raises(Unreadable, match="the limit is 5"):
        archive.read("y")


def test_a_size_that_is_a_lie_does_not_unpack_more() -> None:
    """The directory says four bytes, and a hundred million would come out."""
    data = zipped({"x": bytes(100_000_000)})
    small = bytearray(data)
    struct.pack_into("<I", small, data.index(b"PK\x01\x02") + 24, 4)
    archive = opened(bytes(small))
    with pytest.raises(Unreadable, match="damaged"):
        archive.read("x")


def test_entries_on_top_of_each_other_are_refused() -> None:
    """One content that many entries point at: the bomb that needs no nesting."""
    data = zipped({"x": b"text" * 500, "y": b"text" * 500})
    twice = bytearray(data)
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", twice, second + 42, 0)
    archive = opened(bytes(twice))
    with pytest.raises(Unreadable, match="damaged"):
        archive.read("y")


def test_a_name_that_stands_twice_is_told() -> None:
    """A verifier that reads the first and a system that reads the second have been fooled by it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("classes.dex", b"one")
        archive.writestr("classes.dex", b"two")
    budget = Budget()
    assert opened(out.getvalue(), budget).read("classes.dex") == b"two"
    assert budget.unread[0].part == "classes.dex" and "more than once" in budget.unread[0].reason


def test_a_hundred_thousand_entries_are_listed() -> None:
    """And it is said that not all will be searched."""
    budget = Budget()
    archive = opened(zipped({f"assets/{n}": b"" for n in range(100_000)}, zipfile.ZIP_STORED), budget)
    assert len(archive.names) == 100_000 and "100,000 entries; the first 50,000" in budget.unread[0].reason


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:\\x", "a\nb", "\u202egnp.so", "x" * 60_000, " "]
)
def test_a_name_is_only_ever_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing is written anywhere, and a name that is told fits on a line."""
    monkeypatch.chdir(tmp_path)
    budget = Budget()
    archive = opened(zipped({name: b"text"}), budget)
    assert archive.read(archive.names[0]) == b"text" and list(tmp_path.iterdir()) == []
    budget.missing("a.apk", name, "r")
    assert len(budget.unread[0].part) <= 500 and shown("short") == "short"
