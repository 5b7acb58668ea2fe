"""One streamed body: takes each piece as it passes the proxy, writes it, and hands it on.

mitmproxy calls a `StreamedBody` with every piece and with b"" at the end, and forwards what it returns. A piece is
written before it is forwarded, so a stream that breaks, or a proxy that is killed, keeps all that the other side can
have received.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from promptrail_capture.recording import Recording, evidence

Pieces = bytes | Iterable[bytes]


class StreamedBody:
    """Callable for mitmproxy's `message.stream`; `then` is what another addon had put there."""

    def __init__(self, recording: Recording, flow: str, direction: str, then: Any):
        self.recording, self.flow, self.direction = recording, flow, direction
        self.then: Callable[[bytes], Pieces] = then if callable(then) else bytes
        self.chunks = 0
        self._sha256, self._length = hashlib.sha256(), 0
        self._at: list[list[int]] = []

    def __call__(self, data: bytes) -> Pieces:
        if data:
            self.recording.guard(lambda: self._keep(data), "a piece of a stream")
        return self.then(data)

    def _keep(self, data: bytes) -> None:
        at = self.recording.writer.piece(data)
        self.recording.writer.record("chunk", flow=self.flow, direction=self.direction, at=at)
        self.chunks += 1
        self._sha256.update(data)
        self._length += len(data)
        if self._at and sum(self._at[-1]) == at[0]:  # one span for what lies together: streams can be long
            self._at[-1][1] += at[1]
        else:
            self._at.append(list(at))

    def reference(self) -> Any:
        """The body reference of what has passed so far."""
        return evidence.reference(self._sha256.hexdigest(), self._length, self._at)
