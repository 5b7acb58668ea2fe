"""Captures into frames. One reader a format, listed in `readers.READERS`; `frames_of` reads a whole case in batches."""

from promptrail.ingest.place import place
from promptrail.ingest.readers import READERS, frames_of

__all__ = ["READERS", "frames_of", "place"]
