"""Compressed streams by other implementations than those that undo them here: cramjam's, and framed snappy by hand."""

import zlib
from collections.abc import Iterator

SNAPPY_MAGIC = b"\xff\x06\x00\x00sNaPpY"
POLYNOMIAL = 0x82F63B78
"""CRC-32C (Castagnoli), reflected: RFC 3720, section 12.1."""


def gzip(data: bytes) -> bytes:
    """RFC 1952: the header by hand, without a time, so that the same text gives the same bytes."""
    size = (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return (
        bytes.fromhex("1f8b08000000000000ff") + deflate(data) + zlib.crc32(data).to_bytes(4, "little") + size
    )


def deflate(data: bytes) -> bytes:
    """Raw deflate (RFC 1951)."""
    import cramjam

    return bytes(cramjam.deflate.compress(data))


def zlib_stream(data: bytes) -> bytes:
    """RFC 1950: two bytes, deflate, Adler-32."""
    return b"\x78\x9c" + deflate(data) + zlib.adler32(data).to_bytes(4)


def br(data: bytes) -> bytes:
    """RFC 7932, by the Rust implementation."""
    import cramjam

    return bytes(cramjam.brotli.compress(data))


def zstd(data: bytes) -> bytes:
    """RFC 8878."""
    import cramjam

    return bytes(cramjam.zstd.compress(data))


def lz4(data: bytes) -> bytes:
    """LZ4 frame format."""
    import cramjam

    return bytes(cramjam.lz4.compress(data))


def snappy(data: bytes) -> bytes:
    """Snappy's framing format: one chunk of 64 KiB at most, with its masked check sum."""
    block = snappy_block(data)
    chunk = b"\x00" + (len(block) + 4).to_bytes(3, "little") + masked(crc32c(data)).to_bytes(4, "little")
    return SNAPPY_MAGIC + chunk + block


def snappy_block(data: bytes) -> bytes:
    """One raw block of 64 KiB at most: its length, literals and copies."""
    assert 0 < len(data) < 1 << 16
    return varint(len(data)) + b"".join(_elements(data))


def lz4_block(data: bytes, sized: bool = False) -> bytes:
    """One raw LZ4 block; `sized`: behind its length in four bytes, the lowest first."""
    import cramjam

    return bytes(cramjam.lz4.compress_block(data, store_size=sized))


def _elements(data: bytes) -> Iterator[bytes]:
    """Literals, and copies of 4 to 64 bytes that came before (format description, section 2): greedy and slow."""
    at = begin = 0
    while at < len(data):
        size = 64
        while size >= 4 and (at + size > len(data) or data.find(data[at : at + size], 0, at) < 0):
            size -= 1
        if size < 4:
            at += 1
            continue
        if literal := data[begin:at]:
            yield _literal(literal)
        offset = at - data.find(data[at : at + size], 0, at)
        yield bytes([size - 1 << 2 | 2]) + offset.to_bytes(2, "little")
        at = begin = at + size
    if literal := data[begin:]:
        yield _literal(literal)


def _literal(data: bytes) -> bytes:
    size = len(data) - 1
    return (bytes([size << 2]) if size < 60 else bytes([61 << 2]) + size.to_bytes(2, "little")) + data


def crc32c(data: bytes) -> int:
    """The check sum that snappy asks for."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ POLYNOMIAL * (crc & 1)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """Snappy's framing format, section 3: rotated and shifted, for check sums of check sums are weak."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))
