"""Compressed bombs: what comes out is bounded by size and ratio, its beginning is looked through, the cut is told."""

import bz2
import gzip
import zlib
from collections.abc import Callable

import brotli
import cramjam
import lz4.frame
import pytest
import zstandard

from promptrail.decode import expand
from promptrail.decode.compressed import undo
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import LIMITS, MIB
from promptrail.decode.parts import body_part
from promptrail.model import Probe
from promptrail.trace.search import Search
from promptrail.trace.walk import Walk

MARK = b"the beginning of it, kestrel-4417 "
TEXT = MARK + b"text and more " * (LIMITS.inflated // 14 + 1)
ZEROS = MARK + bytes(LIMITS.inflated)


def snappy_of(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data))


def level_3(data: bytes) -> bytes:
    return brotli.compress(data, quality=3)


BOMBS: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("gzip", lambda d: gzip.compress(d, 1), "gzip"),
    ("zlib", lambda d: zlib.compress(d, 1), "deflate"),
    ("zstd", zstandard.compress, "zstd"),
    ("lz4", lz4.frame.compress, "lz4"),
    ("snappy", snappy_of, "snappy"),
    ("br", level_3, "br"),
    ("deflate", lambda d: zlib.compress(d, 1, wbits=-15), "deflate"),
]


@pytest.mark.parametrize(("name", "write", "coding"), BOMBS, ids=[b[0] for b in BOMBS])
@pytest.mark.parametrize("content", [TEXT, ZEROS], ids=["text", "zeros"])
def test_a_bomb_is_cut_and_its_beginning_read(
    name: str, write: Callable[[bytes], bytes], coding: str, content: bytes
) -> None:
    """Named by a header or not: one fault of the kind `limit`, one layer within the limit that begins as it should."""
    data = write(content)
    for layer in (Layer(data), Layer(data, encodings=(coding,))):
        if not layer.encodings and name in ("br", "deflate") and content is ZEROS:
            continue  # without a header only text is believed
        faults: list[Undecodable] = []
        (child,) = expand(layer, faults)
        assert [f.reason for f in faults] == ["limit"] and "more than" in faults[0].detail
        assert child.data[: len(MARK)] == MARK
        assert len(child.data) == LIMITS.room(len(data)) <= LIMITS.inflated
        assert (child.start, child.length, child.exact) == (0, len(data), False)


@pytest.mark.parametrize("write", [zstandard.compress, level_3], ids=["zstd", "br"])
def test_the_ratio_cuts_where_the_size_would_not(write: Callable[[bytes], bytes]) -> None:
    """A few hundred bytes that stand for 60 MiB, less than a stream may give: cut at the bytes that are free."""
    data = write(MARK + bytes(60 * MIB))
    assert len(data) * LIMITS.ratio < LIMITS.free
    with pytest.raises(Undecodable) as fault:
        undo("zstd" if data[:4] == b"\x28\xb5\x2f\xfd" else "br", data)
    assert fault.value.reason == "limit" and len(fault.value.data) == LIMITS.free


def test_what_deflate_can_reach_is_within_the_ratio() -> None:
    """An honest stream that shrinks to a thousandth is whole."""
    data = gzip.compress(bytes(40 * MIB), 9)
    assert 40 * MIB / len(data) > 1000
    assert undo("gzip", data) == (bytes(40 * MIB), True)


def test_a_cut_stream_goes_on_under_its_other_codings() -> None:
    """What came out of the outer coding is undone further, as far as it goes; both cuts are told."""
    faults: list[Undecodable] = []
    inner = gzip.compress(ZEROS * 2, 0)
    (outer,) = expand(Layer(gzip.compress(inner, 1), encodings=("gzip", "gzip")), faults)
    (layer,) = expand(outer, faults)
    assert [f.reason for f in faults] == ["limit", "incomplete"]
    assert layer.chain == ("gzip", "gzip") and layer.data[: len(MARK)] == MARK


def test_a_frame_that_wants_a_huge_window_is_refused() -> None:
    """zstd with a window of 128 MiB: a fault, before anything is allocated."""
    writer = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    ).compressobj()
    data = writer.compress(b"x" * 1000) + writer.flush()
    with pytest.raises(Undecodable) as fault:
        undo("zstd", data)
    assert fault.value.reason == "encoding" and "memory" in fault.value.detail


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xff\xff\xff\x0f" + b"\xfe\x01\x00" * 30, "cannot stand for"),
        (bytes(cramjam.snappy.compress_raw(bytes(LIMITS.inflated + 1))), "stands for 67,108,865"),
    ],
)
def test_a_snappy_block_may_not_promise_more(data: bytes, words: str) -> None:
    """A length that no such block can have, and one beyond the limit."""
    with pytest.raises(Undecodable, match=words):
        undo("snappy", data)


def test_another_coding_is_named() -> None:
    """bzip2 is no content coding."""
    with pytest.raises(Undecodable, match="'bzip2' is not known"):
        undo("bzip2", bz2.compress(b"abc"))


@pytest.mark.long
def test_ten_gigabytes_of_zeros() -> None:
    """10 MB of gzip that stand for 10 GB of zeros behind a prompt: cut, counted, and the prompt is found."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 24)
    first = packer.compress(MARK) + packer.flush(zlib.Z_FULL_FLUSH)
    body = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    data = first + body * 639  # after a full flush each block stands for itself
    walk = Walk(Search([Probe("p1", "prompt", MARK.decode().strip())]))
    hits = walk.part(body_part(data, "body", "request", coding="gzip"))
    assert [h.layer.chain for h in hits] == [("gzip",)]
    assert "limit" in [u.reason for u in walk.unread]
