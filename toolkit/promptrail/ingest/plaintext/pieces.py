"""What a witness of plaintext tells: a connection, its pieces of bytes in order, and what it could not see."""

from dataclasses import dataclass, field
from typing import NamedTuple

from promptrail.model import Direction


class Piece(NamedTuple):
    """Bytes that one side sent, decrypted. Pieces of a direction come in the order of its stream."""

    at: float | None
    """When they were seen, in seconds since the epoch."""
    direction: Direction
    """request: from the client."""
    data: bytes
    ref: str
    """Where they stand in their source: a packet's number, a record's number."""


class Lost(NamedTuple):
    """A hole in one direction of the stream."""

    at: float | None
    direction: Direction
    length: int | None
    """Bytes that are missing; None: not known."""
    what: str
    ref: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """The connection that the pieces passed through, as far as its witness knows it."""

    ref: str
    """The connection's name in its source: `tcp 3`, a hook's stream."""
    tls: bool
    host: str | None = None
    """The host that was asked for: SNI, else the name in a CONNECT, else None."""
    port: int | None = None
    sni: str | None = None
    dest_ip: str | None = None
    dest_port: int | None = None
    alpn: str | None = None
    cert_names: list[str] = field(default_factory=list)
    cert_issuer: str | None = None
    unit: str = "frame"
    """What the pieces' refs count in the source: frame, or a hook's record."""
