"""Probes into needles, needles into sightings; what could not be read is handed on, never dropped."""

from promptrail.trace.sightings import trace

__all__ = ["trace"]
