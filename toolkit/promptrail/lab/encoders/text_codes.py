"""Bytes as text: the codes of RFC 4648, base85 in three alphabets, and percent-encoding, written from the standards."""

UPPER, LOWER, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
BASE64, BASE64_URL = UPPER + LOWER + DIGITS + "+/", UPPER + LOWER + DIGITS + "-_"
BASE32, BASE16 = UPPER + "234567", DIGITS + "abcdef"
BASE85 = DIGITS + UPPER + LOWER + "!#$%&()*+-;<=>?@^_`{|}~"
"""RFC 1924, section 4.2."""
Z85 = DIGITS + LOWER + UPPER + ".-:+=^!/*?&<>()[]{}@%$#"
"""ZeroMQ RFC 32."""
UNRESERVED = frozenset((UPPER + LOWER + DIGITS + "-._~").encode())
"""RFC 3986, section 2.3."""


def rfc4648(data: bytes, alphabet: str, padded: bool = True) -> str:
    """base64, base64url, base32 or hex: as many bits a character as the alphabet has room for."""
    bits = len(alphabet).bit_length() - 1
    count = -(-len(data) * 8 // bits)
    number = int.from_bytes(data) << (count * bits - len(data) * 8)
    text = "".join(alphabet[number >> (bits * n) & (1 << bits) - 1] for n in reversed(range(count)))
    group = {6: 4, 5: 8, 4: 1}[bits]
    return text + "=" * (-count % group if padded else 0)


def base64(data: bytes) -> str:
    """Standard base64 with its padding (RFC 4648 section 4)."""
    return rfc4648(data, BASE64)


def base85(data: bytes, alphabet: str = BASE85) -> str:
    """Four bytes in five characters; a short last group gives one character more than it has bytes."""
    text = ""
    for at in range(0, len(data), 4):
        group = data[at : at + 4]
        number = int.from_bytes(group.ljust(4, b"\0"))
        five = "".join(alphabet[number // 85**n % 85] for n in (4, 3, 2, 1, 0))
        text += five[: len(group) + 1]
    return text


def z85(data: bytes) -> str:
    """ZeroMQ's form: only whole groups, so that zeros fill up the last."""
    return base85(data + bytes(-len(data) % 4), Z85)


def ascii85(data: bytes, marks: bool = True) -> str:
    """Adobe's form, between its marks or without (PostScript Language Reference, third edition, section 3.13.3)."""
    alphabet = "".join(chr(33 + n) for n in range(85))
    text = ""
    for at in range(0, len(data), 4):
        group = data[at : at + 4]
        text += "z" if group == b"\0\0\0\0" else base85(group, alphabet)
    return f"<~{text}~>" if marks else text


def percent(data: bytes, plus: bool = False) -> str:
    """Percent-encoding (RFC 3986 section 2.1); with `plus` a space is a plus sign, as HTML forms send it."""
    return "".join(
        "+" if plus and byte == 0x20 else chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in data
    )


def escapes(text: str) -> str:
    r"""Every UTF-16 unit of a text as \uXXXX (RFC 8259 section 7)."""
    data = text.encode("utf-16-be")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))
