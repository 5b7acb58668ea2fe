"""Values in binary formats, written from their specifications: MessagePack, CBOR, protobuf, gRPC, property lists.

What goes in is made of dicts with text keys, lists, texts, bytes and whole numbers from 0 to 65535: what the lab sends.
"""

from typing import Any

from promptrail.lab.encoders.compression import varint
from promptrail.lab.encoders.text_codes import base64


def msgpack(value: Any) -> bytes:
    """MessagePack specification, 2013: the shortest form of each."""
    if isinstance(value, str):
        data = value.encode()
        return _sized(len(data), (0xA0, 31), (0xD9, 0xDA)) + data
    if isinstance(value, bytes):
        return _sized(len(value), None, (0xC4, 0xC5)) + value
    if isinstance(value, dict):
        items = (msgpack(k) + msgpack(v) for k, v in value.items())
        return _sized(len(value), (0x80, 15), (None, 0xDE)) + b"".join(items)
    if isinstance(value, list):
        return _sized(len(value), (0x90, 15), (None, 0xDC)) + b"".join(map(msgpack, value))
    return _sized(value, (0x00, 127), (0xCC, 0xCD))


def _sized(number: int, short: tuple[int, int] | None, long: tuple[int | None, int]) -> bytes:
    """A length or number in the byte of its type, or behind it in one byte or in two."""
    if short and number <= short[1]:
        return bytes([short[0] | number])
    if long[0] is not None and number <= 0xFF:
        return bytes([long[0], number])
    return bytes([long[1]]) + number.to_bytes(2)


def cbor(value: Any) -> bytes:
    """RFC 8949: unsigned numbers, byte strings, texts, arrays, maps."""
    if isinstance(value, str):
        data = value.encode()
        return _headed(3, len(data)) + data
    if isinstance(value, bytes):
        return _headed(2, len(value)) + value
    if isinstance(value, dict):
        return _headed(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    if isinstance(value, list):
        return _headed(4, len(value)) + b"".join(map(cbor, value))
    return _headed(0, value)


def _headed(major: int, number: int) -> bytes:
    """Section 3: the major type and its argument."""
    if number < 24:
        return bytes([major << 5 | number])
    if number <= 0xFF:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + number.to_bytes(2)


def protobuf(*fields: tuple[int, int | str | bytes]) -> bytes:
    """Fields (number, value): numbers as varints, texts and bytes (a nested message is bytes) with their length."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def group(number: int, *fields: tuple[int, int | str | bytes]) -> bytes:
    """A group: fields between a start and an end that bear its number, as old schemas send them."""
    return varint(number << 3 | 3) + protobuf(*fields) + varint(number << 3 | 4)


def grpc(message: bytes, compressed: bool = False) -> bytes:
    """A length-prefixed message of gRPC over HTTP/2; `compressed` says that the message is, and does not do it."""
    return bytes([compressed]) + len(message).to_bytes(4) + message


def grpc_web_text(message: bytes) -> bytes:
    """gRPC-Web for browsers that cannot stream bytes: the frame in base64 (grpc-web-text)."""
    return base64(grpc(message)).encode()


def bplist(value: dict[str, str]) -> bytes:
    """A binary property list of one dict of texts: objects, table of their offsets, trailer (CFBinaryPList.c)."""
    texts = [*value, *value.values()]
    references = bytes(range(1, len(texts) + 1))
    objects = [bytes([0xD0 | len(value)]) + references, *map(_bplist_text, texts)]
    out, offsets = b"bplist00", []
    for data in objects:
        offsets.append(len(out))
        out += data
    table = b"".join(offset.to_bytes(2) for offset in offsets)
    trailer = bytes(6) + b"\x02\x01" + len(objects).to_bytes(8) + bytes(8) + len(out).to_bytes(8)
    return out + table + trailer


def _bplist_text(text: str) -> bytes:
    """ASCII as it is, everything else as UTF-16 with its length in units."""
    data, kind = (text.encode(), 0x50) if text.isascii() else (text.encode("utf-16-be"), 0x60)
    size = len(data) // (1 if kind == 0x50 else 2)
    return bytes([kind | min(size, 15)]) + (b"" if size < 15 else b"\x11" + size.to_bytes(2)) + data
