"""Bombs and broken formats in a capture: each is counted in the ledger, and what stands beside it is found."""

import base64
import gzip
import json
import random
from pathlib import Path

import pytest

from captures import exchange, write_flows
from promptrail import ingest, pipeline
from promptrail.case import Case

PROMPT = "May I record the meeting with Min-jun? plover-6612"
GZIP = [(b"content-encoding", b"gzip")]
HOSTILE: dict[str, tuple[bytes, list[tuple[bytes, bytes]], set[str]]] = {
    "a gzip bomb": (gzip.compress(bytes(200 << 20), 9), GZIP, {"limit"}),
    "bombs in one another": (gzip.compress(gzip.compress(bytes(150 << 20), 9), 9), GZIP, {"limit"}),
    "deep JSON": (b"[" * 100_000 + b'"x"' + b"]" * 100_000, [], set()),
    "much base64": (base64.b64encode(random.Random(1).randbytes(2_000_000)), [], {"binary", "limit"}),
    "a protobuf in itself": (b"\x0a\xff\xff\xff\xff\x0f" + b"\x0a\x7f" * 2000, [], {"binary"}),
    "no such charset": (
        b"\xff\xfe\xfd" * 200,
        [(b"content-type", b"text/plain; charset=klingon")],
        {"binary"},
    ),
    "half a gzip": (
        gzip.compress(json.dumps({"q": "x" * 5000}).encode())[:-20],
        GZIP,
        {"incomplete", "encoding"},
    ),
    "no such coding": (b"\x01\x02\x03" * 100, [(b"content-encoding", b"martian")], {"encoding"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_counted_and_the_rest_is_traced(tmp_path: Path, name: str) -> None:
    """The trace ends, the body is named in the ledger with its reason, the prompt in the next request is found."""
    body, headers, reasons = HOSTILE[name]
    bad = exchange("https://a.test/bad", b"x")
    for key, value in headers:
        bad.request.headers[key] = value
    bad.request.raw_content = body
    good = exchange("https://a.test/good", json.dumps({"q": PROMPT}).encode())
    case = Case.create(tmp_path / "case")
    case.add_probe("prompt", PROMPT)
    ingest.place(case, write_flows(tmp_path / "f.mitm", bad, good))
    pipeline.ensure(case)
    assert case.sightings.url.tolist() == ["https://a.test/good"]
    told = set(case.undecoded.reason)
    assert told & reasons or not reasons, told
