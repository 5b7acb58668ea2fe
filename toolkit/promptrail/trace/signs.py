"""Places where something could hide, as patterns for one pass over the bytes: what a scout asks beside its needles."""

from promptrail.trace.engine import Pattern

ALPHABET = rb"A-Za-z0-9+/_\-"
BASE85 = rb"0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~"
P = rb"[\x20-\x7e]"
RUN, PERCENT, GZIP, ZSTD, ZLIB, ESCAPE, QUOTED, WIDE, ENTITY, GLUE, ZERO, OTHER = range(12)
BINARY = {RUN, WIDE, OTHER}
"""What is looked for in bytes that are no text; the other signs are met there by chance."""
PATTERNS = [
    (RUN, Pattern(rb"[%s]{16}" % ALPHABET)),
    (PERCENT, Pattern(rb"%[0-9A-Fa-f]{2}")),
    (GZIP, Pattern(rb"\x1f\x8b\x08", True)),
    (ZSTD, Pattern(rb"\x28\xb5\x2f\xfd", True)),
    (ZLIB, Pattern(rb"\x78[\x01\x5e\x9c\xda]", True)),
    (ESCAPE, Pattern(rb'\x5c"\s*:')),
    (ESCAPE, Pattern(rb"[^\x00-\x1f]{2}\x5c[/nt]" + P)),
    (ESCAPE, Pattern(rb"\x5cu[0-9a-fA-F]{4}")),
    (QUOTED, Pattern(rb"=[0-9A-F]{2}=[0-9A-F]{2}|=\r?\n")),
    (WIDE, Pattern(rb"(?:[\x20-\x7e]\x00){4}")),
    (WIDE, Pattern(rb"(?:\x00[\x20-\x7e]){4}")),
    (ENTITY, Pattern(rb"&(?:#x?[0-9a-fA-F]{2,6}|quot|amp|lt|gt|apos);")),
    (GLUE, Pattern(rb'"[^"\x5c]{1,30}"\s*,\s*"[^"\x5c]{1,30}"\s*,\s*"')),
    (
        ZERO,
        Pattern(
            rb"\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2[\xa0\xad]|\xe2\x80[\x80-\x8a\xaf]|\xe3\x80\x80|\xef[\xbc\xbd]"
        ),
    ),
    (
        OTHER,
        Pattern(
            rb"\A(?:\x04\x22\x4d\x18|\xff\x06\x00\x00sNaPpY)|=\?[A-Za-z0-9_\-]+\?[BbQq]\?"
            rb"|[Cc]ontent-[DTdt](?:isposition|ransfer)|<~"
            rb"|(?:\A|\")[%s]{4,}[!#$%%()*;<>?@^`|~{}][%s]{12,}(?:$|\")" % (BASE85, BASE85)
        ),
    ),
]
