"""Places where something could hide, as patterns for one pass over the bytes: what a scout asks beside its needles.

RUN sees no dash: UUIDs and dashed words would fire. What a dash of base64url could hide from it has a needle.
"""

import re

from promptrail.trace.engine import Pattern

BASE85 = rb"0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~"
BEYOND64 = rb"!#$()*<>?@^`{|}~"
(
    RUN,
    PERCENT,
    GZIP,
    ZSTD,
    ZLIB,
    ESCAPE,
    QUOTED,
    WIDE,
    ENTITY,
    ZERO,
    FRAME,
    WORD,
    PARTS,
    BASE_85,
    LATIN,
    HTTP,
    CHUNKS,
    CONTROL,
    LINES,
) = range(19)
STARTS = {GZIP: 3, ZSTD: 4, ZLIB: 2}
"""Signs that are told at every place, and the length of their magic."""
BINARY = {RUN, WIDE, FRAME, WORD, PARTS, LATIN, HTTP, CHUNKS}
"""What is looked for in bytes that are no text; the other signs are met there by chance."""
PATTERNS = [
    (RUN, Pattern(rb"[A-Za-z0-9+/_]{20}")),
    (GZIP, Pattern(rb"\x1f\x8b\x08", True)),
    (ZSTD, Pattern(rb"\x28\xb5\x2f\xfd", True)),
    (ZLIB, Pattern(rb"\x78[\x01\x5e\x9c\xda]", True)),
    (QUOTED, Pattern(rb"=[0-9A-F]{2}=[0-9A-F]{2}|=\r?\n")),
    (WIDE, Pattern(rb"(?:[\x20-\x7e]\x00){4}")),
    (WIDE, Pattern(rb"(?:\x00[\x20-\x7e]){4}")),
    (ENTITY, Pattern(rb"&#x?[0-9a-fA-F]{2,6};")),
    (ENTITY, Pattern(rb"&(?:quot|amp|lt|gt|apos);")),
    (ZERO, Pattern(rb"\xe2\x80[\x80-\x8f\xaf]|\xe2\x81[\xa0-\xa4]|\xe3\x80\x80")),
    (ZERO, Pattern(rb"\xef(?:\xbb\xbf|[\xbc\xbd])|\xc2[\xa0\xad]")),
    (FRAME, Pattern(rb"\A(?:\x04\x22\x4d\x18|\xff\x06\x00\x00sNaPpY)")),
    (WORD, Pattern(rb"=\?[A-Za-z0-9_\-]+\?[BbQq]\?")),
    (PARTS, Pattern(rb"[Cc]ontent-[DTdt](?:isposition|ransfer|ype)")),
    (BASE_85, Pattern(rb"<~[!-u]")),
    (LATIN, Pattern(rb"\x1f\xc2\x8b\x08|\x28\xc2\xb5/\xc3\xbd|x(?:\xc2\x9c|\xc3\x9a)")),
    (HTTP, Pattern(rb"HTTP/1\.[01][ \r]")),
    (CHUNKS, Pattern(rb"\r\n0\r\n")),
    (LINES, Pattern(rb"(?:[A-Za-z0-9+/=]{20}|=)\r?\ndata:")),
    (CONTROL, Pattern(rb"[\x00-\x08\x0e-\x1f\x7f]")),
]
MARKED = [
    (PERCENT, b"%", re.compile(rb"%[0-9A-Fa-f]{2}")),
    (
        ESCAPE,
        b"\\",
        re.compile(
            rb"\\(?:\"\s*:|u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F])|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|"
            rb"(?<=[^\x00-\x1f]{2}\\)[/nt\"\\][\x20-\x7e])",
            re.S,
        ),
    ),
]
"""Those that begin with a character of their own: (sign, character, pattern). Where there is one there are hundreds,
and a matcher that reads on to the end costs more than all others together; the first is all that is asked for.
"""
CODE_85 = Pattern(rb"[%s][%s]{11}" % (BEYOND64, BASE85))
"""BASE_85, too. By itself, like the next: among the others it would cost more than all of them together."""
ARRAY = Pattern(rb'"\s?,\s?"[^"\x5c]{1,30}"\s?,\s?"')
"""Several strings in a row."""
