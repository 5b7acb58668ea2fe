"""Whether bytes were understood: text, or something a decoder took apart; the rest is counted as unread."""

CONTROL = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
DIGEST = 64
"""Nothing longer is a digest (SHA-512): longer blobs inside a message may hold content."""

PICTURE = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF (WebP, WAV)"),
    (b"wOF2", "WOFF2"),
    (b"wOFF", "WOFF"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"\0asm", "WebAssembly"),
)
"""Formats that hold no text and are not opened: what a picture shows counts as unread."""


MAGIC = tuple(magic for magic, _ in PICTURE)


def picture(data: bytes) -> str | None:
    """The name of a picture, sound or font format that the bytes begin with."""
    if not data.startswith(MAGIC):
        return None
    return next((name for magic, name in PICTURE if data.startswith(magic)), None)


NOT_PRINTED = bytes(c for c in range(32) if c not in b"\t\n\r\f") + b"\x7f"


def is_plain(data: bytes) -> bool:
    """UTF-8 without a single control character: what ordinary values are, and binary formats are not."""
    sample = data[:65536]
    if len(sample.translate(None, NOT_PRINTED)) != len(sample):
        return False
    if sample.isascii():
        return True
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.start >= len(sample) - 3 and len(sample) < len(data)
    return True


def is_utf8(data: bytes) -> bool:
    """Valid UTF-8 (RFC 3629), whatever characters."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_text(data: bytes) -> bool:
    """UTF-8 (RFC 3629) with hardly any control characters; a sequence cut at the end is forgiven."""
    if len(data) > NOISE and not is_decodable(data[:NOISE]):  # noise shows in its first bytes
        return False
    sample = data[:65536]
    if (len(sample) - len(sample.translate(None, CONTROL))) * 50 > len(sample):
        return False
    return is_decodable(data)


NOISE = 256


def is_decodable(data: bytes) -> bool:
    """UTF-8, whatever characters; a sequence cut at the end is forgiven."""
    sample = data[:65536]
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.start >= len(sample) - 3 and fault.reason == "unexpected end of data"
    return True


MAGICS = (
    *(b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
    *(b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\xff\x06\x00\x00sNaPpY"),
    *(b"bplist0", b"\xff\xfe", b"\xfe\xff", b"\x12\x39\x20\x20\x02\x03"),
)
"""First bytes of formats that would hardly come out by chance."""


def readable(value: bytes) -> bool:
    """Text, or the beginning of a format that says what it is."""
    return len(value) >= 8 and (is_plain(value) or value.startswith(MAGICS))
