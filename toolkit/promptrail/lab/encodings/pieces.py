"""A prompt in pieces: token deltas of answers, WebSocket messages, uploads, keystrokes, fields, successive requests."""

import json

from promptrail.lab.encoders.compression import gzip
from promptrail.lab.encoders.deltas import tokens
from promptrail.lab.encoders.text_codes import percent
from promptrail.lab.encodings.shape import Encoding, Message, body

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
UPLOADED = 29
"""Bytes of one request of an upload: no whole number of characters in Korean or Chinese."""


def _chat(text: str) -> list[Message]:
    """What is asked, as plain JSON; the server answers with it in pieces."""
    data = json.dumps({"messages": [{"role": "user", "content": text}]}, ensure_ascii=False).encode()
    return [Message(data, (("Content-Type", JSON),))]


def _upload(text: str) -> list[Message]:
    data = text.encode()
    starts = range(0, len(data), UPLOADED)
    return [
        Message(
            data[at : at + UPLOADED],
            (
                ("Content-Type", "application/octet-stream"),
                ("Content-Range", f"bytes {at}-{min(at + UPLOADED, len(data)) - 1}/{len(data)}"),
            ),
            f"?part={number}",
        )
        for number, at in enumerate(starts)
    ]


def _json_pieces(text: str) -> list[Message]:
    return [
        Message(json.dumps({"type": "input", "text": t}).encode(), (("Content-Type", JSON),))
        for t in tokens(text, 9)
    ]


def _socket(text: str) -> list[Message]:
    return [Message(json.dumps({"type": "input", "text": text}).encode())]


def _raw_pieces(text: str) -> list[Message]:
    return [Message(t.encode()) for t in tokens(text, 9)]


def keystrokes(text: str) -> bytes:
    """A batch of telemetry with one event a key."""
    events = [{"event": "key", "ms": 40 * n, "params": {"ch": char}} for n, char in enumerate(text)]
    return json.dumps({"session": "5a1b", "events": events}, ensure_ascii=False).encode()


def _array(text: str) -> bytes:
    return json.dumps({"n": 4, "parts": tokens(text, 7)}, ensure_ascii=False).encode()


def _fields(text: str) -> bytes:
    """One value over numbered fields of a form."""
    return "&".join(f"t{n}={percent(t.encode(), plus=True)}" for n, t in enumerate(tokens(text, 9))).encode()


def _queries(text: str) -> list[Message]:
    return [Message(tail=f"?n={n}&t={percent(t.encode())}") for n, t in enumerate(tokens(text, 9))]


def _answer(name: str, chain: tuple[str, ...], part: str = "body") -> Encoding:
    return Encoding(name, (*chain, "join"), _chat, "reassembled", part, answered=True)


ENCODINGS = (
    _answer("sse-choices", ("sse", "json"), "sse"),
    _answer("sse-patches", ("sse", "json"), "sse"),
    _answer("sse-plain", ("sse",), "sse"),
    _answer("ndjson-deltas", ("json",)),
    _answer("json-array-deltas", ("json",)),
    Encoding("WebSocket message", ("json",), _socket, part="ws", pointer="/text"),
    Encoding("WebSocket message, permessage-deflate", ("json",), _socket, part="ws", pointer="/text"),
    Encoding("WebSocket messages, JSON", ("json", "join"), _json_pieces, "reassembled", "ws"),
    Encoding("WebSocket messages, plain", ("join",), _raw_pieces, "reassembled", "ws"),
    Encoding("upload in several requests", ("join",), _upload, "reassembled"),
    Encoding("JSON pieces in several requests", ("json", "join"), _json_pieces, "reassembled"),
    Encoding("queries of several requests", ("percent", "join"), _queries, "reassembled", "url"),
    Encoding("keystrokes in a batch", ("json", "join"), body(keystrokes, JSON), "reassembled"),
    Encoding(
        "keystrokes in a compressed batch",
        ("gzip", "json", "join"),
        body(lambda x: gzip(keystrokes(x)), JSON, "gzip"),
        "reassembled",
    ),
    Encoding("pieces in an array", ("json", "join"), body(_array, JSON), "reassembled"),
    Encoding("pieces in form fields", ("form", "join"), body(_fields, FORM), "reassembled"),
)
