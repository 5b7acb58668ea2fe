"""Captures into frames. One reader a format, listed in `readers.READERS`; `frames_of` reads a whole case in batches."""

from promptrail.ingest.place import place
from promptrail.ingest.readers import READERS, frames_of

VERSION = 2
"""Raised when the same capture would give other frames."""

__all__ = ["READERS", "VERSION", "frames_of", "place"]
