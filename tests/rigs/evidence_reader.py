"""Reads an evidence folder with nothing of ours: records by json, bodies by their offsets in the pack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Evidence:
    """The records of one run and the bytes they name."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.records = [json.loads(line) for line in (folder / "evidence.jsonl").read_bytes().splitlines()]
        self.pack = (folder / "bodies.pack").read_bytes()

    def of(self, kind: str, **known: Any) -> list[dict[str, Any]]:
        return [r for r in self.records if r["k"] == kind and known.items() <= r.items()]

    def body(self, ref: dict[str, Any] | None) -> bytes:
        return b"".join(self.pack[offset : offset + length] for offset, length in ref["at"]) if ref else b""

    def messages(self, request: dict[str, Any], direction: str) -> Iterator[bytes]:
        """Everything of an exchange in one direction: head and body of the HTTP message, WebSocket messages."""
        head = request if direction == "request" else self.of("response", flow=request["flow"])[0]
        yield json.dumps([head.get("url"), head["headers"]]).encode()
        yield self.body(head["body"])
        for message in self.of("message", flow=request["flow"], from_client=direction == "request"):
            yield self.body(message["body"])

    def beside(self, name: str) -> list[dict[str, Any]]:
        """The lines of events.jsonl or answer-key.jsonl."""
        return [json.loads(line) for line in (self.folder / name).read_text("utf-8").splitlines()]
