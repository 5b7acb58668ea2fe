"""Bytes written as characters."""

import gzip
import json
import zlib

import pytest
import zstandard

from promptrail.decode.latin import latin
from promptrail.decode.layer import Layer

TEXT = b"the words of a prompt, long enough to be compressed" * 3


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(TEXT), zlib.compress(TEXT), zstandard.compress(TEXT)],
    ids=["gzip", "zlib", "zstd"],
)
def test_compressed_bytes_in_a_json_string(packed: bytes) -> None:
    """A JSON string whose characters are the bytes of a compressed format gives them back."""
    written = json.loads(json.dumps(packed.decode("latin-1"))).encode()
    assert [piece.data for piece in latin(Layer(written))] == [packed]


@pytest.mark.parametrize(
    "data", [TEXT, b"x^2 + y^2", "x\u00da and 회의".encode(), b"\x1f\xc2\x8b\x08\xff", b""]
)
def test_other_text_is_left_alone(data: bytes) -> None:
    """Without the magic, with characters beyond U+00FF, or not UTF-8: nothing."""
    assert list(latin(Layer(data))) == []
