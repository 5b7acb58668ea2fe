"""How far decoding one message may go; what lies beyond is cut, and counted in the ledger of the unseen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one message (a body, a header value, a WebSocket message)."""

    depth: int = 12
    """Layers within layers. Real traffic was seen with six."""
    layers: int = 200_000
    """Values in all: a telemetry batch of 10 MB has some 50,000."""
    bytes: int = 256 * 1024 * 1024
    """Bytes of all layers together."""
    inflated: int = 64 * 1024 * 1024
    """Bytes that one compressed stream may give."""
    ratio: int = 2000
    """Bytes of all layers for each byte as sent; a floor of 16 MiB is free. Deflate alone can reach 1032."""
    seconds: float = 20.0
    """Time for one message on one core."""
    values: int = 100_000
    """Fields of one binary message (protobuf, MessagePack, CBOR, property list)."""
    nesting: int = 64
    """Containers within containers that one decoder follows itself, before it hands the rest on as a layer."""


LIMITS = Limits()
