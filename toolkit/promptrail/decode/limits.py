"""How far decoding one message may go, and the count of what it has cost; what lies beyond is cut and told.

Size, number, ratio and depth cut alike on every machine. Time does not: it is the last resort, and is told as such.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one message (a body, a header value, a WebSocket message)."""

    depth: int = 12
    """Layers within layers. Real traffic was seen with six."""
    layers: int = 200_000
    """Values in all: a telemetry batch of 10 MB has some 50,000."""
    bytes: int = 256 * MIB
    """Bytes of all layers together."""
    inflated: int = 64 * MIB
    """Bytes that one compressed stream may give."""
    ratio: int = 2000
    """Bytes that may come out for each that goes in: of one stream, and of all layers for the message as sent.
    Deflate can reach 1032; brotli and zstd know no bound, and reach it only with what says nothing."""
    free: int = 16 * MIB
    """Bytes that may come out however little went in."""
    opened: int = 64 * MIB
    """Bytes of a message that is taken apart; the rest of a longer one is searched as it stands."""
    seconds: float = 20.0
    """Time for one message on one core."""
    values: int = 100_000
    """Fields of one binary message (protobuf, MessagePack, CBOR, property list)."""
    nesting: int = 64
    """Containers within containers that one decoder follows itself, before it hands the rest on as a layer."""

    def room(self, size: int) -> int:
        """Bytes that one compressed stream of this size may give."""
        return min(self.inflated, max(self.free, self.ratio * size))

    def total(self, size: int) -> int:
        """Bytes that all layers of a message of this size may have: its own are among them."""
        return min(self.bytes, max(self.free, self.ratio * size))


LIMITS = Limits()
EVERY = 64
"""Layers between two looks at the clock."""


class Budget:
    """What decoding one message has cost so far. Once it is spent it stays so, and `over` says on what."""

    def __init__(
        self, sent: int, limits: Limits = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`sent`: bytes of the message as sent."""
        self._limits, self._clock = limits, clock
        self._most = limits.total(sent)
        self._layers = self._bytes = 0
        self._until = clock() + limits.seconds
        self.over: str | None = None
        """Words for the ledger: which limit was met; None: none so far."""

    def spend(self, size: int, depth: int = 0) -> bool:
        """Whether one more layer, of this size and so deep, may be taken apart; what is too deep costs nothing."""
        if self.over is not None:
            return False
        if depth >= self._limits.depth:
            return False
        self._layers += 1
        self._bytes += size
        if self._layers > self._limits.layers:
            self.over = f"more than {self._limits.layers:,} values in one message"
        elif self._bytes > self._most:
            self.over = f"more than {self._most // MIB:,} MiB in the layers of one message"
        elif self._layers % EVERY == 0 and self._clock() > self._until:
            self.over = f"time: more than {self._limits.seconds:g} s for one message on this machine"
        return self.over is None
