"""What the lab uploads as files, read by the standard library."""

import bz2
import io
import lzma
import zipfile
from collections.abc import Callable

import pytest

from promptrail.lab.encoders import archive
from promptrail.lab.encodings.files import docx


def test_zip_archive() -> None:
    """The standard library reads every file, with its check sum, under its name."""
    files = {"a.txt": b"one" * 40, "문서/b.xml": "회의".encode() * 9}
    with zipfile.ZipFile(io.BytesIO(archive.zip_archive(*files.items()))) as made:
        assert made.testzip() is None
        assert {name: made.read(name) for name in made.namelist()} == files


def test_a_document_holds_its_text() -> None:
    """The part in which a word processor looks for it."""
    with zipfile.ZipFile(io.BytesIO(docx("a < b & 회의"))) as made:
        assert "<w:t>a &lt; b &amp; 회의</w:t>" in made.read("word/document.xml").decode()


@pytest.mark.parametrize(("do", "undo"), [(archive.bzip2, bz2.decompress), (archive.xz, lzma.decompress)])
def test_compressed_files(do: Callable[[bytes], bytes], undo: Callable[[bytes], bytes]) -> None:
    """Another implementation, with its check sums, gives the bytes back."""
    data = "회의를 녹음해도 될까요?".encode() * 9
    assert undo(do(data)) == data
