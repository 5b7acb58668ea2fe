"""Binary messages: MessagePack, CBOR, protobuf without a schema, gRPC and gRPC-Web, a binary property list."""

from promptrail.lab.encoders import binary as b
from promptrail.lab.encoders.compression import gzip, snappy
from promptrail.lab.encoders.envelope import tt
from promptrail.lab.encodings.shape import Encoding, Message, body, document

SEED = bytes(range(7, 39))


def _protobuf(text: str) -> bytes:
    """A chat request: its model, a nested message with a role and the text, a flag."""
    message = b.protobuf((1, "user"), (2, text), (5, 17))
    return b.protobuf((1, "sampler-large"), (2, message), (4, 1), (7, 1_760_000_000))


def _grouped(text: str) -> bytes:
    """The same in groups, one in the other."""
    return b.protobuf((1, "sampler-large")) + b.group(2, (1, "user"), (2, text)) + b.group(3, (1, 7))


def _named_coding(text: str) -> list[Message]:
    """A gRPC message whose compression the header names."""
    message = _protobuf(text[: len(text) // 2]) + _protobuf(text)
    headers = (("Content-Type", "application/grpc"), ("grpc-encoding", "snappy"))
    return [Message(b.grpc(snappy(message), True), headers)]


def _deep(text: str) -> dict[str, object]:
    return {"v": 2, "events": [{"name": "open"}, {"name": "input", "args": {"text": text, "n": 300}}]}


ENCODINGS = (
    Encoding("MessagePack", ("msgpack",), body(lambda x: b.msgpack(_deep(x)), "application/msgpack")),
    Encoding("MessagePack, not named", ("msgpack",), body(lambda x: b.msgpack(_deep(x)))),
    Encoding(
        "JSON in MessagePack",
        ("msgpack", "json"),
        body(lambda x: b.msgpack({"n": 1, "blob": document(x)}), "application/x-msgpack"),
    ),
    Encoding("CBOR", ("cbor",), body(lambda x: b.cbor(_deep(x)), "application/cbor")),
    Encoding("CBOR, not named", ("cbor",), body(lambda x: b.cbor(_deep(x)))),
    Encoding("protobuf", ("protobuf",), body(_protobuf, "application/x-protobuf")),
    Encoding("protobuf, not named", ("protobuf",), body(_protobuf)),
    Encoding("protobuf, groups", ("protobuf",), body(_grouped)),
    Encoding("gRPC", ("grpc", "protobuf"), body(lambda x: b.grpc(_protobuf(x)), "application/grpc+proto")),
    Encoding(
        "gRPC, compressed",
        ("grpc", "gzip", "protobuf"),
        body(lambda x: b.grpc(gzip(_protobuf(x[: len(x) // 2]) + _protobuf(x)), True), "application/grpc"),
    ),
    Encoding("gRPC, compressed as its header says", ("grpc", "snappy", "protobuf"), _named_coding),
    Encoding(
        "gRPC-Web text",
        ("base64", "grpc", "protobuf"),
        body(lambda x: b.grpc_web_text(_protobuf(x)), "application/grpc-web-text"),
    ),
    Encoding(
        "property list, binary",
        ("plist",),
        body(lambda x: b.bplist({"n": "4", "prompt": x}), "application/x-bplist"),
    ),
    Encoding(
        "AppLog envelope",
        ("tt", "gzip", "json"),
        body(lambda x: tt(gzip(document(x)), SEED), "application/octet-stream;tt-data=a"),
        pointer="/prompt",
    ),
)
