"""Every encoding in which the lab's Sampler sends a prompt: the table, in the order in which it is sent.

To add one, add a row to the family's file; its name is what `promptrail lab score` prints.
"""

from promptrail.lab.encodings import (
    binary,
    bodies,
    compressed,
    fields,
    files,
    near_misses,
    pieces,
    rewritten,
    streams,
    text_codes,
)
from promptrail.lab.encodings.shape import Encoding

ENCODINGS: tuple[Encoding, ...] = (
    *compressed.ENCODINGS,
    *text_codes.ENCODINGS,
    *bodies.ENCODINGS,
    *binary.ENCODINGS,
    *streams.ENCODINGS,
    *fields.ENCODINGS,
    *files.ENCODINGS,
    *rewritten.ENCODINGS,
    *pieces.ENCODINGS,
    *near_misses.ENCODINGS,
)
