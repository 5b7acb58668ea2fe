"""The DEX tables: every version, several parts in one file, Modified UTF-8, and tables that are broken."""

import struct

import pytest

from apk.dex_files import CLASS_DEFS, STRING_IDS, TYPE_IDS, container, dex_file, modified_utf8
from promptrail.apk import dex

CHAT, VENDOR = "Lorg/example/chat/Main;", "Lcom/vendor/Sdk;"


@pytest.mark.parametrize("version", range(35, 41))
def test_every_version_gives_its_tables(version: int) -> None:
    """Classes are those that are defined, types also those that are only mentioned; strings hold both and more."""
    found = dex.read(dex_file(["hello"], [CHAT], mentions=[VENDOR], version=version))
    assert (found.version, found.classes, found.types) == (version, [CHAT], {CHAT, VENDOR})
    assert b"hello" in found.strings and not found.faults


def test_a_container_gives_all_its_parts() -> None:
    """From 041 on, a file may hold several; the offsets of each count from the beginning of the file."""
    found = dex.read(container((["one"], [CHAT]), (["two"], [VENDOR])))
    assert found.classes == [CHAT, VENDOR] and {b"one", b"two"} <= set(found.strings)
    assert found.version == 41 and not found.faults


@pytest.mark.parametrize(
    "text", ["", "a\0b", "프롬프트", "\U0001f600 smile", "é\ud800", "x" * 127, "x" * 128, "y" * 20_000]
)
def test_strings_are_modified_utf8(text: str) -> None:
    """NUL is two bytes, what lies beyond the first plane two surrogates; the length may take several bytes."""
    found = dex.read(dex_file([text, "other"]))
    assert modified_utf8(text) in found.strings and not found.faults
    assert dex.text_of(modified_utf8(text)) == text.replace("\ud800", "\ufffd")


def test_bytes_that_are_no_text_are_replaced() -> None:
    """What is not Modified UTF-8 either does not end the reading."""
    assert dex.text_of(b"ok\xff\xfe") == "ok\ufffd\ufffd"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not begin as a DEX file"),
        (b"PK\x03\x04", "does not begin as a DEX file"),
        (dex_file()[:60], "ends within its header"),
        (dex_file(["a"], [CHAT])[:-4], "cut short"),
    ],
)
def test_what_is_no_whole_dex_says_so(data: bytes, said: str) -> None:
    """A fault in words, and no exception."""
    assert said in " ".join(dex.read(data).faults)


def broken(at: int, value: int) -> bytes:
    data = bytearray(dex_file(["hello"], [CHAT]))
    struct.pack_into("<I", data, at, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (STRING_IDS, 0xFFFFFFFF, "string table of 4,294,967,295 ends outside"),
        (STRING_IDS + 4, 0xFFFFFFF0, "string table of 2 ends outside"),
        (TYPE_IDS, 0x7FFFFFFF, "type table of 2,147,483,647 ends outside"),
        (CLASS_DEFS + 4, 0x7FFFFFFF, "class table of 1 ends outside"),
        (0x28, 0x78563412, "endian tag"),
        (0x70, 0xFFFFFFFF, "strings point outside the file"),
    ],
)
def test_a_table_that_points_outside_is_read_as_far_as_it_lies_inside(at: int, value: int, said: str) -> None:
    """Counts and offsets out of the file are never believed."""
    assert said in " ".join(dex.read(broken(at, value)).faults)


def test_indices_outside_their_table_are_counted() -> None:
    """A type that names no string, and the class of it."""
    data = bytearray(dex_file(["hello"], [CHAT]))
    (types,) = struct.unpack_from("<I", data, TYPE_IDS + 4)
    struct.pack_into("<I", data, types, 99)
    found = dex.read(bytes(data))
    assert found.classes == [] and "2 types and classes point outside" in found.faults[0]


def test_a_table_cannot_multiply_a_string() -> None:
    """A hundred thousand entries for one string of a megabyte would be a hundred gigabytes; the reading stops."""
    text, count = b"x" * (1 << 20), 100_000
    at = 0x70 + 4 * count
    head = bytearray(dex_file()[:0x70])
    struct.pack_into("<I", head, 0x20, at + len(text) + 4)
    struct.pack_into("<2I", head, STRING_IDS, count, 0x70)
    units = b"\x80\x80\x40"
    data = bytes(head) + struct.pack("<I", at) * count + units + text + b"\0"
    found = dex.read(data)
    assert len(found.strings) < 10 and "overlap" in found.faults[0]


def test_a_container_that_lies_about_its_parts_ends() -> None:
    """A part of no length, and a part that is none."""
    whole = container(([], [CHAT]), ([], [VENDOR]))
    none = bytearray(whole)
    struct.pack_into("<I", none, 0x20, 0)
    assert dex.read(bytes(none)).classes == [CHAT]
    odd = bytearray(whole)
    struct.pack_into("<I", odd, 0x20, 0x90)
    assert "no DEX header at 0x90" in " ".join(dex.read(bytes(odd)).faults)


def test_more_items_than_an_app_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of a quarter of a gigabyte, all of empty strings, are no reason to fill the memory."""
    monkeypatch.setattr(dex, "DEX_ITEMS", 5)
    found = dex.read(dex_file(["a", "b", "c"], [CHAT, VENDOR]))
    assert len(found.strings) == 5 and found.classes == []
    assert "its tables have more than 5 items: 0 of 2 types read" in found.faults
