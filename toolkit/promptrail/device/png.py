"""Whether a PNG is whole: its bytes in, what is wrong with them out; pixels are not looked at."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def fault(picture: bytes) -> str | None:
    """None, or what is wrong with it as the end of a sentence."""
    if not picture.startswith(SIGNATURE):
        damaged = picture.startswith(SIGNATURE.replace(b"\r\n", b"\n")) or b"\r\r\n" in picture[:12]
        return (
            "had its line ends changed on the way"
            if damaged
            else f"is no PNG, it begins with {picture[:40]!r}"
        )
    at = len(SIGNATURE)
    while at + 12 <= len(picture):
        size, name = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + size
        if end > len(picture):
            break
        if zlib.crc32(picture[at + 4 : end - 4]) != int.from_bytes(picture[end - 4 : end]):
            return f"is damaged in the chunk {name.decode('ascii', 'replace')}"
        if name == b"IEND":
            return None if end == len(picture) else f"has {len(picture) - end} bytes behind its end"
        at = end
    return "breaks off"
