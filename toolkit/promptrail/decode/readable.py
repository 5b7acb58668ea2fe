"""Whether bytes were understood: text, or something a decoder took apart; the rest is counted as unread."""

import re

CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
DIGEST = 64
"""Nothing longer is a digest (SHA-512): longer blobs inside a message may hold content."""


def is_text(data: bytes) -> bool:
    """UTF-8 (RFC 3629) with hardly any control characters; a sequence cut at the end is forgiven."""
    sample = data[:65536]
    if len(CONTROL.findall(sample)) * 50 > len(sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.start >= len(sample) - 3 and fault.reason == "unexpected end of data"
    return True
