"""What the recorder says of an encoded body: the decoded bytes' hash, or nothing where it cannot be sure."""

import gzip
import hashlib
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "addons"))
from promptrail_capture import content_encoding
from promptrail_capture.content_encoding import decoded_digest

TEXT = "참매 4821 ".encode() * 5000


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


ENCODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    (" GZIP ", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd),
    ("identity", bytes),
    ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    ("gzip", lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:])),
    ("zstd", lambda data: zstd(data[:99]) + zstd(data[99:])),
]
EXPECTED = {"sha256": hashlib.sha256(TEXT).hexdigest(), "length": len(TEXT)}


@pytest.mark.parametrize(("encoding", "encode"), ENCODERS)
def test_an_encoding_is_undone_whole_or_in_pieces(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    """The hash is of the text, however the body was cut into pieces on its way."""
    body = encode(TEXT)
    assert decoded_digest([body], encoding) == EXPECTED
    assert decoded_digest([body[:1], body[1:7], b"", body[7:]], encoding) == EXPECTED


@pytest.mark.parametrize(("encoding", "encode"), [e for e in ENCODERS if e[0] != "identity"])
def test_a_body_that_is_cut_short_has_no_decoded_form(
    encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    """Half a body is not passed off as a decoded one."""
    assert decoded_digest([encode(TEXT)[:-5]], encoding) is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "unheard-of", "", ","])
def test_what_is_not_encoded_as_it_says_has_no_decoded_form(encoding: str) -> None:
    """Wrong, unknown and empty encodings give nothing and raise nothing."""
    assert decoded_digest([b"{'plain': 'text'}" * 9], encoding) is None


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd)]
)
def test_a_bomb_is_given_up(
    encoding: str, encode: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that swells beyond the limit is left alone, after little more than the limit."""
    monkeypatch.setattr(content_encoding, "LIMIT", 1 << 20)
    given = []

    class Counted:
        def update(self, piece: bytes) -> None:
            given.append(len(piece))

    monkeypatch.setattr(content_encoding.hashlib, "sha256", Counted)
    assert decoded_digest([encode(bytes(64 << 20))], encoding) is None
    assert sum(given) < 16 << 20
