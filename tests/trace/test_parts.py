"""Where a value may stand in an exchange: each part is traced, from the frames of a real capture."""

import base64
from pathlib import Path

import pytest
from mitmproxy import http

from captures import exchange, write_flows
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.ingest import sink

PROMPT = "May I record the meeting with Min-jun? plover-6612"
CODED = base64.b64encode(PROMPT.encode())


def traced(folder: Path, *flows: object) -> Case:
    case = Case.create(folder / "case")
    case.add_probe("prompt", PROMPT)
    ingest.place(case, write_flows(folder / "f.mitm", *flows))
    assert pipeline.ensure(case) == []
    return case


def test_every_part_is_traced(tmp_path: Path) -> None:
    """URL, header, cookie, body and trailer, of request and response."""
    one = exchange("https://a.test/x?q=" + CODED.decode(), CODED, [(b"x-q", CODED)], CODED)
    one.request.headers["cookie"] = "a=1; q=" + CODED.decode()
    one.response.headers["set-cookie"] = "q=" + CODED.decode() + "; Path=/"
    one.request.trailers = http.Headers([(b"x-sum", CODED)])
    one.response.trailers = http.Headers([(b"x-sum", CODED)])
    case = traced(tmp_path, one)
    told = set(zip(case.sightings["direction"], case.sightings["part"], strict=True))
    both = {(d, p) for d in ("request", "response") for p in ("cookie", "body", "trailer")}
    assert told == both | {("request", "url"), ("request", "header")}


def test_quiet_headers_hide_nothing_beside_them(tmp_path: Path) -> None:
    """Among many distinct header values, looked at in groups, the one that holds the prompt is found, with its name."""
    many = [(b"x-%d" % n, b"value-%d" % n) for n in range(150)]
    case = traced(tmp_path, exchange("https://a.test/", b"", [*many[:77], (b"x-q", CODED), *many[77:]]))
    assert case.sightings[["part", "path"]].to_numpy().tolist() == [["header", "x-q"]]


@pytest.mark.parametrize("at", [0, 99, 399])
def test_a_body_in_several_rows_is_traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """A long body is put together before it is looked at."""
    monkeypatch.setattr(sink, "BODY_BYTES", 120)
    body = bytearray(b"." * 500)
    body[at : at + len(PROMPT)] = PROMPT.encode()
    case = traced(tmp_path, exchange("https://a.test/", bytes(body)))
    assert case.sightings["raw_offset"].tolist() == [at]
