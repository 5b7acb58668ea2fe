"""Compressed streams by other implementations than those that undo them here: cramjam's, and framed snappy by hand."""

import zlib

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
    """Snappy's framing format: one chunk of 64 KiB at most, a literal and nothing else in it."""
    assert 0 < len(data) < 1 << 16
    literal = bytes([61 << 2]) + (len(data) - 1).to_bytes(2, "little") + data
    chunk = masked(crc32c(data)).to_bytes(4, "little") + varint(len(data)) + literal
    return SNAPPY_MAGIC + b"\x00" + len(chunk).to_bytes(3, "little") + chunk


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
