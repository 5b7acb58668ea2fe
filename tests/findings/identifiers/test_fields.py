"""Fields of messages: inside every layer, short ones too, and nothing that reached no server."""

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

from factories import Rows, compact
from promptrail.findings.identifiers.fields import LONGEST, Sent, messages

HOST = "ingest.brightmoor.test"


def read(folder: Path, body: bytes, **more: Any) -> dict[str, str]:
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", HOST, body, url=f"https://{HOST}/v1", **more)
    return {
        one.path: one.text
        for sent in messages(rows.write(folder), ["r1"])
        for one in sent.fields
        if one.outer
    }


HEADER = {"device_model": "SIM-8", "battery": 7, "dpi": 420, "charging": False, "zoom": 1.5, "none": None}
INNER = compact(HEADER)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (INNER, ""),
        (gzip.compress(compact([{"h": HEADER}]), mtime=0), "/0/h"),
        (compact({"p": base64.b64encode(INNER).decode()}), "/p > "),
        (compact({"p": INNER.decode()}), "/p > "),
    ],
)
def test_fields_are_read_in_every_layer(tmp_path: Path, body: bytes, path: str) -> None:
    """Text, short numbers, true and false, each under its path; null is no value."""
    found = read(tmp_path / "case", body)
    for name, text in (("device_model", "SIM-8"), ("battery", "7"), ("dpi", "420"), ("charging", "false")):
        assert found[f"{path}/{name}"] == text
    assert not any(name.endswith("/none") for name in found)


def test_a_number_is_told_once(tmp_path: Path) -> None:
    """Long numbers by the decoder, short ones here."""
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", HOST, compact({"a": 123, "b": 1234, "c": 12345, "d": True}))
    every = [one.path for sent in messages(rows.write(tmp_path / "case"), ["r1"]) for one in sent.fields]
    assert sorted(p for p in every if p in ("/a", "/b", "/c", "/d")) == ["/a", "/b", "/c", "/d"]


@pytest.mark.parametrize("body", [b'{"a": 12', b"\xff\xfe\x00{", b"[" * 5000, b""])
def test_broken_bodies_raise_nothing(tmp_path: Path, body: bytes) -> None:
    """Cut short, noise, nested too deep, empty."""
    assert isinstance(read(tmp_path / "case", body), dict)


def test_long_text_is_no_field(tmp_path: Path) -> None:
    """What is longer than a field is left to the prompts."""
    found = read(tmp_path / "case", compact({"long": "word " * LONGEST, "short": "word"}))
    assert "/short" in found and "/long" not in found


def test_what_reached_no_server_was_not_sent(tmp_path: Path) -> None:
    """A request for which no server was reached has no fields."""
    assert read(tmp_path / "case", INNER, status=None, dest_ip=None) == {}


def test_answers_are_told_apart(tmp_path: Path) -> None:
    """Each part says which way it went, and when."""
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", HOST, INNER, 3, response_headers=[(b"Set-Cookie", b"smid=421d7476d3b79830; Path=/")])
    sent: list[Sent] = list(messages(rows.write(tmp_path / "case"), ["r1"]))
    assert {(one.direction, one.part) for one in sent} >= {("request", "body"), ("response", "cookie")}
    assert [f.text for one in sent if one.part == "cookie" for f in one.fields] == ["421d7476d3b79830"]
