"""Text as mail and its offspring write it: quoted-printable, encoded words, extended parameters, multipart bodies."""

from promptrail.lab.encoders.text_codes import base64, percent

Part = tuple[str, bytes]
"""The header lines of a part, and its content."""


def quoted_printable(data: bytes, line: int = 76) -> bytes:
    """RFC 2045 section 6.7: soft breaks keep every line within 76 characters."""
    out, length = bytearray(), 0
    for byte in data:
        piece = bytes([byte]) if 32 <= byte < 127 and byte != 0x3D else b"=%02X" % byte
        if length + len(piece) >= line:
            out += b"=\r\n"
            length = 0
        out += piece
        length += len(piece)
    return bytes(out)


def encoded_words(text: str, q: bool = False) -> str:
    """RFC 2047: words of at most 75 characters, cut between characters, with a space between them."""
    words, held = [], ""
    for char in text:
        if len(_word(held + char, q)) > 75:
            words.append(_word(held, q))
            held = ""
        held += char
    return " ".join([*words, _word(held, q)])


def _word(text: str, q: bool) -> str:
    if not q:
        return f"=?UTF-8?B?{base64(text.encode())}?="
    kept = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")
    written = "".join("_" if b == 32 else chr(b) if b in kept else f"={b:02X}" for b in text.encode())
    return f"=?UTF-8?Q?{written}?="


def extended_value(text: str) -> str:
    """The value of a parameter whose name ends in an asterisk (RFC 5987, now RFC 8187)."""
    return f"UTF-8''{percent(text.encode())}"


def multipart(boundary: str, *parts: Part) -> bytes:
    """RFC 2046 section 5.1."""
    lines = [f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts]
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
