"""Files as an app uploads them: a ZIP archive by hand, bzip2 and xz by others than those that read here."""

import zlib

from promptrail.lab.encoders.compression import deflate

WHEN = bytes.fromhex("0000 2158")
"""1 January 2024, midnight, in MS-DOS time: the same text gives the same bytes."""


def zip_archive(*files: tuple[str, bytes]) -> bytes:
    """PKWARE's APPNOTE 6.3.10: each file deflated behind its local header, then the central directory and its end."""
    out, directory = b"", b""
    for name, data in files:
        packed, label = deflate(data), name.encode()
        sizes = b"".join(n.to_bytes(4, "little") for n in (zlib.crc32(data), len(packed), len(data)))
        # version 2.0, UTF-8 names (bit 11), deflate, lengths of name and extra field
        shared = bytes.fromhex("1400 0008 0800") + WHEN + sizes + len(label).to_bytes(2, "little") + b"\0\0"
        place = len(out).to_bytes(4, "little")
        out += b"PK\x03\x04" + shared + label + packed
        directory += b"PK\x01\x02\x14\0" + shared + bytes(10) + place + label
    count = len(files).to_bytes(2, "little")
    ends = len(directory).to_bytes(4, "little") + len(out).to_bytes(4, "little")
    return out + directory + b"PK\x05\x06" + bytes(4) + count * 2 + ends + b"\0\0"


def bzip2(data: bytes) -> bytes:
    """bzip2, by the Rust binding's library."""
    import cramjam

    return bytes(cramjam.bzip2.compress(data))


def xz(data: bytes) -> bytes:
    """xz, by the Rust binding's library."""
    import cramjam

    return bytes(cramjam.xz.compress(data))
