"""What stands in a stream of bytes before anybody took it apart: HTTP messages, chunks, WebSocket frames."""

from collections.abc import Iterable

from promptrail.lab.encoders.compression import deflate

FINAL, COMPRESSED, MASKED = 0x80, 0x40, 0x80
TEXT, BINARY, CONTINUATION = 1, 2, 0


def chunked(data: bytes, size: int = 16, trailers: Iterable[tuple[str, str]] = ()) -> bytes:
    """RFC 9112 section 7.1: chunks of `size` bytes, the last one, trailers."""
    parts = (data[at : at + size] for at in range(0, len(data), size))
    fields = "".join(f"{name}: {value}\r\n" for name, value in trailers).encode()
    return (
        b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts)
        + b"0\r\n"
        + fields
        + b"\r\n"
    )


def request(target: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """A POST of HTTP/1.1 (RFC 9112 section 3); the headers say how long the body is, or that it comes in chunks."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"POST {target} HTTP/1.1\r\n{fields}\r\n".encode() + body


def frame(payload: bytes, first: int, key: bytes) -> bytes:
    """RFC 6455 section 5.2: one frame as clients send it, under a key of four bytes."""
    size = len(payload)
    if size < 126:
        length = bytes([MASKED | size])
    elif size < 1 << 16:
        length = bytes([MASKED | 126]) + size.to_bytes(2)
    else:
        length = bytes([MASKED | 127]) + size.to_bytes(8)
    return bytes([first]) + length + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


def messages(texts: Iterable[str], key: bytes, cut: int = 0, packed: bool = False) -> bytes:
    """Text messages after another; `cut`: each in frames of so many bytes; `packed`: permessage-deflate (RFC 7692)."""
    out = b""
    for text in texts:
        data = _packed(text.encode()) if packed else text.encode()
        size = cut or len(data) or 1
        parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        for number, part in enumerate(parts):
            first = (CONTINUATION if number else TEXT | COMPRESSED * packed) | FINAL * (
                number == len(parts) - 1
            )
            out += frame(part, first, key)
    return out


def _packed(data: bytes) -> bytes:
    """Raw deflate whose last block says so, and the first byte of an empty one (RFC 7692 section 7.2.3.4)."""
    return deflate(data) + b"\0"
