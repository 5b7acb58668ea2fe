"""Files in files: ZIP, bzip2 and xz, whole, broken, locked and as bombs."""

import bz2
import io
import lzma
import zipfile
from collections.abc import Callable

import pytest

from promptrail.decode import expand
from promptrail.decode.archive import zip_
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import LIMITS

TEXT = "회의를 녹음해도 될까요? plover-6612".encode()


def archive(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, data in files:
            made.writestr(name, data)
    return out.getvalue()


def test_each_file_of_an_archive_is_a_layer() -> None:
    """With its name as captured text, and the place where its bytes stand; stored ones stand there as they are."""
    for how, exact in ((zipfile.ZIP_DEFLATED, False), (zipfile.ZIP_STORED, True)):
        data = archive(("../../etc/x", b"one" * 30), ("문서.txt", TEXT), how=how)
        first, second = zip_(Layer(data))
        assert (first.path, second.path) == ("file ../../etc/x", "file 문서.txt")
        assert (second.data, second.exact) == (TEXT, exact)
        assert not exact or data[second.start : second.start + second.length] == TEXT


@pytest.mark.parametrize(("word", "write"), [("bzip2", bz2.compress), ("xz", lzma.compress)])
def test_compressed_files(word: str, write: Callable[[bytes], bytes]) -> None:
    """By their magic; cut short they give what came out, and the fault."""
    (child,) = expand(Layer(write(TEXT)), [])
    assert (child.data, child.chain) == (TEXT, (word,))
    faults: list[Undecodable] = []
    list(expand(Layer(write(TEXT * 999)[:-8]), faults))
    assert [f.reason for f in faults] == ["incomplete"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 and then nothing of the kind", "encoding"),
        (archive(("a", TEXT))[:60], "encoding"),
        (archive(("a", TEXT * 9)).replace(b"a\x9c", b"\0\0")[:-30], "encoding"),
        (b"BZh91AY&SY" + bytes(40), "encoding"),
        (b"\xfd7zXZ\0" + b"\x07" * 40, "encoding"),
        (bz2.compress(bytes(LIMITS.inflated + 1)), "limit"),
        (lzma.compress(bytes(LIMITS.inflated + 1)), "limit"),
        (archive(*((f"{n}", bytes(1 << 24)) for n in range(17))), "limit"),
    ],
    ids=["no ZIP", "cut", "broken", "no bzip2", "no xz", "bzip2 bomb", "xz bomb", "ZIP bomb"],
)
def test_what_cannot_be_read_is_told(data: bytes, reason: str) -> None:
    """One fault, never an exception; what came before it stays."""
    faults: list[Undecodable] = []
    size = sum(len(child.data) for child in expand(Layer(data), faults))
    assert reason in [f.reason for f in faults]
    assert size <= LIMITS.bytes + len(data)


def test_locked_files_are_counted() -> None:
    """A file under a password stays shut; the others are read."""
    data = bytearray(archive(("locked", TEXT), ("open", b"words")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    faults: list[Undecodable] = []
    children = list(expand(Layer(bytes(data)), faults))
    assert [c.data for c in children] == [b"words"]
    assert "1 encrypted" in faults[0].detail
