"""Captures into frames. One reader a format, listed in `readers.READERS`; `frames_of` reads a whole case in batches."""

from promptrail.ingest.readers import READERS, frames_of
from promptrail.ingest.place import place

__all__ = ["READERS", "frames_of", "place"]
